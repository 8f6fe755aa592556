// Start with the colour scheme that the browser prefers; remember the one that a user chooses.
const note = (name, dark, more) => {
  document.cookie = `${name}=${dark ? "dark" : "light"}; path=/; SameSite=Lax${more}`;
};

export function render({model, el, view}) {
  const start = () => {
    if (!model.settled) {
      const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
      note("csserv_prefers", dark, "");
      model.settled = true;
      model.dark = dark;
    }
    model.on("dark", () => note("csserv_paper", model.dark, "; max-age=31536000"));
    // panel-material-ui gives the bar that shows that the server works no name
    const page = el.getRootNode().host?.getRootNode() ?? document;
    for (const bar of page.querySelectorAll("[role=progressbar]:not([aria-label])"))
      bar.setAttribute("aria-label", model.busy);
  };
  // wait until all is drawn: what is drawn later takes its colours from the first part
  const whole = view.model.document;
  if (whole.is_idle) start();
  else {
    const once = () => { whole.idle.disconnect(once); start() };
    whole.idle.connect(once);
  }
  return document.createElement("span");
}

// Links to pages: a plain click changes the page in place, any other is left to the browser.
export function render({model}) {
  const nav = document.createElement("nav");
  nav.setAttribute("aria-label", model.label);
  nav.className = model.vertical ? "vertical" : "";
  for (const [name, title, icon] of model.rows) {
    const link = document.createElement("a");
    link.href = `?page=${name}`;
    link.dataset.name = name;
    const picture = document.createElement("span");
    picture.className = "icon";
    picture.ariaHidden = "true";
    picture.textContent = icon;
    link.append(picture, title);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (name !== model.current) link.classList.add("going");
      model.send_msg(name);
    });
    nav.append(link);
  }
  const mark = () => {
    for (const link of nav.children) {
      link.classList.remove("going");
      if (link.dataset.name === model.current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };
  mark();
  model.on("current", mark);
  return nav;
}

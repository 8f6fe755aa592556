// Tabs; the places that they show are found by their names, and shown without asking the server.
export function render({model, view}) {
  const bar = make("div", {role: "tablist", "aria-label": said("Kind of chart"), class: "tabs"});

  function choose(kind, focus) {
    const at = view.model.document;
    for (const [one, , name] of model.rows) {
      const place = at.get_model_by_name(name);
      if (place) place.visible = one == kind;
    }
    model.value = kind;
    if (focus) bar.querySelector(`[data-kind="${kind}"]`).focus();
  }

  function draw() {
    bar.replaceChildren(...model.rows.map(([kind, title]) => {
      const on = kind == model.value;
      const tab = make("button", {
        type: "button", role: "tab", "data-kind": kind, "aria-selected": on, tabindex: on ? "0" : "-1",
      }, title);
      tab.onclick = () => choose(kind, true);
      return tab;
    }));
  }

  bar.onkeydown = (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const kinds = model.rows.map(([kind]) => kind), at = kinds.indexOf(model.value);
    choose(kinds[(at + step + kinds.length) % kinds.length], true);
    event.preventDefault();
  };
  const again = () => {
    const had = bar.contains(bar.getRootNode().activeElement);
    draw();
    if (had) bar.querySelector('[aria-selected="true"]')?.focus();
  };
  model.on("rows", again);
  model.on("value", again);
  draw();
  return bar;
}

// Links to the steps of a page, with back and next. A step is shown by the attribute `data-step` of
// the page's parts, for style sheets; which one it is stays in the browser.
export function render({model, view}) {
  const whole = make("div"), links = make("nav", {"aria-label": said("Steps of the form"), class: "group"});
  const keys = model.names.map(([key]) => key);
  const ways = make("div", {class: "ways"});
  const back = make("button", {type: "button"}, said("Back")), next = make("button", {type: "button"}, said("Next"));

  function parts() {
    let one = view.parent;
    while (one && !one.el.classList.contains("steps")) one = one.parent;
    return one ? [one.el, ...one.child_views.map((child) => child.el)] : [];
  }

  function show() {
    const at = keys.indexOf(model.step);
    for (const part of parts()) part.dataset.step = model.step;
    for (const link of links.children)
      if (link.dataset.key == model.step) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    back.disabled = at == 0;
    next.hidden = at == keys.length - 1;
  }

  function go(key) {
    if (!key) return;
    model.step = key;
    show();
    parts()[0]?.scrollIntoView({block: "start"});
  }

  for (const [key, name] of model.names) {
    const link = make("button", {type: "button", "data-key": key}, name);
    link.onclick = () => go(key);
    links.append(link);
  }
  back.onclick = () => go(keys[keys.indexOf(model.step) - 1]);
  next.onclick = () => go(keys[keys.indexOf(model.step) + 1]);
  ways.append(back, next);
  whole.append(links, ways);
  model.on("step", show);
  show();
  return whole;
}

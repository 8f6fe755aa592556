// The first and the last day, and periods that are often asked for.
const make = (tag, attributes = {}) => Object.assign(document.createElement(tag), attributes);

export function render({model}) {
  const whole = make("div"), side = make("div", {className: "side"});
  const days = ["start", "end"].map((name) => {
    const field = make("label", {className: "field"}), day = make("input", {type: "date"});
    field.append(make("span", {textContent: name == "start" ? "From" : "To"}), day);
    day.onchange = () => { model[name] = day.value };
    side.append(field);
    return [name, day];
  });
  const show = () => {
    for (const [name, day] of days) {
      day.min = model.first;
      day.max = model.last;
      if (day.value != model[name]) day.value = model[name];
    }
  };
  const group = make("div", {className: "group presets"});
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Periods");
  for (const name of model.presets) {
    const button = make("button", {type: "button", textContent: name});
    button.onclick = () => model.send_msg(name);
    group.append(button);
  }
  for (const name of ["first", "last", "start", "end"]) model.on(name, show);
  show();
  whole.append(side, group);
  return whole;
}

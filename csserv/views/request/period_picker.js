// First and last day of a period, and buttons for common periods.
export function render({model}) {
  const whole = make("div"), side = make("div", {class: "side"});
  const days = ["start", "end"].map((name) => {
    const day = make("input", {type: "date"});
    day.onchange = () => { model[name] = day.value };
    side.append(field(name == "start" ? said("From") : said("To"), day));
    return [name, day];
  });
  const show = () => {
    for (const [name, day] of days) {
      day.min = model.first;
      day.max = model.last;
      if (day.value != model[name]) day.value = model[name];
    }
  };
  const group = make("div", {class: "group presets", role: "group", "aria-label": said("Periods")});
  const offer = () => group.replaceChildren(...model.presets.map(([name, title]) => {
    const button = make("button", {type: "button"}, title);
    button.onclick = () => model.send_msg(name);
    return button;
  }));
  for (const name of ["first", "last", "start", "end"]) model.on(name, show);
  model.on("presets", offer);
  show();
  offer();
  whole.append(side, group);
  return whole;
}

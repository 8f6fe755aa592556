// How far a task is: a bar, and in words.
export function render({model}) {
  const said = document.createElement("span"), bar = document.createElement("div");
  const fill = document.createElement("i");
  said.className = "reached";
  for (const [name, value] of [["role", "progressbar"], ["aria-label", "Progress of the task"],
    ["aria-valuemin", 0], ["aria-valuemax", 100]]) bar.setAttribute(name, value);
  bar.append(fill);
  const show = (percent, state, words) => {
    bar.className = `bar ${state}`;
    bar.setAttribute("aria-valuenow", percent);
    bar.hidden = state != "running" && state != "queued";
    fill.style.width = `${percent}%`;
    said.textContent = words;
  };
  const own = () => show(model.percent, model.state, model.said);
  for (const name of ["task", "percent", "state", "said"]) model.on(name, own);
  follow(model, (one) => { if (one.id == model.task) show(one.row[1], one.row[2], one.said) });
  own();
  const whole = document.createElement("div");
  whole.append(said, bar);
  return whole;
}

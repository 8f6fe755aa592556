// How far a task is: a bar, and in words.
export function render({model}) {
  const whole = make("div"), said = make("span", {class: "reached"});
  const {bar, show} = progressBar("Progress of the task");
  const tell = (percent, state, words) => {
    show(percent, state);
    bar.hidden = state != "running" && state != "queued";
    said.textContent = words;
  };
  const own = () => tell(model.percent, model.state, model.said);
  for (const name of ["task", "percent", "state", "said"]) model.on(name, own);
  follow(model, (one) => { if (one.id == model.task) tell(one.row[1], one.row[2], one.said) });
  own();
  whole.append(said, bar);
  return whole;
}

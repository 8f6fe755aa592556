// The progress of a task: a text and a bar.
export function render({model}) {
  const whole = make("div"), text = make("span", {class: "reached"});
  const {bar, show} = progressBar(said("Progress of the task"));
  const update = (percent, state, words) => {
    show(percent, state);
    bar.hidden = state != "running" && state != "queued";
    text.textContent = words;
  };
  const own = () => update(model.percent, model.state, model.progress_text);
  for (const name of ["task", "percent", "state", "progress_text"]) model.on(name, own);
  follow(model, (one) => { if (one.id == model.task) update(one.row[1], one.row[2], one.said) });
  own();
  whole.append(text, bar);
  return whole;
}

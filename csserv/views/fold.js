// Something below a title, that is unfolded by a tap on it.
export function render({model}) {
  const whole = document.createElement("details"), title = document.createElement("summary");
  title.textContent = model.title;
  whole.open = model.unfolded;
  whole.append(title, model.get_child("content"));
  whole.ontoggle = () => { model.unfolded = whole.open };
  model.on("unfolded", () => { whole.open = model.unfolded });
  return whole;
}

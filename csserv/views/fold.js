// Something below a title, that is unfolded by a tap on it.
export function render({model}) {
  const whole = make("details");
  whole.open = model.unfolded;
  whole.append(make("summary", {}, model.title), model.get_child("content"));
  whole.ontoggle = () => { model.unfolded = whole.open };
  model.on("unfolded", () => { whole.open = model.unfolded });
  return whole;
}

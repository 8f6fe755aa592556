// Something below a title, that is unfolded by a tap on it.
export function render({model, view}) {
  const whole = make("details"), title = make("summary", {}, model.title);
  whole.open = model.unfolded;
  whole.append(title, model.get_child("content") ?? "");
  whole.ontoggle = () => {
    view.holds = title.matches(":focus");
    model.unfolded = whole.open;
  };
  model.on("unfolded", () => { whole.open = model.unfolded });
  // it is drawn anew when its content comes
  if (view.holds) requestAnimationFrame(() => title.focus());
  return whole;
}

// Content that unfolds below a title, by a click on it.
export function render({model, view}) {
  const whole = make("details"), title = make("summary", {}, model.title);
  whole.open = model.unfolded;
  whole.append(title, model.get_child("content") ?? "");
  whole.ontoggle = () => {
    view.holds = title.matches(":focus");
    model.unfolded = whole.open;
  };
  model.on("unfolded", () => { whole.open = model.unfolded });
  // the whole is drawn anew when the content comes, so give the focus back
  if (view.holds) requestAnimationFrame(() => title.focus());
  return whole;
}

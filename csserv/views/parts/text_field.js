// A text field, whose value is sent when it is complete: by Enter, or when it loses the focus.
export function render({model}) {
  const text = make("input", {type: "text", placeholder: model.placeholder});
  // numbers and names of programs run from the left in each language
  if (/^[\x20-\x7e]+$/.test(model.placeholder)) text.dir = "ltr";
  const show = () => { text.value = model.value };
  text.onchange = () => { model.value = text.value };
  model.on("value", show);
  show();
  return helped(field(model.label, text), model.label, model.help);
}

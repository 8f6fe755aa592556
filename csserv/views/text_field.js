// A text that is told when it is complete: by Enter, or when one goes on to something else.
export function render({model}) {
  const field = document.createElement("label"), label = document.createElement("span");
  const text = document.createElement("input");
  field.className = "field";
  label.textContent = model.label;
  text.type = "text";
  text.placeholder = model.placeholder;
  text.onchange = () => { model.value = text.value };
  const show = () => { text.value = model.value };
  model.on("value", show);
  show();
  field.append(label, text);
  return field;
}

// One of a list.
export function render({model}) {
  const field = document.createElement("label"), label = document.createElement("span");
  const list = document.createElement("select");
  field.className = "field";
  const value = () => { list.value = model.value };
  const options = () => {
    label.textContent = model.label;
    list.replaceChildren(...model.rows.map(([title, one]) => new Option(title, one)));
    value();
  };
  list.onchange = () => { model.value = list.value };
  model.on("rows", options);
  model.on("value", value);
  options();
  field.append(label, list);
  return field;
}

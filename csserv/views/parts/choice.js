// A choice of one option.
export function render({model}) {
  const list = make("select");
  const value = () => { list.value = model.value };
  const options = () => {
    list.replaceChildren(...model.rows.map(([title, one]) => new Option(title, one)));
    value();
  };
  list.onchange = () => { model.value = list.value };
  model.on("rows", options);
  model.on("value", value);
  options();
  return helped(field(model.label, list), model.label, model.help);
}

// The bar above the map: what a tap chooses, whether zones are added, and zoom buttons.
export function render({model, view}) {
  const whole = make("div"), bar = make("div", {class: "bar"});
  const group = make("div", {class: "group", role: "group", "aria-label": said("What a tap chooses")});
  const hint = make("p"), note = make("p", {class: "note"}), label = make("label"), multiple = make("input", {type: "checkbox"});
  for (const [name, title] of model.modes) {
    const button = make("button", {type: "button", "data-name": name}, title);
    button.onclick = () => { model.mode = name };
    group.append(button);
  }
  const layer = make("select", {"aria-label": said("Regions to choose from")});
  for (const [id, title] of [["", said("Regions of countries")], ...model.layers])
    layer.append(make("option", {value: id}, title));
  layer.onchange = () => { model.layer = layer.value };
  multiple.onchange = () => { model.multiple = multiple.checked };
  label.append(multiple, said("Several zones"));
  bar.append(group, layer, label);
  for (const [title, sign, factor] of [[said("Zoom in"), "+", 0.5], [said("Zoom out"), "−", 2]]) {
    const button = make("button", {type: "button", "aria-label": title, class: "zoom", title}, sign);
    button.onclick = () => {
      const figure = view.model.document.get_model_by_name(model.figure);
      for (const range of [figure.x_range, figure.y_range]) {
        const middle = (range.start + range.end) / 2;
        const half = factor * (range.end - range.start) / 2;
        range.setv({start: middle - half, end: middle + half});
      }
    };
    bar.append(button);
  }
  const show = () => {
    for (const button of group.children)
      button.setAttribute("aria-pressed", button.dataset.name == model.mode);
    multiple.checked = model.multiple;
    layer.value = model.layer;
    layer.hidden = model.mode != "unit" || !model.layers.length;
    const own = model.mode == "unit" && model.layers.find(([id]) => id == model.layer);
    hint.textContent = own ? said("Tap a zone of {layer}.", {layer: own[1]})
      : model.modes.find(([name]) => name == model.mode)[2];
  };
  const explain = () => {
    note.replaceChildren();
    if (model.boxed) {
      const dashes = make("span", {class: "dashes", "aria-hidden": "true"});
      note.append(dashes, said("Dashed box: the extent of the dataset; outside it there are no data."), " ");
    }
    if (model.towns) note.append(said("Towns: GeoNames, CC BY 4.0."));
    note.hidden = !note.textContent;
  };
  model.on("boxed", explain);
  explain();
  model.on("mode", show);
  model.on("multiple", show);
  model.on("layer", show);
  show();
  whole.append(bar, hint, note);
  return whole;
}

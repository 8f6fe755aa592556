// Say a text in the language of the page, with values in place of the names in its braces. Texts
// are written in English here; a page has the others, a notebook none.
const said = (text, values = {}) => {
  let told = globalThis.csservSaid?.[text] ?? text;
  for (const [name, value] of Object.entries(values)) told = told.replaceAll(`{${name}}`, value);
  return told;
};

// Return a new element.
const make = (tag, attributes = {}, text = "") => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
};

// Return a field of a form: an input with its label above.
const field = (label, input) => {
  const made = make("label", {class: "field"});
  made.append(make("span", {}, label), input);
  return made;
};


// Return a field with a question mark that unfolds what it means; without help, the field.
const helped = (made, label, help) => {
  if (!help) return made;
  const whole = make("div", {class: "helped"}), told = make("p", {hidden: ""}, help);
  const ask = make("button", {
    type: "button", class: "help", "aria-expanded": "false", "aria-label": said("What is this?"),
    "aria-description": label,
  }, "?");
  ask.onclick = () => {
    told.hidden = !told.hidden;
    ask.setAttribute("aria-expanded", !told.hidden);
  };
  whole.append(made, ask, told);
  return whole;
};

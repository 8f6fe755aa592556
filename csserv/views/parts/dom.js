// Make an element.
const make = (tag, attributes = {}, text = "") => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
};

// Make a field of a form: what is filled in, with its label over it.
const field = (label, input) => {
  const made = make("label", {class: "field"});
  made.append(make("span", {}, label), input);
  return made;
};


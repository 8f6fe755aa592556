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


// Copy a text, or the address of this page. Browsers allow the clipboard to pages of https and of
// the machine itself only; elsewhere the text is copied from a field that is removed again.
const wanted = text || window.location.href;
const label = button.data.label;
const say = () => {
  if (label == done) return;
  button.data.label = done;
  setTimeout(() => { button.data.label = label }, 1500);
};
const old = () => {
  const field = document.createElement("textarea");
  field.value = wanted;
  document.body.append(field);
  field.select();
  if (document.execCommand("copy")) say();
  field.remove();
};
if (navigator.clipboard) navigator.clipboard.writeText(wanted).then(say, old);
else old();

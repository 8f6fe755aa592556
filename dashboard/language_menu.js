// A choice of language in the header: it is kept in a cookie, and the page loads anew in it.
export function render({model}) {
  const list = document.createElement("select");
  list.setAttribute("aria-label", model.label);
  for (const [code, name] of model.rows) {
    const option = new Option(name, code);
    option.lang = code;
    list.append(option);
  }
  list.value = model.current;
  list.onchange = () => {
    document.cookie = `${model.cookie}=${list.value}; path=/; max-age=31536000; SameSite=Lax`;
    const address = new URL(location.href);
    if (address.searchParams.has(model.parameter)) {
      address.searchParams.set(model.parameter, list.value);
      location.assign(address);
    } else location.reload();
  };
  return list;
}

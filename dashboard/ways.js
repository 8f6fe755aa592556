// Links to the pages: a plain click changes the page in place, any other is the browser's.
export function render({model}) {
  const nav = document.createElement("nav");
  nav.setAttribute("aria-label", model.upright ? "Pages in the drawer" : "Pages");
  nav.className = model.upright ? "upright" : "";
  for (const [name, title, icon] of model.rows) {
    const way = document.createElement("a");
    way.href = `?page=${name}`;
    way.dataset.name = name;
    const picture = document.createElement("span");
    picture.className = "icon";
    picture.ariaHidden = "true";
    picture.textContent = icon;
    way.append(picture, title);
    way.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (name !== model.current) way.classList.add("going");
      model.send_msg(name);
    });
    nav.append(way);
  }
  const mark = () => {
    for (const way of nav.children) {
      way.classList.remove("going");
      if (way.dataset.name === model.current) way.setAttribute("aria-current", "page");
      else way.removeAttribute("aria-current");
    }
  };
  mark();
  model.on("current", mark);
  return nav;
}

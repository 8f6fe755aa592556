// The address and the title of the tab. An entry is [search, number of pages opened so far]: a
// further page is a further entry of the browser's history, any other change replaces the last one.
export function render({model}) {
  let opened = model.entry[1], shown = location.search;
  const put = () => {
    const [search, count] = model.entry;
    const isNew = count > opened;
    opened = count;
    if (!search) return;
    const now = new URLSearchParams(location.search);
    let full = search;
    for (const kept of ["theme", "lang"])
      if (now.has(kept)) full += `&${kept}=${encodeURIComponent(now.get(kept))}`;
    if (full != location.search) history[isNew ? "pushState" : "replaceState"]({}, "", full);
    shown = location.search;
  };
  const name = () => { if (model.title) document.title = model.title };
  const back = () => {
    if (location.search == shown) return;  // it only went to another part of the page
    shown = location.search;
    model.send_msg(shown);
  };
  put();
  name();
  model.on("entry", put);
  model.on("title", name);
  window.addEventListener("popstate", back);
  model.on("remove", () => window.removeEventListener("popstate", back));
  return document.createElement("div");
}

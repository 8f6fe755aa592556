// Favourites: a list to use, rename and remove them, and a field to save what is on the page.
export function render({model}) {
  const MANY = 8;  // from so many on, there is a field to find one
  const WAIT = 5000;  // for an answer, before the same may be asked again [ms]
  const store = model.is_here ? browserStore(model.kind) : null;
  const whole = make("div"), list = make("ul"), none = make("p", {}, model.texts.none);
  const find = make("input", {type: "search"}), finding = field(said("Find"), find);
  const form = make("form"), name = make("input", {type: "text", maxlength: 60, autocomplete: "off"});
  const save = make("button", {type: "submit", class: "do"}, model.texts.save);
  const status = make("div", {role: "status"});
  const where = make("p", {}, model.is_here
    ? said("Kept in this browser only; whoever uses it sees them.")
    : said("Kept on the server, for you alone."));

  const titles = () => store ? store.titles() : model.titles;
  const ask = (act, rest = {}) => model.send_msg({act, taken: store ? titles() : [], ...rest});
  const tell = (severity, text) => { status.className = severity; status.textContent = text };
  const lasts = (title) => tell("warning", said(
    "This browser keeps nothing more for this page: its storage is blocked or full. {title} lasts until the page is closed; what was saved before is as it was.",
    {title}));

  function use(title) {
    if (!store) return ask("use", {title});
    const found = store.find(title);
    if (found) ask("use", {title, ...found});
    else { tell("warning", said("{title} is not there any more, or cannot be read.", {title})); draw(); }
  }

  function remove(title) {
    if (store) {
      store.remove(title);
      draw();
      tell("success", said("{title} is removed.", {title}));
    } else ask("remove", {title});
    name.focus();
  }

  // A row as it is, as a field for another name, or as the question whether to remove it.
  const small = (label, sign, clicked) => {
    const button = make("button", {type: "button", class: "small", "aria-label": label, title: label}, sign);
    button.onclick = clicked;
    return button;
  };
  const plain = (text, clicked, type = "button") => {
    const button = make("button", {type, class: "do"}, text);
    if (clicked) button.onclick = clicked;
    return button;
  };

  function show(row, title, focus) {
    const button = make("button", {type: "button", class: "use"}, title);
    button.onclick = () => use(title);
    const marks = store?.lastsAsPage(title) ? [make("span", {class: "brief"}, said("until the page is closed"))] : [];
    row.replaceChildren(button, ...marks,
      small(said("Rename {title}", {title}), "✎", () => rename(row, title)),
      small(said("Remove {title}", {title}), "✕", () => doubt(row, title)));
    if (focus) button.focus();
  }

  function rename(row, title) {
    const other = make("input", {type: "text", maxlength: 60, "aria-label": said("New name of {title}", {title})});
    const own = make("form");
    other.value = title;
    own.onsubmit = (event) => {
      event.preventDefault();
      ask("rename", {title, to: other.value});
    };
    own.onkeydown = (event) => { if (event.key == "Escape") show(row, title, true) };
    own.append(other, plain(said("Rename"), null, "submit"), plain(said("Cancel"), () => show(row, title, true)));
    row.replaceChildren(own);
    other.select();
    other.focus();
  }

  function doubt(row, title) {
    const no = plain(said("Keep"), () => show(row, title, true));
    row.replaceChildren(make("span", {class: "use"}, said("Remove {title}?", {title})),
      plain(said("Remove"), () => remove(title)), no);
    no.focus();
  }

  function draw() {
    const all = titles(), sought = find.value.trim().toLocaleLowerCase();
    const seen = all.filter((title) => title.toLocaleLowerCase().includes(sought));
    list.replaceChildren(...seen.map((title) => {
      const row = make("li");
      show(row, title);
      return row;
    }));
    none.hidden = all.length > 0;
    finding.hidden = all.length < MANY;
  }

  const heard = (data) => {
    asked = 0;
    if (data.do == "put") {
      if (store.titles().includes(data.title))  // another tab was quicker
        return tell("warning", said("{title} was saved by another tab meanwhile: choose another name.", {title: data.title}));
      const isKept = store.put(data.title, data.query, data.shape);
      draw();
      name.value = "";
      if (isKept) tell("success", said("{title} is saved.", {title: data.title}));
      else lasts(data.title);
    } else if (data.do == "rename") {
      const isKept = store.rename(data.title, data.to);
      draw();
      if (isKept === null) tell("warning", said("{title} is not there any more, or cannot be read.", {title: data.title}));
      else if (isKept) tell("success", said("{title} is now called {name}.", {title: data.title, name: data.to}));
      else lasts(data.to);
    } else if (data.do == "tell") {
      tell(data.severity, data.text);
      if (data.done) name.value = "";
    }
  };

  // a second click before the answer has come would find the name taken
  let asked = 0;
  form.onsubmit = (event) => {
    event.preventDefault();
    if (Date.now() - asked < WAIT) return;
    asked = Date.now();
    ask("save", {title: name.value});
  };
  find.oninput = draw;
  form.append(field(model.texts.name, name), save);
  whole.append(finding, list, none, form, status, where);
  const changed = (event) => { if (event.key === null || event.key.startsWith(store.start)) draw() };
  const seenAgain = () => { if (document.visibilityState == "visible") model.send_msg({act: "look"}) };
  if (store) window.addEventListener("storage", changed);
  else {
    document.addEventListener("visibilitychange", seenAgain);
    seenAgain();
  }
  model.on("remove", () => {
    window.removeEventListener("storage", changed);
    document.removeEventListener("visibilitychange", seenAgain);
  });
  model.on("titles", draw);
  model.on("msg:custom", heard);
  draw();
  return whole;
}

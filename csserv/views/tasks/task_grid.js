// A table of tasks. A row is [id, percent, value of each column …]; see task_rows.py.
export function render({model}) {
  const table = make("table"), head = make("thead"), body = make("tbody");
  table.append(make("caption", {}, said("Tasks")), head, body);
  const all = make("input", {type: "checkbox", "aria-label": said("Mark all tasks on this page")});
  const states = {
    queued: said("queued"), running: said("running"), succeeded: said("succeeded"),
    failed: said("failed"), cancelled: said("cancelled"),
  };
  const zone = model.columns.findIndex(([name]) => name == "zone") + 2;
  const known = new Map();  // id → row element and its cells

  const pick = (id, on) => {
    const others = model.selected.filter((one) => one != id);
    model.selected = on ? [...others, id] : others;
  };

  // the clicked task is shown above the table
  const toTop = () => {
    for (let at = table; at; at = at.parentNode ?? at.host)
      if (at.scrollTop > 0) at.scrollTo({top: 0, behavior: "smooth"});
  };

  function drawHead() {
    const line = make("tr"), corner = make("th", {scope: "col", class: "pick"});
    corner.append(all);
    line.append(corner);
    for (const [name, title] of model.columns) {
      const by = model.order.replace("-", "") == name, down = model.order.startsWith("-");
      const cell = make("th", {
        scope: "col", class: name, "aria-sort": !by ? "none" : down ? "descending" : "ascending",
      });
      const button = make("button", {type: "button"}, title);
      button.append(make("span", {"aria-hidden": "true"}, by ? (down ? " ▾" : " ▴") : ""));
      button.onclick = () => { model.order = by && !down ? "-" + name : name };
      cell.append(button);
      line.append(cell);
    }
    head.replaceChildren(line);
  }

  function newRow(id) {
    const line = make("tr"), mark = make("td", {class: "pick"});
    const box = make("input", {type: "checkbox"});
    box.onchange = () => pick(id, box.checked);
    mark.append(box);
    line.append(mark);
    const cells = model.columns.map(([name, title]) => {
      const cell = make("td", {class: name, "data-title": title});
      line.append(cell);
      return cell;
    });
    const state = make("span"), reached = make("span", {class: "said"});
    const {bar, show} = progressBar("");
    const open = make("button", {type: "button", class: "open"});
    cells[0].append(state);
    cells[1].append(bar, reached);
    cells[zone - 2].append(open);
    line.onclick = (event) => {
      if (event.target.closest(".pick")) return;
      if (model.clicked == id) model.clicked = "";  // so that a second click on a row is noticed
      model.clicked = id;
      toTop();
    };
    return {line, cells, box, state, bar, show, reached, open};
  }

  function fillRow(one, [id, percent, ...values]) {
    const name = said("{what} of {dataset}, {area}", {
      what: values[4], dataset: values[3], area: values[zone - 2],
    });
    one.box.setAttribute("aria-label", said("Mark {task}", {task: name}));
    one.state.textContent = states[values[0]] ?? values[0];
    one.state.className = `state ${values[0]}`;
    one.show(percent, values[0]);
    one.bar.setAttribute("aria-label", said("Progress of {task}", {task: name}));
    one.reached.textContent = values[1];
    one.open.textContent = values[zone - 2];
    for (let i = 2; i < values.length; i++)
      if (i != zone - 2 && one.cells[i].textContent != values[i]) one.cells[i].textContent = values[i];
  }

  function marks() {
    const picked = new Set(model.selected), ids = model.rows.map(([id]) => id);
    for (const [id, one] of known) {
      one.box.checked = picked.has(id);
      one.line.classList.toggle("chosen", id == model.clicked);
      if (id == model.clicked) one.line.setAttribute("aria-current", "true");
      else one.line.removeAttribute("aria-current");
    }
    all.checked = ids.length > 0 && ids.every((id) => picked.has(id));
    all.disabled = !ids.length;
  }

  // a row that is replaced between press and release gets no click
  let pressed = false, waiting = false;
  const release = () => setTimeout(() => {
    pressed = false;
    if (waiting) drawBody();
  });
  table.addEventListener("pointerdown", () => {
    pressed = true;
    for (const end of ["pointerup", "pointercancel"])
      window.addEventListener(end, release, {once: true});
  });

  function drawBody() {
    waiting = pressed;
    if (pressed) return;
    const ids = model.rows.map(([id]) => id);
    for (const id of [...known.keys()]) if (!ids.includes(id)) known.delete(id);
    for (const row of model.rows) {
      if (!known.has(row[0])) known.set(row[0], newRow(row[0]));
      fillRow(known.get(row[0]), row);
    }
    const wanted = ids.map((id) => known.get(id).line);
    const same = wanted.length == body.children.length &&
      wanted.every((line, i) => line === body.children[i]);
    if (!same || !ids.length) {
      const none = make("tr", {class: "none"});
      none.append(make("td", {colspan: model.columns.length + 1}, model.empty));
      body.replaceChildren(...(wanted.length ? wanted : [none]));
    }
    marks();
  }

  all.onchange = () => { model.selected = all.checked ? model.rows.map(([id]) => id) : [] };
  follow(model, ({id, row}) => { if (known.has(id)) fillRow(known.get(id), row) });
  model.on("rows", drawBody);
  model.on("empty", drawBody);
  model.on("order", drawHead);
  model.on("selected", marks);
  model.on("clicked", marks);
  drawHead();
  drawBody();
  return table;
}

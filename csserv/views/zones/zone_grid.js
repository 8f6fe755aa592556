// A table of zones, of which only the rows in sight are in the page: all have the same height.
const ROW = 38, BEYOND = 8;
const MOST_ON_PAPER = 100;  // rows that are printed; of more, those in sight
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// Writes the numbers of a column; to make what writes them takes longer than to write.
const writer = (decimals, signed) => {
  const made = new Intl.NumberFormat(said("en-US"), {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals,
    signDisplay: signed ? "exceptZero" : "auto",
  });
  return (value) => value == null ? said("no data") : made.format(value);
};

// The small line of a text of heights; gaps where there is a space.
const spark = (text) => {
  const wide = 84, high = 22, last = Math.max(text.length - 1, 1);
  const runs = [];
  let open = false;
  [...text].forEach((letter, i) => {
    if (letter == " ") { open = false; return }
    const y = high - 2 - parseInt(letter, 36) / 35 * (high - 4), x = 1 + i / last * (wide - 2);
    runs.push(`${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}${open ? "" : "h.1"}`);
    open = true;
  });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${wide} ${high}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", runs.join(""));
  svg.append(path);
  return svg;
};

export function render({model}) {
  const root = make("div", {class: "grid"}), told = make("p", {role: "status"}), left = make("p", {class: "left"});
  const search = make("input", {type: "search", placeholder: said("part of a name")});
  const box = make("div", {class: "box", tabindex: "0", role: "region", "aria-label": said("Table of the zones")});
  const table = make("table"), head = make("thead"), body = make("tbody");
  const above = make("tr", {class: "gap"}), below = make("tr", {class: "gap"});
  table.append(make("caption", {}, said("Zones")), head, body);
  box.append(table);
  root.append(field(said("Search zones"), search), box, told, left);
  let order = 0, down = false, rows = [];  // order: 0 is the name, n the nth column
  let writers = [], drawn = new Map();  // zone → its row, of those in sight
  let onPaper = false;

  const keys = model.names.map(plain);
  const compare = (a, b) => {
    if (!order) return keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b;
    const [x, y] = [a, b].map((i) => model.columns[order - 1][3][i]);
    return x - y || a - b;
  };

  function arrange() {
    const wanted = plain(search.value.trim());
    const found = keys.flatMap((key, i) => key.includes(wanted) ? [i] : []);
    const lacks = (i) => order && model.columns[order - 1][3][i] == null;
    const known = found.filter((i) => !lacks(i)).sort(compare);  // those without numbers stay last
    rows = [...(down ? known.reverse() : known), ...found.filter(lacks)];
    const all = model.names.length.toLocaleString(said("en-US"));
    told.textContent = rows.length == model.names.length ? said("{count} zones", {count: all})
      : said("{count} of {all} zones", {count: rows.length.toLocaleString(said("en-US")), all});
    table.setAttribute("aria-rowcount", rows.length + 1);
  }

  function drawHead() {
    const line = make("tr"), pick = make("th", {scope: "col", class: "pick"});
    pick.append(make("span", {class: "hidden"}, said("In the chart")));
    line.append(pick);
    [said("Zone"), ...model.columns.map(([title]) => title)].forEach((title, n) => {
      const sorted = n != order ? "none" : down ? "descending" : "ascending";
      const cell = make("th", {scope: "col", "aria-sort": sorted});
      const button = make("button", {type: "button"}, title);
      button.append(make("span", {"aria-hidden": "true"}, n == order ? (down ? " ▾" : " ▴") : ""));
      button.onclick = () => {
        // of numbers, the highest are wanted first
        [down, order] = n == order ? [!down, n] : [n > 0, n];
        box.scrollTop = 0;
        draw();
        head.querySelectorAll("button")[n].focus();
      };
      cell.append(button);
      line.append(cell);
    });
    line.append(make("th", {scope: "col", class: "course"}, said("Course")));
    head.replaceChildren(line);
  }

  function pick(zone, adds) {
    const others = model.marked.filter((one) => one != zone);
    if (!adds) model.marked = [zone];
    else if (others.length < model.marked.length) model.marked = others.length ? others : [zone];
    else model.marked = [...others.slice(-(model.most - 1)), zone];
  }

  function newRow(zone, place) {
    const line = make("tr", {"aria-rowindex": place + 2});
    const on = model.marked.includes(zone), cell = make("td", {class: "pick"});
    const tick = make("input", {type: "checkbox", "aria-label": said("{zone} in the chart", {zone: model.names[zone]})});
    tick.checked = on;
    tick.onchange = () => { pick(zone, true); redraw() };
    cell.append(tick);
    const name = make("th", {scope: "row"}), button = make("button", {type: "button"}, model.names[zone]);
    button.title = model.names[zone];
    name.append(button);
    line.append(cell, name);
    model.columns.forEach(([, , , numbers], n) => {
      line.append(make("td", {}, writers[n](numbers[zone])));
    });
    const course = make("td", {class: "course"});
    course.append(spark(model.sparks[zone]));
    line.append(course);
    line.classList.toggle("marked", on);
    if (on) line.setAttribute("aria-current", "true");
    line.onclick = (event) => {
      if (!event.target.closest(".pick")) pick(zone, event.ctrlKey || event.metaKey || event.shiftKey);
    };
    line.dataset.zone = zone;
    return line;
  }

  function drawBody() {
    const whole = onPaper && rows.length <= MOST_ON_PAPER;
    const first = whole ? 0 : Math.max(0, Math.floor(box.scrollTop / ROW) - BEYOND);
    const seen = Math.ceil((box.clientHeight || 400) / ROW) + 2 * BEYOND;
    const last = Math.min(rows.length, whole ? rows.length : first + seen);
    const focused = root.getRootNode().activeElement?.closest?.("tr")?.dataset.zone;
    const kind = root.getRootNode().activeElement?.tagName;
    above.style.height = onPaper ? 0 : `${first * ROW}px`;
    below.style.height = onPaper ? 0 : `${(rows.length - last) * ROW}px`;
    left.textContent = last - first == rows.length ? ""
      : said("Printed: {shown} of {count} zones; CSV and XLSX have all.", {shown: last - first, count: rows.length});
    const kept = drawn;
    drawn = new Map(rows.slice(first, last).map((zone, i) => [zone, kept.get(zone) ?? newRow(zone, first + i)]));
    body.replaceChildren(above, ...drawn.values(), below);
    if (focused != null) body.querySelector(`tr[data-zone="${focused}"] ${kind}`)?.focus({preventScroll: true});
  }

  function redraw() {
    drawn = new Map();
    drawBody();
  }

  function draw() {
    writers = model.columns.map(([, decimals, signed]) => writer(decimals, signed));
    if (order > model.columns.length) order = 0;
    arrange();
    drawHead();
    redraw();
  }

  // show the zone that was marked elsewhere
  function follow() {
    const place = rows.indexOf(model.marked[0]), top = place * ROW;
    if (place >= 0 && (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 3 * ROW))
      box.scrollTop = Math.max(0, top - box.clientHeight / 3);
    redraw();
  }

  // before the page makes boxes as high as what is in them
  let scrolled = 0;
  const print = () => { scrolled = box.scrollTop; onPaper = true; drawBody() };
  const printed = () => { onPaper = false; drawBody(); box.scrollTop = scrolled };
  addEventListener("beforeprint", print, {capture: true});
  addEventListener("afterprint", printed);
  model.on("remove", () => {
    removeEventListener("beforeprint", print, {capture: true});
    removeEventListener("afterprint", printed);
  });

  let waiting = 0;
  box.onscroll = () => { waiting ||= requestAnimationFrame(() => { waiting = 0; drawBody() }) };
  search.oninput = () => { box.scrollTop = 0; arrange(); redraw() };
  new ResizeObserver(() => drawBody()).observe(box);
  model.on("columns", draw);
  model.on("marked", follow);
  draw();
  return root;
}

// Land, and lakes, rivers and names for what is seen of the map. `f` figure, `address` source of the
// addresses of their files, `ground` range of the scale bar, `chosen` source of all names of zones,
// `labels` source of names that stand there already, `halos` what is drawn around names; `land`, `lakes`, `rivers`, `towns`, `countries`, `named_lakes`,
// `zones` sources of what is fetched and picked.
const EARTH = 6378137;  // [m]
const MOST = 50;  // names of towns
const ROOM = [16, 8];  // between names, to the sides, above and below [pixels]
// metres of a pixel down to which towns up to a rank are named
const RANKS = [15000, 5000, 2000, 900, 350];
const kept = f._places ??= {};

look();

async function look() {
  for (const one of halos) one.visible = true;  // they are not drawn while the map moves
  const middle = (f.y_range.start + f.y_range.end) / 2;
  ground.setv({start: 0, end: (f.x_range.end - f.x_range.start) / Math.cosh(middle / EARTH)});
  await Promise.all([
    fetched("land", (columns) => { land.data = kept.land = columns }),
    fetched("places", (places) => { kept.places = read(places) }),
  ]);
  let width = 0;
  try { width = f.inner_width } catch { return }  // not visible yet
  if (width > 10) pick((f.x_range.end - f.x_range.start) / width);
}

// Fetch a file once; what failed is asked again when the map is moved.
async function fetched(name, take) {
  const url = address.data[name][0];
  if (!url || kept[name]) return;
  kept[`${name}_asked`] ??= fetch(url).then((answer) => {
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.json();
  }).then(take).catch(() => {});
  await kept[`${name}_asked`];
  kept[`${name}_asked`] = undefined;
}

function pick(metres) {
  const zoom = Math.log2(2 * Math.PI * EARTH / 256 / metres);
  const seen = view(0.25);
  if (kept.places) {
    for (const [name, source] of [["lakes", lakes], ["rivers", rivers]]) {
      const found = kept.places[name].filter((one) => one.zoom <= zoom + 0.5 && touches(one, seen));
      set(source, found.map((one) => one.id).join(), () =>
        ({xs: found.map((one) => one.xs), ys: found.map((one) => one.ys)}));
    }
  }
  const taken = [];
  const {x, y, text} = labels.data;
  text.forEach((one, i) => {
    const wide = width_of(one, "");
    put(x[i] / metres - wide / 2, y[i] / metres, wide, taken);
  });
  name_zones(metres, taken);
  name_areas(countries, named_countries(seen), metres, taken, "");
  const waters = (kept.places?.lakes ?? []).filter((one) => one.zoom <= zoom && touches(one, seen));
  name_areas(named_lakes, waters.map((one) => one.place ??= widest(one)), metres, taken, "italic");
  name_towns(metres, taken);
}

function name_zones(metres, taken) {
  const {x, y, up, room, name} = chosen.data;
  const found = [];
  for (let i = 0; i < name.length; i++) {
    const wide = width_of(name[i], "bold");
    if (up[i] == 0 && wide > room[i] / metres) continue;
    if (put(x[i] / metres - wide / 2, y[i] / metres - up[i], wide, taken)) found.push(i);
  }
  const of = (column) => found.map((i) => column[i]);
  set(zones, `${found} ${name}`, () => ({x: of(x), y: of(y), up: of(up), name: of(name)}));
}

// Countries in capitals, as their towns have small letters; chosen ones have their names already.
function named_countries([x0, x1, y0, y1]) {
  const {x, y, room, name} = kept.land ?? land.data, found = [];
  for (let i = 0; i < x.length; i++)
    if (x[i] > x0 && x[i] < x1 && y[i] > y0 && y[i] < y1 && !chosen.data.name.includes(name[i]))
      found.push({x: x[i], y: y[i], room: room[i], name: name[i].toLocaleUpperCase()});
  return found;
}

// Name what has room for its name.
function name_areas(source, areas, metres, taken, style) {
  const found = areas.filter((one) => {
    const wide = width_of(one.name, style);
    return wide <= one.room / metres && put(one.x / metres - wide / 2, one.y / metres, wide, taken);
  });
  const of = (column) => found.map((one) => one[column]);
  set(source, of("name").join(), () => ({x: of("x"), y: of("y"), name: of("name")}));
}

// Where the name of a lake stands: in the middle of the widest of some lines across it.
function widest({name, xs, ys}) {
  const best = {x: 0, y: 0, room: 0, name};
  xs.forEach((rings, i) => {
    const all = ys[i][0], south = Math.min(...all), north = Math.max(...all);
    for (let part = 1; part < 16; part++) {
      const y = south + (north - south) * part / 16, cuts = [];
      rings.forEach((xr, j) => {
        const yr = ys[i][j];
        for (let k = 0; k < xr.length; k++) {
          const l = (k + 1) % xr.length;
          if ((yr[k] > y) != (yr[l] > y)) cuts.push(xr[k] + (y - yr[k]) / (yr[l] - yr[k]) * (xr[l] - xr[k]));
        }
      });
      cuts.sort((a, b) => a - b);
      for (let k = 0; k + 1 < cuts.length; k += 2)
        if (cuts[k + 1] - cuts[k] > best.room)
          Object.assign(best, {x: (cuts[k] + cuts[k + 1]) / 2, y, room: cuts[k + 1] - cuts[k]});
    }
  });
  return best;
}

function name_towns(metres, taken) {
  if (!kept.places) return;
  const all = kept.places.towns, found = [];
  const most = RANKS.filter((least) => metres < least).length;
  const [x0, x1, y0, y1] = view(0.2);
  for (let i = 0; i < all.name.length && found.length < MOST; i++) {
    const x = all.x[i], y = all.y[i];
    if (all.rank[i] > most || x < x0 || x > x1 || y < y0 || y > y1) continue;
    const wide = 8 + width_of(all.name[i], "");
    if (put(x / metres - 3, y / metres, wide, taken)) found.push(i);
  }
  const of = (column) => found.map((i) => column[i]);
  set(towns, found.join(), () => ({x: of(all.x), y: of(all.y), name: of(all.name),
    size: found.map((i) => all.capital[i] ? 7 : 4)}));
}

// Take the place of a name, unless another is there; in pixels, up is more.
function put(left, up, wide, taken) {
  const box = [left - ROOM[0] / 2, left + wide + ROOM[0] / 2, up - 8 - ROOM[1] / 2, up + 8 + ROOM[1] / 2];
  const free = taken.every(([a, b, c, d]) => box[0] > b || box[1] < a || box[2] > d || box[3] < c);
  if (free) taken.push(box);
  return free;
}

function width_of(text, weight) {
  kept.pen ??= document.createElement("canvas").getContext("2d");
  kept.pen.font = `${weight} 12px helvetica, sans-serif`;
  return kept.pen.measureText(text).width;
}

// Draw anew only where something else is picked than before.
function set(source, key, data) {
  kept.keys ??= new Map();
  if (kept.keys.get(source.id) === key) return;
  kept.keys.set(source.id, key);
  source.data = data();
}

// What is seen, with a part of it more to each side [m].
function view(more) {
  const {x_range: {start: x0, end: x1}, y_range: {start: y0, end: y1}} = f;
  const [dx, dy] = [more * (x1 - x0), more * (y1 - y0)];
  return [x0 - dx, x1 + dx, y0 - dy, y1 + dy];
}

function touches({box: [a, b, c, d]}, [x0, x1, y0, y1]) {
  return a <= x1 && b >= x0 && c <= y1 && d >= y0;
}

// The places of the file in metres: it has hundredths of degrees, in lines the steps between them.
function read({lakes, rivers, towns}) {
  const east = (lon) => lon / 18000 * Math.PI * EARTH;
  const north = (lat) => EARTH * Math.asinh(Math.tan(lat / 18000 * Math.PI));
  const line = (steps) => {
    const xs = [], ys = [];
    for (let i = 0, lon = 0, lat = 0; i < steps.length; i += 2) {
      xs.push(east(lon += steps[i]));
      ys.push(north(lat += steps[i + 1]));
    }
    return [xs, ys];
  };
  const end = (pick, lists, one) => lists.reduce((best, list) => list.reduce((a, b) => pick(a, b), best), one);
  const box = (xs, ys) => [end(Math.min, xs, Infinity), end(Math.max, xs, -Infinity),
    end(Math.min, ys, Infinity), end(Math.max, ys, -Infinity)];
  const of_lakes = lakes.shape.map((polygons, i) => {
    const rings = polygons.map((polygon) => polygon.map(line));
    const xs = rings.map((one) => one.map(([x]) => x)), ys = rings.map((one) => one.map(([, y]) => y));
    return {id: i, name: lakes.name[i], zoom: lakes.zoom[i], xs, ys, box: box(xs.flat(), ys.flat())};
  });
  const of_rivers = rivers.shape.flatMap((lines, i) => lines.map((steps, part) => {
    const [xs, ys] = line(steps);
    return {id: `${i}.${part}`, zoom: rivers.zoom[i], xs, ys, box: box([xs], [ys])};
  }));
  return {lakes: of_lakes, rivers: of_rivers,
    towns: {...towns, x: towns.lon.map(east), y: towns.lat.map(north)}};
}

// Write the names of the zones whose outline has room for them, once the map stands still.
clearTimeout(f._naming);
f._naming = setTimeout(() => {
  const {start, end} = f.x_range, pixel = (end - start) / f.inner_width;
  const {label_x, label_y, room, name} = zones.data, x = [], y = [], text = [];
  for (let i = 0; i < name.length && text.length < 120; i++) {
    const inside = label_x[i] > start && label_x[i] < end &&
      label_y[i] > f.y_range.start && label_y[i] < f.y_range.end;
    if (inside && name[i].length * 6.3 * pixel < room[i]) {
      x.push(label_x[i]); y.push(label_y[i]); text.push(name[i]);
    }
  }
  if (dots.data.name.length <= 60)
    dots.data.name.forEach((one, i) => {
      x.push(dots.data.x[i]); y.push(dots.data.y[i] + 15 * pixel); text.push(one);
    });
  names.data = {x, y, text};
}, 120);

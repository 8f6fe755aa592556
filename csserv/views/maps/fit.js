// Keep the scale the same in both directions when the map changes its size, and when the server
// zooms to a place: bokeh's match_aspect ignores ranges that were set.
let w = 0, h = 0;
try { [w, h] = [f.inner_width, f.inner_height] } catch { f._placed = false }  // not visible yet
if (w > 10 && h > 10) {
  const asked = cb_obj === place;
  const [x0, x1, y0, y1] = asked || !f._placed
    ? [place.data.x0[0], place.data.x1[0], place.data.y0[0], place.data.y1[0]]
    : [f.x_range.start, f.x_range.end, f.y_range.start, f.y_range.end];
  f._placed = true;
  const most = Math.min(4.2e7 / w, 2.9e7 / h);
  const metres = Math.min(Math.max((x1 - x0) / w, (y1 - y0) / h), most);
  const x = (x0 + x1) / 2, y = (y0 + y1) / 2;
  f.x_range.setv({start: x - metres * w / 2, end: x + metres * w / 2});
  f.y_range.setv({start: y - metres * h / 2, end: y + metres * h / 2});
}

// Drawing on the map: vertices by clicks, boxes by dragging, one message to the server for each
// finished shape. `f` figure, `mode` source of the mode, `sketch` source of the vertices so far,
// `rubber_band` source of the dashed line to the pointer, `drawn` source that the server watches.
const kind = mode.data.mode[0], event = cb_obj.event_name;
const V = {x: [...sketch.data.x], y: [...sketch.data.y]};
const metres = (f.x_range.end - f.x_range.start) / f.inner_width;  // a pixel
const finger = window.matchMedia("(pointer: coarse)").matches ? 24 : 12;  // pixels
function show(x, y) { sketch.data = {x, y} }
function finish(x, y, what) {
  show([], []);
  rubber_band.data = {x: [], y: []};
  drawn.data = {kind: [what], x: [x], y: [y], metres: [metres]};
}
if (kind == "polygon") {
  // bokeh calls two clicks within 300 ms a doubletap wherever they are, so compare places here
  if (event == "tap" || event == "doubletap") {
    const last = V.x.length - 1, now = Date.now();
    const near = (i) => Math.hypot(cb_obj.x - V.x[i], cb_obj.y - V.y[i]) < finger * metres;
    const again = last >= 0 && near(last) && now - (f._drawn_at || 0) < 500;
    f._drawn_at = now;
    if (last >= 2 && (again || near(0))) finish(V.x, V.y, "polygon");
    else if (!(last >= 0 && near(last))) {
      V.x.push(cb_obj.x); V.y.push(cb_obj.y);
      show(V.x, V.y);
    }
  } else if (event == "mousemove" && V.x.length) {
    const end = V.x.length - 1;
    rubber_band.data = {x: [V.x[end], cb_obj.x, V.x[0]], y: [V.y[end], cb_obj.y, V.y[0]]};
  }
} else if (kind == "box") {
  if (event == "panstart") show([cb_obj.x], [cb_obj.y]);
  else if ((event == "pan" || event == "panend") && V.x.length) {
    const x = [V.x[0], cb_obj.x, cb_obj.x, V.x[0]], y = [V.y[0], V.y[0], cb_obj.y, cb_obj.y];
    if (event == "pan") rubber_band.data = {x: [...x, x[0]], y: [...y, y[0]]};
    else finish(x, y, "box");
  }
} else if (event == "tap") finish([cb_obj.x], [cb_obj.y], kind);

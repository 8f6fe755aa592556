// Show the position of the pointer [degrees].
const lon = cb_obj.x / 6378137 * 180 / Math.PI;
const lat = (2 * Math.atan(Math.exp(cb_obj.y / 6378137)) - Math.PI / 2) * 180 / Math.PI;
const turn = ((lon + 180) % 360 + 360) % 360 - 180;
const digits = (f.x_range.end - f.x_range.start) / f.inner_width > 2000 ? 1 : 3;
const east = Math.abs(turn).toFixed(digits) + "\u00b0 " + (turn < 0 ? sides.W : sides.E);
const north = Math.abs(lat).toFixed(digits) + "\u00b0 " + (lat < 0 ? sides.S : sides.N);
label.text = cb_obj.event_name == "mouseleave" ? "" : " " + east + "  " + north + " ";

// Dates as a language writes them: labels of a time axis, and what stands under the pointer.
// bokeh's own formatters know English names alone.
const HOUR = 3600e3, DAY = 24 * HOUR;

function two(number) {
  return String(number).padStart(2, "0");
}

function written(pattern, known, day, month, year) {
  const parts = {
    d: day, dd: two(day), M: month, MM: two(month), y: year,
    MMM: known.short[month - 1], MMMM: known.wide[month - 1], LLLL: known.alone[month - 1],
  };
  return pattern.replace(/%\((\w+)\)s/g, (all, field) => String(parts[field]));
}

// an Arabic label runs from right to left also where the chart around it does not
function turned(text, from_right) {
  return from_right ? text.split("\n").map((line) => `\u200f${line}\u200f`).join("\n") : text;
}

// the label of a tick, and below it the year of the first tick and of each that begins another
function tick_label(tick, index, ticks, known, with_year, from_right) {
  const step = Math.min(...ticks.slice(1).map((one, i) => Math.abs(one - ticks[i])), Infinity);
  const date = new Date(tick);
  const [day, month, year] = [date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear()];
  const name = known.short[month - 1];
  const is_midnight = tick % DAY == 0;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (step < DAY && !is_midnight && index > 0) return turned(time, from_right);
  let label = `${day} ${name}`;
  if (!is_midnight) label += ` ${time}`;
  else if (step > 27 * DAY && step < 360 * DAY) label = name;
  else if (step >= 360 * DAY && step < Infinity) label = with_year ? String(year) : name;
  const is_year = label == String(year);
  const begins = index == 0 || new Date(ticks[index - 1]).getUTCFullYear() != year;
  if (with_year && begins && !is_year) label += `\n${year}`;
  return turned(label, from_right);
}

// a time [ms], or a label as results have it: "2021", "2021-03", "2021-03-01T06:00:00 (in part)"
function date_in_words(value, known, said) {
  const text = typeof value == "number" ? new Date(value).toISOString().slice(0, 16) : `${value}`;
  if (text in said) return said[text];
  const form = /^(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d:\d\d)(?::00)?(?:\.0+)?Z?)?( \(in part\))?$/;
  const found = form.exec(text);
  if (!found || found[2] < 1 || found[2] > 12) {
    const year = /^(\d{4}) \(in part\)$/.exec(text);
    return year ? said["{time} (in part)"].replace("{time}", year[1]) : text;
  }
  const [month, day] = [Number(found[2]), Number(found[3] || 1)];
  let words = written(found[3] ? known.day : known.month, known, day, month, found[1]);
  if (found[4] && found[4] != "00:00") words += ` ${found[4]}`;
  return found[5] ? said["{time} (in part)"].replace("{time}", words) : words;
}

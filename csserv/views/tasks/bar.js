// Make a bar that shows how much of a task is done.
const progressBar = (label) => {
  const bar = make("div", {role: "progressbar", "aria-label": label, "aria-valuemin": 0,
    "aria-valuemax": 100});
  const fill = make("i");
  bar.append(fill);
  const show = (percent, state) => {
    bar.className = `bar ${state}`;
    bar.setAttribute("aria-valuenow", percent);
    fill.style.width = `${percent}%`;
  };
  return {bar, show};
};


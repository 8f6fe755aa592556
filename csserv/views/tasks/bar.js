// Make a progress bar of a task; return its element and a function that sets per cent and state.
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


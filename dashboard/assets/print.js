// Before a page is printed: charts and maps, which are as wide as the window, are made as wide as the
// paper, what stood around them as high as they are, and controls, which do nothing on it, are left
// out. A dark page is printed dark on white: most browsers leave out backgrounds, and light letters
// with them. Rules of style sheets do not reach into the shadow roots that all these are in.
(() => {
  const PAPER = 690;  // between the margins of A4 [pixels]
  const LONGEST = 4000;  // table that is shown whole, not as far as it is scrolled [pixels]
  const AROUND = 5;   // elements around a figure that have a height for it
  const CONTROLS = "button, select, input, textarea, .field, .help, [role=tablist], .bk-Toolbar, " +
    ".MuiFormControl-root, .MuiButtonGroup-root, .MuiToggleButtonGroup-root, .MuiSlider-root";
  const INK = "#1d2733";
  const COLOURED = "i";  // boxes of legends
  const undo = [];

  function change(element, name, value) {
    const before = element.style.getPropertyValue(name);
    element.style.setProperty(name, value, "important");
    undo.push(() => element.style.setProperty(name, before));
  }
  function* all(root) {
    for (const one of root.querySelectorAll("*")) {
      yield one;
      if (one.shadowRoot) yield* all(one.shadowRoot);
    }
  }
  function shrink(figure) {
    change(figure, "zoom", Math.min(1, PAPER / figure.offsetWidth));
    change(figure, "break-inside", "avoid");
    let one = figure;
    for (let n = 0; n < AROUND && one; n++) {
      one = one.assignedSlot ?? one.parentElement ?? one.getRootNode().host;
      if (one?.localName == "main") return;
      if (!one) return;
      change(one, "height", "auto");
      change(one, "min-height", "0");
      // what stands beside it comes below it
      if (getComputedStyle(one).flexWrap == "wrap") change(one, "display", "block");
    }
  }

  function darken(one) {
    // charts have no background of their own, as maps do: theirs is turned into its opposite
    if (one.matches(".bk-Figure:not(.map)")) change(one, "filter", "invert(1) hue-rotate(180deg)");
    if (one.matches(COLOURED)) return;
    change(one, "color", INK);
    change(one, "background-color", "transparent");
  }

  addEventListener("beforeprint", () => {
    const every = [...all(document)];
    if (document.documentElement.classList.contains("dark")) every.forEach(darken);
    const figures = every.filter((one) => one.classList.contains("bk-Figure") && one.offsetWidth);
    figures.forEach(shrink);
    for (const one of every)
      if (one.matches(CONTROLS) && !one.closest("table")) change(one, "display", "none");
      // boxes in a flexible column are moved to the next sheet over what follows them
      else if (one.matches("[class*=layout-Column]") && getComputedStyle(one).display == "flex")
        change(one, "display", "block");
      else if (/auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight < LONGEST) {
        change(one, "height", "auto");
        change(one, "max-height", "none");
      }
  });
  addEventListener("afterprint", () => { while (undo.length) undo.pop()(); });
})();

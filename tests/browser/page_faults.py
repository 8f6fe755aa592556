"""What is wrong with a page in a browser: as axe-core sees it, where room is short, on paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pypdfium2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: what depends on the colour scheme
CONTRAST = ("color-contrast",)

#: how long a page may take to be laid out anew [ms], and between two looks
PATIENCE, PAUSE = 20_000, 250

#: how wide margins on paper are at least [points]
MARGIN = 30

#: how dark the first words on paper are at least, of 255, and where they stand [share of a sheet]
INK, TOP = 90, 0.15

#: what reaches beyond the window and cannot be scrolled to, texts that are cut off, and controls
#: that something lies over; what bokeh clips itself, and icons, which are letters, do not count
CRAMPED = """() => {
  const width = document.documentElement.clientWidth, found = [];
  const parent = (n) => n.assignedSlot ?? n.parentElement ?? n.getRootNode().host ?? null;
  const name = (n) => `${n.localName} "${(n.ariaLabel ?? n.textContent).trim().slice(0, 40)}"`;
  const control = "button, a[href], input:not([type=range]), select, textarea, summary, [role=tab]";

  function scrolls(n) {
    for (let p = parent(n); p && p.localName != "main"; p = parent(p))
      if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth)
        return true;
    return false;
  }
  function above(n) {
    n.scrollIntoView({block: "center", inline: "center"});
    const box = n.getBoundingClientRect(), at = [box.x + box.width / 2, box.y + box.height / 2];
    let hit = document.elementFromPoint(...at), inner = null;
    while ((inner = hit?.shadowRoot?.elementFromPoint(...at)) && inner !== hit) hit = inner;
    for (let p = hit; p; p = parent(p)) if (p === n) return null;
    return [...(n.labels ?? [])].some((one) => one.contains(hit)) ? null : hit ?? document.body;
  }
  function look(n) {
    const box = n.getBoundingClientRect(), style = getComputedStyle(n);
    if (!box.width || n.closest("svg") || /GlyphRenderer|MuiIcon/.test(n.className)) return;
    if ((box.right > width + 1 || box.left < -1) && !scrolls(n))
      found.push(`${name(n)} from ${box.left} to ${box.right} of ${width}`);
    const speaks = [...n.childNodes].some((c) => c.nodeType == 3 && c.textContent.trim());
    const cuts = n.clientWidth > 4 && /hidden|clip/.test(style.overflowX);
    const over = [n.scrollWidth - n.clientWidth - 1, n.scrollHeight - n.clientHeight - 4];
    if (speaks && cuts && Math.max(...over) > 0)
      found.push(`${name(n)} is cut off`);
    if (n.matches(control) && !n.disabled && style.pointerEvents != "none") {
      const hit = above(n);
      if (hit) found.push(`${name(n)} lies under ${name(hit)}`);
    }
  }
  function walk(root) {
    for (const n of root.querySelectorAll("*")) {
      if (n.shadowRoot) walk(n.shadowRoot);
      if (n.checkVisibility({opacityProperty: true, visibilityProperty: true})) look(n);
    }
  }
  const main = document.querySelector("main"), beyond = (n) => n.scrollWidth - n.clientWidth;
  const wide = Math.max(beyond(document.documentElement), main ? beyond(main) : 0);
  if (wide > 0) found.push(`the page is ${wide} pixels too wide`);
  walk(document);
  return found;
}"""


def findings(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds that is serious or critical; by some of its rules only, if given."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def cramped(page: Page, width: int, height: int) -> list[str]:
    """What has no room in a window of this size, once the page is laid out anew."""
    page.set_viewport_size({"width": width, "height": height})
    found = ["never looked"]
    for _ in range(PATIENCE // PAUSE):
        page.wait_for_timeout(PAUSE)
        if not (found := page.evaluate(CRAMPED)):
            break
    return found


def spoilt_on_paper(page: Page, text: str, most: int = 99, full: bool = True) -> list[str]:
    """What is wrong where the page is printed: it lacks a text, is pale, too long or too wide.

    Parameters
    ----------
    full : whether backgrounds are printed, too; browsers leave them out unless they are told
    """
    document = _printed(page, full)
    found = [f"{text!r} is not on paper"] if text not in _words(document) else []
    found += [f"{len(document)} sheets"] if len(document) > most else []
    sheets = [np.asarray(one.render(scale=1).to_pil().convert("L")) for one in document]
    darkest = int(sheets[0][: int(TOP * len(sheets[0]))].min())
    found += [f"its first words are pale: {darkest} of 255"] if darkest > INK else []
    for number, (sheet, grey) in enumerate(zip(document, sheets, strict=True), 1):
        across = np.flatnonzero((grey < 245).any(axis=0))
        if not across.size:
            found.append(f"sheet {number} is empty")
        elif not MARGIN < across.min() <= across.max() < sheet.get_width() - MARGIN:
            found.append(f"sheet {number} is full from {across.min()} to {across.max()}")
    return found


def words_on_paper(page: Page) -> str:
    """What is written on all sheets, with a space between words."""
    return _words(_printed(page, full=False))


def _printed(page: Page, full: bool) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=full))


def _words(document: pypdfium2.PdfDocument) -> str:
    words = " ".join(sheet.get_textpage().get_text_bounded() for sheet in document)
    return " ".join(words.split())

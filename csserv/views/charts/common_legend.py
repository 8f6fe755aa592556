"""One legend for several charts: how each kind of mark looks, in words that fit all charts."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import panel as pn
from bokeh.models import GlyphRenderer, LegendItem, Model
from bokeh.plotting import figure

from csserv.views.parts.assets import style

#: widest line of a sample [pixels]
WIDEST = 3.2


@dataclass(frozen=True)
class Mark:
    """How something looks in a chart.

    Attributes
    ----------
    form : "area" for what is filled, "line" for a line
    opacity : 0 to 1
    dashes : lengths of dashes and gaps [pixels]; none for a whole line
    width : of a line [pixels]
    hatch : pattern over what is filled, as bokeh names it; empty for none
    """

    form: str
    colour: str
    opacity: float
    dashes: tuple[int, ...] = ()
    width: float = 0.0
    hatch: str = ""


def marks_of(item: LegendItem) -> list[Mark]:
    """Return how the marks of an entry of a legend look; points of a line say what it says."""
    found = (_mark(one.glyph) for one in item.renderers if isinstance(one, GlyphRenderer))
    return [mark for mark in found if mark is not None]


def common_legend(figures: Sequence[figure]) -> pn.pane.HTML:
    """Return a legend for charts; an entry whose name says more of one chart has another one."""
    rows = dict.fromkeys(_rows(item for one in figures for item in _items(one)))
    lines = "".join(f"<li>{_sample(marks)}{html.escape(text)}</li>" for text, marks in rows)
    return pn.pane.HTML(
        f"<ul>{lines}</ul>",
        stylesheets=style("parts/base", "charts/common_legend"),
        sizing_mode="stretch_width",
        margin=(8, 16, 2, 16),
    )


def _items(f: figure) -> Iterator[LegendItem]:
    for legend in f.legend:
        yield from legend.items


def _rows(items: Iterable[LegendItem]) -> Iterator[tuple[str, tuple[Mark, ...]]]:
    for item in items:
        label = item.label
        yield (
            item.name or str(label["value"] if isinstance(label, dict) else label.value),
            tuple(marks_of(item)),
        )


def _mark(glyph: Model) -> Mark | None:
    known = glyph.properties()
    if "fill_color" in known:
        if "marker" in known:
            return None
        hatch = str(getattr(glyph, "hatch_pattern", None) or "")
        return Mark("area", str(glyph.fill_color), float(glyph.fill_alpha), hatch=hatch)
    dashes = tuple(glyph.line_dash)
    look = (str(glyph.line_color), float(glyph.line_alpha), dashes, float(glyph.line_width))
    return Mark("line", *look)


def _sample(marks: Iterable[Mark]) -> str:
    drawn = "".join(map(_drawn, marks))
    return f'<svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">{drawn}</svg>'


def _drawn(mark: Mark) -> str:
    if mark.form == "area":
        return (
            f'<rect width="24" height="14" fill="{mark.colour}" fill-opacity="{mark.opacity:g}"/>'
        )
    dashes = f' stroke-dasharray="{" ".join(map(str, mark.dashes))}"' if mark.dashes else ""
    return (
        f'<path d="M0 7H24" stroke="{mark.colour}" stroke-opacity="{mark.opacity:g}"'
        f' stroke-width="{min(mark.width, WIDEST):g}"{dashes}/>'
    )

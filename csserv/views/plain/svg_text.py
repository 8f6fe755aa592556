"""Writes a drawing as SVG, whose colours follow the scheme of the reader's browser."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from csserv.language import current_language
from csserv.views.parts.theme import DARK, LIGHT, Colours
from csserv.views.plain.drawing import (
    LOOKS,
    Box,
    Drawing,
    Look,
    Path,
    Point,
    Shape,
    Words,
    colour_of,
)

#: side of a text → what SVG calls it where text runs from right to left
TURNED = {"start": "end", "middle": "middle", "end": "start"}

FONT = "Roboto,system-ui,sans-serif"


def to_svg(drawing: Drawing, alone: bool = False) -> str:
    """Write a drawing as an SVG element.

    Parameters
    ----------
    alone : whether it is a file of its own, with its style in it; a page has that once for all
    """
    width, height = _number(drawing.width), _number(drawing.height)
    title = escape(drawing.title)
    style = f"<style>{svg_style()}</style>" if alone else ""
    size = f' width="{width}" height="{height}"' if alone else ""
    name = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
    side = ' direction="rtl"' if _runs_left() else ""
    runs = groupby(drawing.shapes, key=lambda one: one.look)
    shapes = "".join(f"<g {_named(look)}>{_joined(group)}</g>" for look, group in runs)
    return (
        f'<svg{name}{side} class="drawing" viewBox="0 0 {width} {height}"{size} role="img" '
        f'aria-label="{title}">{style}{shapes}</svg>'
    )


def _runs_left() -> bool:
    return current_language().direction == "rtl"


def _named(look: str) -> str:
    """Name a look for the style sheet; a colour is the same in each scheme."""
    return f'fill="{look}"' if look.startswith("#") else f'class="{look}"'


def svg_style() -> str:
    """Return the style sheet of drawings: light, dark where the reader prefers that, on paper."""
    common = "".join(f".drawing .{name}{{{_common(look)}}}" for name, look in LOOKS.items())
    dark, light = _colours(DARK), _colours(LIGHT)
    return (
        f".drawing{{font-family:{FONT}}}{common}{light}"
        f"@media screen and (prefers-color-scheme:dark){{{dark}}}"
    )


def _common(look: Look) -> str:
    """Return what is the same in each colour scheme."""
    dashes = f"stroke-dasharray:{look.dashes[0]:g} {look.dashes[1]:g};" if look.dashes else ""
    lines = f"stroke-width:{look.width:g};stroke-linejoin:round;{dashes}" if look.line else ""
    bold = "font-weight:600;" if look.bold else ""
    pale = f"opacity:{look.opacity:g};" if look.opacity < 1 else ""
    return f"font-size:{look.size:g}px;{lines}{bold}{pale}"


def _colours(colours: Colours) -> str:
    return "".join(
        f".drawing .{name}{{fill:{_paint(look.fill, colours)};stroke:{_paint(look.line, colours)}}}"
        for name, look in LOOKS.items()
    )


def _paint(name: str, colours: Colours) -> str:
    return colour_of(name, colours) if name else "none"


def _joined(shapes: Iterable[Shape]) -> str:
    """Write shapes of one look; boxes without a note are one path: many bars are short so."""
    runs = groupby(shapes, key=lambda one: isinstance(one, Box) and not one.note)
    return "".join(
        f'<path d="{"".join(map(_outline, run))}"/>' if plain else "".join(map(_written, run))
        for plain, run in runs
    )


def _outline(shape: Shape) -> str:
    assert isinstance(shape, Box)  # noqa: S101  # as it was grouped
    x, y, width, height = map(_number, (shape.x, shape.y, shape.width, shape.height))
    return f"M{x} {y}h{width}v{height}h-{width}Z"


def _written(shape: Shape) -> str:
    match shape:
        case Box(_, x, y, width, height, note):
            box = f'<rect x="{_number(x)}" y="{_number(y)}"'
            box += f' width="{_number(width)}" height="{_number(height)}"'
            return f"{box}><title>{escape(note)}</title></rect>"
        case Path(_, points, closed):
            return f'<path d="{_line(points)}{"Z" * closed}"/>'
        case Words(_, x, y, text, anchor):
            # where text runs from right to left, it starts on the right
            anchor = TURNED[anchor] if _runs_left() else anchor
            side = "" if anchor == "start" else f' text-anchor="{anchor}"'
            return f'<text x="{_number(x)}" y="{_number(y)}"{side}>{escape(text)}</text>'


def _line(points: Iterable[Point]) -> str:
    """Write a line; of a step across or up, the one number that changes."""
    parts: list[str] = []
    before = ("", "")
    for x, y in points:
        place = (_number(x), _number(y))
        if not parts:
            parts.append(f"M{place[0]} {place[1]}")
        elif place[1] == before[1]:
            parts.append(f"H{place[0]}")
        elif place[0] == before[0]:
            parts.append(f"V{place[1]}")
        else:
            parts.append(f"L{place[0]} {place[1]}")
        before = place
    return "".join(parts)


def _number(value: float) -> str:
    """Write a length with one decimal, if it has any."""
    return f"{value:.1f}".removesuffix(".0")

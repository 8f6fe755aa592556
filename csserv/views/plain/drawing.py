"""A picture as a list of shapes, whatever it is written as; and how each kind of shape looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from csserv.views.parts.theme import Colours

#: x from the left, y from the top [pixels]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """How a kind of shape is drawn; a colour is a field of ``Colours``, or written as ``#0b4f71``.

    Attributes
    ----------
    fill, line : colours; empty for none
    opacity : 0 to 1
    width : of the line [pixels]
    dashes : lengths of dash and gap [pixels]; none for a whole line
    size : of a text [pixels]
    bold : whether a text is
    """

    fill: str = ""
    line: str = ""
    opacity: float = 1.0
    width: float = 1.0
    dashes: tuple[float, float] | None = None
    size: float = 12.0
    bold: bool = False


#: name → look; "first" and "second" are colours of the lines of a chart
LOOKS = {
    "paper": Look(fill="background"),
    "grid": Look(line="grid"),
    "zero": Look(line="text"),
    "missing": Look(fill="missing", opacity=0.35),
    "outer": Look(fill="band", opacity=0.16),
    "inner": Look(fill="band", opacity=0.24),
    "middle": Look(line="band", width=1.5, dashes=(2, 3)),
    "bar": Look(fill="first"),
    "part": Look(fill="first", opacity=0.55),
    "above": Look(fill="first"),
    "below": Look(fill="second"),
    "line": Look(line="first", width=1.8),
    "mark": Look(fill="first"),
    "head": Look(fill="text", size=16, bold=True),
    "text": Look(fill="text"),
    "sea": Look(fill="sea"),
    "land": Look(fill="land"),
    "coast": Look(line="border", width=0.8),
    "unknown": Look(fill="missing"),
    "edge": Look(line="text", width=0.7),
    "veil": Look(fill="#ffffff", opacity=0.75),
    "label": Look(fill="#1d2733", size=11),
}

#: names of the first colours of lines
LINES = ("first", "second")


@dataclass(frozen=True)
class Box:
    """A rectangle; its note is shown under the pointer."""

    look: str
    x: float
    y: float
    width: float
    height: float
    note: str = ""


@dataclass(frozen=True)
class Path:
    """A line through points, or an area where it is closed."""

    look: str
    points: tuple[Point, ...]
    closed: bool = False


@dataclass(frozen=True)
class Words:
    """A line of text, whose anchor ("start", "middle", "end") is at the point."""

    look: str
    x: float
    y: float
    text: str
    anchor: str = "start"


Shape: TypeAlias = Box | Path | Words


@dataclass(frozen=True)
class Drawing:
    """A picture: its size [pixels], what it shows in words, and its shapes, the lowest first."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]


def mirrored(shapes: Iterable[Shape], width: float) -> list[Shape]:
    """Turn shapes over from left to right, in a picture so wide; texts are still read.

    >>> mirrored([Words("text", 10, 5, "rain")], 100)
    [Words(look='text', x=90, y=5, text='rain', anchor='end')]
    """
    turned = {"start": "end", "middle": "middle", "end": "start"}
    found: list[Shape] = []
    for shape in shapes:
        match shape:
            case Box():
                found.append(replace(shape, x=width - shape.x - shape.width))
            case Path():
                points = tuple((width - x, y) for x, y in shape.points)
                found.append(replace(shape, points=points))
            case Words():
                found.append(replace(shape, x=width - shape.x, anchor=turned[shape.anchor]))
    return found


def look_of(name: str) -> Look:
    """Return a look by its name; that of a colour, such as ``#0b4f71``, is filled with it."""
    return Look(fill=name) if name.startswith("#") else LOOKS[name]


def colour_of(name: str, colours: Colours) -> str:
    """Return the colour that a look names."""
    if name.startswith("#"):
        return name
    if name in LINES:
        return colours.lines[LINES.index(name)]
    return str(getattr(colours, name))


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text is [pixels]; fonts differ, so that it is rather too wide."""
    return 0.52 * size * len(text)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Cut a text into lines that are not wider than so many pixels, between words.

    >>> wrapped("rain of all months", 75, 12)
    ['rain of all', 'months']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines

"""Draws a drawing as PNG, for the previews of links: their readers take no SVG."""

from __future__ import annotations

import io
from functools import lru_cache
from itertools import chain, pairwise

from PIL import Image, ImageDraw, ImageFont

from csserv.views.parts.theme import LIGHT
from csserv.views.plain.drawing import (
    Box,
    Drawing,
    Look,
    Path,
    Point,
    Shape,
    Words,
    colour_of,
    look_of,
)
from csserv.views.plain.letters import FONTS, SMALLER, drawn_letters

#: size of the picture that readers of previews ask for [pixels]
WIDTH, HEIGHT = 1200, 630

#: it is drawn so many times larger, and then reduced, so that edges are smooth
FINE = 2

#: signs that Pillow's font lacks → others
SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2019": "'", "\u00b7": ","})

#: letters that are none of English, but that its font has
BESIDE_ENGLISH = "°"

#: where its letters are looked for: Latin, signs, Arabic, joined Arabic; and those without ink
SCRIPTS = (range(0x21, 0x180), range(0x2010, 0x2266), range(0x600, 0x700), range(0xFB50, 0xFEFD))
BLANKS = frozenset((0x20, 0xA0, 0x2009, 0x202F))

#: where the anchor of a text is, as Pillow names it
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def to_png(drawing: Drawing, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Draw a drawing in light colours, unless told otherwise as large as previews are.

    Parameters
    ----------
    width, height : of the picture [pixels]
    """
    scale = FINE * min(width / drawing.width, height / drawing.height)
    image = Image.new("RGB", (FINE * width, FINE * height), LIGHT.background)
    pen = ImageDraw.Draw(image, "RGBA")
    in_english = all(_is_english(one.text) for one in drawing.shapes if isinstance(one, Words))
    for shape in drawing.shapes:
        _draw(pen, shape, look_of(shape.look), scale, in_english)
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue()


def in_font(text: str) -> str:
    """Write a text with Latin and Arabic letters; nothing, where that is not possible.

    Of a name in another script nothing would be left but boxes.

    >>> in_font("Côte d'Ivoire"), in_font("東京")
    ("Côte d'Ivoire", '')
    """
    drawn = drawn_letters(text)
    return drawn if all(ord(one) in _letters() for one in drawn) else ""


def _is_english(text: str) -> bool:
    """Whether Pillow's own font has the letters of a text."""
    return all(one.isascii() or one in BESIDE_ENGLISH for one in text.translate(SIGNS))


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """Return the code points that the font for other languages has."""
    font = ImageFont.truetype(str(FONTS[False]), 16, layout_engine=ImageFont.Layout.BASIC)
    lacking = bytes(font.getmask("\uffff"))
    known = (n for n in chain(*SCRIPTS) if bytes(font.getmask(chr(n))) != lacking)
    return frozenset(known) | BLANKS


def _draw(
    pen: ImageDraw.ImageDraw, shape: Shape, look: Look, scale: float, in_english: bool
) -> None:
    match shape:
        case Box(_, x, y, width, height):
            corners = [(x * scale, y * scale), ((x + width) * scale, (y + height) * scale)]
            pen.rectangle(corners, fill=_paint(look.fill, look))
        case Path(_, points, closed):
            places = [(x * scale, y * scale) for x, y in points]
            if closed:
                pen.polygon(places, fill=_paint(look.fill, look))
            elif look.dashes:
                _dash(pen, places, look, scale)
            else:
                pen.line(places, _paint(look.line, look), round(look.width * scale), "curve")
        case Words(_, x, y, text, anchor):
            where, paint, side = (x * scale, y * scale), _paint(look.fill, look), ANCHORS[anchor]
            if in_english:
                font = ImageFont.load_default(look.size * scale)
                stroke = round(0.03 * look.size * scale * look.bold)
                pen.text(where, text.translate(SIGNS), paint, font, side, stroke_width=stroke)
            else:
                pen.text(where, in_font(text), paint, _font(look, scale), side)


def _font(look: Look, scale: float) -> ImageFont.FreeTypeFont:
    # letters come joined and in the order in which they are drawn: no other library shall do it
    layout = ImageFont.Layout.BASIC
    size = SMALLER * look.size * scale
    return ImageFont.truetype(str(FONTS[look.bold]), size, layout_engine=layout)


def _dash(pen: ImageDraw.ImageDraw, places: list[Point], look: Look, scale: float) -> None:
    """Draw a dashed line; each of its parts begins with a dash."""
    dash, gap = ((one or 1) * scale for one in look.dashes or (1, 1))
    for (x, y), (to_x, to_y) in pairwise(places):
        length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        for number in range(int(length / (dash + gap)) + 1):
            ends = (number * (dash + gap), min(number * (dash + gap) + dash, length))
            parts = [one / length if length else 0.0 for one in ends]
            line = [(x + (to_x - x) * part, y + (to_y - y) * part) for part in parts]
            pen.line(line, _paint(look.line, look), round(look.width * scale))


def _paint(name: str, look: Look) -> tuple[int, int, int, int]:
    text = colour_of(name, LIGHT)
    red, green, blue = (int(text[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue, round(255 * look.opacity)

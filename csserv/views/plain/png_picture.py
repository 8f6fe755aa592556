"""Draws a drawing as PNG, for the previews of links: their readers take no SVG."""

from __future__ import annotations

import io
import unicodedata
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from csserv.views.parts.theme import LIGHT
from csserv.views.plain.drawing import Box, Drawing, Look, Path, Point, Words, colour_of, look_of

#: size of the picture that readers of previews ask for [pixels]
WIDTH, HEIGHT = 1200, 630

#: it is drawn so many times larger, and then reduced, so that edges are smooth
FINE = 2

#: signs that the font lacks → others; letters lose their accents
SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2019": "'", "\u00b7": ","})

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
    for shape in drawing.shapes:
        _draw(pen, shape, look_of(shape.look), scale)
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue()


def in_font(text: str) -> str:
    """Write a text with the letters that the font has; nothing, where that is not possible.

    The font of Pillow has the letters of English: of a name in another script nothing would be
    left but boxes.

    >>> in_font("Côte d'Ivoire"), in_font("كينيا")
    ("Cote d'Ivoire", '')
    """
    plain = unicodedata.normalize("NFKD", text.translate(SIGNS))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return plain if plain.replace("°", "").isascii() else ""


def _draw(pen: ImageDraw.ImageDraw, shape: Box | Path | Words, look: Look, scale: float) -> None:
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
            font = ImageFont.load_default(look.size * scale)
            where, bold = (x * scale, y * scale), 0.03 * look.size * scale * look.bold
            pen.text(
                where,
                in_font(text),
                _paint(look.fill, look),
                font,
                ANCHORS[anchor],
                stroke_width=round(bold),
            )


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

"""The fonts of a PDF: Helvetica, which each reader has, DejaVu, or a font of the template."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from csserv.errors import SettingsError
from csserv.language import Language
from csserv.views.plain.letters import FONTS, drawn_letters

#: signs that Helvetica lacks → others
SIGNS = str.maketrans({"\u2212": "-", "\u2009": " ", "\u202f": " ", "\u2192": "->"})

#: stands for a letter that the font does not have
LACKING = "?"


@dataclass(frozen=True)
class Fonts:
    """Names of the fonts, as ReportLab knows them.

    Attributes
    ----------
    letters : code points that the font has; None for those of Helvetica
    """

    plain: str
    bold: str
    letters: frozenset[int] | None = None

    def text(self, text: str) -> str:
        """Write a text with the letters that the font has; others lose their accents, or are "?".

        >>> Fonts("Helvetica", "Helvetica-Bold").text("Côte d'Ivoire, Đắk, كينيا")
        "Côte d'Ivoire, ?ak, ?????"
        """
        shown = drawn_letters(text)
        if self.letters is None:
            shown = shown.translate(SIGNS)
        return "".join(map(self._letter, shown))

    def width(self, text: str, name: str, size: float) -> float:
        """Return how wide a text is in one of the fonts [points]."""
        return float(pdfmetrics.stringWidth(self.text(text), name, size))

    def _letter(self, letter: str) -> str:
        if self._has(letter):
            return letter
        base = unicodedata.normalize("NFKD", letter)[0]
        return base if self._has(base) else LACKING

    def _has(self, letter: str) -> bool:
        if self.letters is not None:
            return ord(letter) in self.letters
        try:
            letter.encode("cp1252")
        except UnicodeEncodeError:
            return False
        return True


def fonts_of(path: Path | None, language: Language) -> Fonts:
    """Return the fonts of a template, or ours for a language.

    Raises
    ------
    SettingsError : its font cannot be read
    """
    if path:
        return Fonts(path.stem, path.stem, _letters(path))
    if language.direction == "ltr":
        return Fonts("Helvetica", "Helvetica-Bold")
    letters = [_letters(file) for file in FONTS.values()]
    return Fonts(FONTS[False].stem, FONTS[True].stem, letters[0] & letters[1])


def _letters(path: Path) -> frozenset[int]:
    """Make a font known to ReportLab; return the code points that it has."""
    try:
        font = TTFont(path.stem, str(path))
    except (TTFError, OSError) as error:
        raise SettingsError(f"{path} is no TrueType font for PDF: {error}") from None
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)

"""Letters of pictures and PDF: a font with Latin and Arabic ones, and how these are laid out."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from csserv.language import END, ISOLATE, current_language

FOLDER = Path(__file__).parent / "fonts"

#: whether letters are bold → file of DejaVu Sans, cut down to Latin and Arabic letters
FONTS = {False: FOLDER / "DejaVuSans.ttf", True: FOLDER / "DejaVuSans-Bold.ttf"}

#: how large DejaVu is written, so that it looks as large as other fonts do
SMALLER = 0.9

#: marks that say how text runs; nothing is drawn of them
MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202c\u2066\u2067\u2068\u2069"))

#: marks around a Latin name → older ones that python-bidi knows
APART = str.maketrans({ISOLATE: "\u200f\u202a", END: "\u202c\u200f"})

#: classes of letters that are written from right to left
RIGHT_TO_LEFT = ("R", "AL")


def runs_left(text: str) -> bool:
    """Whether any letter is written from right to left.

    >>> runs_left("Kenya 2021"), runs_left("كينيا 2021")
    (False, True)
    """
    return any(unicodedata.bidirectional(one) in RIGHT_TO_LEFT for one in text)


def drawn_letters(text: str) -> str:
    """Return letters as they are drawn one after another from the left; Arabic ones are joined.

    >>> [hex(ord(one)) for one in drawn_letters("من 3")]
    ['0x33', '0x20', '0xfee6', '0xfee3']
    """
    if runs_left(text):
        from bidi.algorithm import get_display

        base = "R" if current_language().direction == "rtl" else "L"
        text = str(get_display(joined(text).translate(APART), base_dir=base))
    return text.translate(MARKS)


def joined(text: str) -> str:
    """Return Arabic letters in the forms that they have beside each other, in the order of reading.

    So they are measured as wide as they are drawn.
    """
    return _reshaper().reshape(text) if runs_left(text) else text


@lru_cache(maxsize=1)
def _reshaper() -> Any:
    from arabic_reshaper import ArabicReshaper  # slow to import, and most texts need none

    # fonts have no signs for whole phrases, and vowel marks are part of the text
    return ArabicReshaper({"support_ligatures": True, "delete_harakat": False})

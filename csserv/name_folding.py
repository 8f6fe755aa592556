"""Names reduced for comparing: without case, accents and punctuation, in any script."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: letters that Unicode's NFKD form does not split into a plain letter and an accent
LETTERS = str.maketrans(
    {
        "ə": "e",
        "\u0131": "i",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ł": "l",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "\u0640": None,  # Arabic's stretching of a word, no letter
    }
)

#: Unicode's combining classes of marks that a reader may leave out: accents, and the vowel marks of
#: Hebrew and Arabic; vowel signs of India and the voicing of Japanese make another word
LEFT_OUT = frozenset([*range(10, 37), *range(200, 241)])


@lru_cache(maxsize=20_000)
def fold_name(text: str) -> str:
    """Reduce a name to letters without case and accents, digits and single spaces.

    >>> fold_name("Côte d'Ivoire"), fold_name("  S. SUDAN ")
    ('cote d ivoire', 's sudan')
    """
    plain = text.casefold()
    if not plain.isascii():
        letters = unicodedata.normalize("NFKD", plain).translate(LETTERS)
        plain = letters if letters.isascii() else "".join(map(_plain, letters))
    folded = plain if plain.isalnum() else re.sub(r"[\x00-/:-`{-\x7f]+", " ", plain).strip()
    return folded or text.casefold()


def _plain(letter: str) -> str:
    """Return a letter, nothing for an accent, and a space for punctuation."""
    if letter.isascii() or (letter.isalnum() and unicodedata.category(letter) != "Lm"):
        return letter
    if unicodedata.combining(letter) in LEFT_OUT:
        return ""
    kind = unicodedata.category(letter)
    # a modifier letter is an apostrophe of Hawaii or Ukraine; format characters have no width
    return letter if kind[0] == "M" else "" if kind in ("Lm", "Cf") else " "

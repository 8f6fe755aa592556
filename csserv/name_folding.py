"""Names reduced for comparing: without case, accents and punctuation."""

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
    }
)


@lru_cache(maxsize=20_000)
def fold_name(text: str) -> str:
    """Reduce a name to lower-case ASCII letters, digits and single spaces, for comparing.

    A name of which nothing would remain (in another script) only becomes lower case.
    """
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
    plain = letters.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip() or text.casefold()

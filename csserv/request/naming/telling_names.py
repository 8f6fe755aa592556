"""Which texts tell zones apart for a person: no numbers, and no pages of the web."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: share of zones that have a name of their own, where some have that of another
MOSTLY = 0.9

_NUMBER = re.compile(r"[-+]?[\d.,\s]+")
_MARKUP = re.compile(r"\s*<(!|/?[A-Za-z][A-Za-z0-9]*[\s/>])")


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether all texts that are there are numbers, such as heights, or 1, 2, 3.

    >>> are_numbers(["1", "", "2"]), are_numbers(["1", "Zone 2"])
    (True, False)
    """
    return all(_NUMBER.fullmatch(text) for text in texts if text)


def are_markup(texts: Sequence[str]) -> bool:
    """Whether some texts are HTML, as the descriptions of many KML files are.

    >>> are_markup(["", "<table><tr>"]), are_markup(["<1 km", "A < B"])
    (True, False)
    """
    return any(map(_MARKUP.match, texts))


def tell(texts: Sequence[str]) -> bool:
    """Whether each zone has a text that is no number, and most have one of their own.

    >>> tell(["Meru", "Ward 2"]), tell(["North", "North", "South"]), tell(["1", "2"])
    (True, False, False)
    """
    is_own = all(texts) and len(set(texts)) >= MOSTLY * len(texts)
    return is_own and not are_numbers(texts)

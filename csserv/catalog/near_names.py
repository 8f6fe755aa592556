"""The names most like one that is not known, found by the letters they share, three by three."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable

from csserv.name_folding import fold_name

#: names that are compared letter by letter: to compare 4,556 takes 30 ms
COMPARED = 20

#: least similarity of a name, by difflib [1]
ALIKE = 0.65


class NearNames:
    """Finds similar names among many; case, accents and punctuation do not matter."""

    def __init__(self, names: Iterable[str]) -> None:
        self._folded: dict[str, str] = {}
        for name in names:
            self._folded.setdefault(fold_name(name), name)
        self._having: dict[str, list[str]] = defaultdict(list)
        for folded in self._folded:
            for three in _threes(folded):
                self._having[three].append(folded)

    def to(self, text: str, most: int = 3) -> list[str]:
        """List up to ``most`` names, the most similar first.

        >>> NearNames(["Kenya", "Guinea", "Rift Valley"]).to("rift valey")
        ['Rift Valley']
        """
        folded = fold_name(text)
        own = _threes(folded)
        shared = Counter(one for three in own for one in self._having.get(three, ()))
        likely = sorted(
            shared, key=lambda one: (-2 * shared[one] / (len(own) + len(one) + 1), one)
        )[:COMPARED]
        close = difflib.get_close_matches(folded, likely, n=most, cutoff=ALIKE)
        return [self._folded[one] for one in close]


def _threes(folded: str) -> set[str]:
    whole = f" {folded} "
    return {whole[i : i + 3] for i in range(len(whole) - 2)}

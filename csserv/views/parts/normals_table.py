"""What is normal at each step of a table of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from csserv.language import mark
from csserv.outputs.against import AGAINST, reference_words, statistics_of

Floats = NDArray[np.float64]

#: statistics that are drawn: the outer band, the inner one, and the line between
OUTER, INNER, MIDDLE = (
    ("normal_p10", "normal_p90"),
    ("normal_p33", "normal_p67"),
    "normal_median",
)

#: of tables: the value or a statistic → title of its column, and whether it has the value's units
TITLES = {
    "value": (mark("Value"), True),
    "normal": (mark("Normal"), True),
    "anomaly": (mark("Anomaly"), True),
    "percent_of_normal": (mark("% of normal"), False),
    "percentile_rank": (mark("Rank of 100"), False),
    "tercile": (mark("Against normal"), False),
}

#: stand in tables where there is no value, and where nothing is said
NO_VALUE, NOTHING = mark("no data"), mark("none")

#: statistics that are shown under the pointer, in words
POINTED = {name: TITLES[name][0] for name in ("normal", "percentile_rank")}

NAMES = (*OUTER, *INNER, MIDDLE, *POINTED, "anomaly", "percent_of_normal")


@dataclass(frozen=True, eq=False)
class Normals:
    """What a table's values are compared with.

    Attributes
    ----------
    reference : its years, such as "1991 to 2020"
    numbers : name → (time, zone) of some statistics; NaN where nothing is said
    """

    reference: str
    numbers: Mapping[str, Floats]

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> Self | None:
        """Read them from the JSON of a result; None if it compares with nothing."""
        series = document["series"]
        if not statistics_of(document) or AGAINST not in series[0]:
            return None
        lists = {name: [one[AGAINST][name] for one in series] for name in NAMES}
        numbers = {name: np.array(rows, dtype=float).T for name, rows in lists.items()}
        return cls(reference_words(document), numbers)

    def select(self, chosen: Sequence[int]) -> Self:
        """Return those of some zones."""
        numbers = {name: array[:, chosen] for name, array in self.numbers.items()}
        return type(self)(self.reference, numbers)

"""What a plausibility check reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csserv.catalog.packing.attribute_numbers import exact_number


@dataclass(frozen=True)
class Suspicion:
    """Values of a file that are probably read wrongly.

    Attributes
    ----------
    said : what was found
    remedy : what to do if it is so
    is_fatal : whether no cell that was checked has a value because of it
    """

    said: str
    remedy: str
    is_fatal: bool = False

    def __str__(self) -> str:
        return f"{self.said}; {self.remedy}"


def percent(part: int, whole: int) -> str:
    """Format a share.

    >>> percent(1, 3), percent(1, 10_000), percent(3, 3)
    ('33 %', '0.01 %', '100 %')
    """
    share = 100 * part / whole
    return f"{share:.0f} %" if share >= 1 else f"{share:.1g} %"


def row_remedy(condition: str, field: str, values: Sequence[float]) -> str:
    """Say which field a row needs, and as which option of ``csserv datasets add``.

    >>> row_remedy("if that means missing", "missing", [-9999.0])
    'if that means missing, its row needs missing = [-9999] (--missing -9999)'
    """
    numbers = list(map(exact_number, values))
    between = " --missing " if field == "missing" else " "  # one option each, or one for both ends
    row, option = ", ".join(numbers), between.join(numbers)
    return f"{condition}, its row needs {field} = [{row}] (--{field} {option})"

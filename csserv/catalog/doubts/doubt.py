"""What was seen in a file that may be wrong, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csserv.catalog.packing.attribute_numbers import shown


@dataclass(frozen=True)
class Doubt:
    """What was seen, and what mends it if it is as it seems.

    Attributes
    ----------
    is_fatal : whether no cell that was looked at has a value because of it
    """

    said: str
    mend: str
    is_fatal: bool = False

    def __str__(self) -> str:
        return f"{self.said}; {self.mend}"


def percent(part: int, whole: int) -> str:
    """Write a share.

    >>> percent(1, 3), percent(1, 10_000), percent(3, 3)
    ('33 %', '0.01 %', '100 %')
    """
    share = 100 * part / whole
    return f"{share:.0f} %" if share >= 1 else f"{share:.1g} %"


def write(when: str, field: str, values: Sequence[float]) -> str:
    """Say what to write into a row, and as which option.

    >>> write("if that means missing", "missing", [-9999.0])
    'if that means missing, its row needs missing = [-9999] (--missing -9999)'
    """
    numbers = list(map(shown, values))
    flag = " --missing " if field == "missing" else " "  # a mark each, or both ends
    return (
        f"{when}, its row needs {field} = [{', '.join(numbers)}] (--{field} {flag.join(numbers)})"
    )

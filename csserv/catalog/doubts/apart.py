"""Numbers that lie far from all others, and so may be marks that nobody declared."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.attribute_numbers import shown
from csserv.catalog.packing.packing import Floats, Packing

#: numbers that people take for missing, as they are written
USUAL = re.compile(r"-9{2,}(\.9+)?|9{3,}(\.9+)?|-[78]{4}|-?32767|-32768|65535|255|-2147483648")

#: no measure is so far from zero, when all others are so many times nearer
HUGE, HUGE_BESIDE = 1e10, 1000

#: how far marks are from the others, in widths of these: usual marks, and any number
NEAR, FAR = 0.25, 5.0

#: distinct marks at an end at most; cells that share one that is not usual at least
MOST, LEAST = 5, 3


def numbers_apart(stored: NDArray[Any], packing: Packing) -> list[float]:
    """Find them among the stored numbers of cells that have a value.

    At most five distinct numbers at an end, with a gap before all others: of a quarter of their
    width where one is a usual mark, as -9999 and 1e20; of five times their width where three
    cells or more share each.
    """
    numbers, counts = np.unique(stored, return_counts=True)
    found: list[float] = []
    while (end := _end(numbers.astype(np.float64), counts, packing)) is not None:
        found += numbers[end].tolist()
        numbers, counts = np.delete(numbers, end), np.delete(counts, end)
    return sorted(found)


def _end(numbers: Floats, counts: NDArray[np.int64], packing: Packing) -> slice | None:
    """Find the fewest numbers at an end that lie apart."""
    for few in range(1, min(MOST, len(numbers) - 1) + 1):
        for end, gap in (
            (slice(0, few), numbers[few] - numbers[few - 1]),
            (slice(-few, None), numbers[-few] - numbers[-few - 1]),
        ):
            rest = np.delete(numbers, end)
            width = rest[-1] - rest[0]
            usual = any(_is_usual(number, rest, packing) for number in numbers[end].tolist())
            enough = width > 0 and gap > FAR * width and counts[end].min() >= LEAST
            if enough or (usual and gap > NEAR * width):
                return end
    return None


def _is_usual(number: float, rest: Floats, packing: Packing) -> bool:
    """Whether a stored number is what people take for missing, as it is stored or as a value."""
    written = {shown(number), shown(number * packing.scale + packing.offset)}
    if any(map(USUAL.fullmatch, written)):
        return True
    return abs(number) >= HUGE and abs(number) >= HUGE_BESIDE * float(np.abs(rest).max())

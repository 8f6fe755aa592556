"""Finds numbers far from all others, which are probably undeclared missing-value codes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.attribute_numbers import format_number
from csserv.catalog.packing.packing import Floats, Packing

#: numbers that are often used for missing values, as they are written
USUAL = re.compile(r"-9{2,}(\.9+)?|9{3,}(\.9+)?|-[78]{4}|-?32767|-32768|65535|255|-2147483648")

#: a number is no measurement if it is so far from zero, and so many times as far as all others
HUGE, HUGE_RATIO = 1e10, 1000

#: gap to the other numbers, relative to their spread: for usual codes, and for any number
USUAL_GAP, ANY_GAP = 0.25, 5.0

#: most distinct outliers at one end; fewest cells of each that is not a usual code
MOST_DISTINCT, FEWEST_CELLS = 5, 3


def find_outliers(stored: NDArray[Any], packing: Packing) -> list[float]:
    """Find stored numbers that are far from all others.

    At the lower or the upper end, up to five distinct numbers are outliers if the gap to all others
    is large: a quarter of the others' spread if one is a usual missing-value code such as -9999 or
    1e20; five times the spread otherwise, if three cells or more have each.

    Parameters
    ----------
    stored : (cells,) numbers of cells that have a value

    Returns
    -------
    outliers : rising; empty if there are none
    """
    numbers, counts = np.unique(stored, return_counts=True)
    found: list[float] = []
    while (end := _outlying_end(numbers.astype(np.float64), counts, packing)) is not None:
        found += numbers[end].tolist()
        numbers, counts = np.delete(numbers, end), np.delete(counts, end)
    return sorted(found)


def is_code(number: float) -> bool:
    """Whether a number means missing in many files, or is too large for any measurement."""
    return bool(USUAL.fullmatch(format_number(number))) or abs(number) >= HUGE


def _outlying_end(numbers: Floats, counts: NDArray[np.int64], packing: Packing) -> slice | None:
    """Return the fewest numbers at an end that are far from all others."""
    for few in range(1, min(MOST_DISTINCT, len(numbers) - 1) + 1):
        for end, gap in (
            (slice(0, few), numbers[few] - numbers[few - 1]),
            (slice(-few, None), numbers[-few] - numbers[-few - 1]),
        ):
            rest = np.delete(numbers, end)
            spread = rest[-1] - rest[0]
            usual = any(_is_usual(number, rest, packing) for number in numbers[end].tolist())
            often = counts[end].min() >= FEWEST_CELLS
            if (usual and gap > USUAL_GAP * spread) or (often and gap > ANY_GAP * spread > 0):
                return end
    return None


def _is_usual(number: float, rest: Floats, packing: Packing) -> bool:
    """Whether a number is a usual missing-value code, as it is stored or unpacked."""
    written = {format_number(number), format_number(number * packing.scale + packing.offset)}
    if any(map(USUAL.fullmatch, written)):
        return True
    return abs(number) >= HUGE and abs(number) >= HUGE_RATIO * float(np.abs(rest).max())

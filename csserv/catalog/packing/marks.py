"""Marks: numbers that mean missing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import netCDF4
import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, Numbers, read_numbers, shown
from csserv.catalog.packing.factors import Factors

#: how near to a value a mark must be that speaks of values: in packing steps, and of itself
OF_STEP, OF_MARK = 1e-3, 1e-6

#: attribute that says, too, what stands where nothing was written
FILL = "_FillValue"


def read_marks(attributes: Mapping[str, Any], given: Sequence[float]) -> list[Numbers]:
    """Read what is stated to mean missing: by the file, and by its row.

    Where the row states some, a text that is no number is passed over.

    Raises
    ------
    GranuleError : a text that is no number
    """
    numeric = {
        name: value
        for name in (FILL, "missing_value")
        if (value := attributes.get(name)) is not None
        and not (given and np.asarray(value).dtype.kind not in "iuf")
    }
    found = [read_numbers(name, value, "missing") for name, value in numeric.items()]
    if given:
        found.append(Numbers(GIVEN, tuple(map(_whole, given)), np.dtype(np.float64)))
    return found


def default_fill(stored: np.dtype[Any]) -> float:
    """Return what netCDF writes where nothing was written, unless a file says otherwise."""
    return float_or_whole(netCDF4.default_fillvals[stored.newbyteorder("=").str[1:]])


def float_or_whole(number: Any) -> float:
    """Turn a number of numpy into one of Python; whole ones stay exact."""
    value: float = np.asarray(number).item()
    return value


def as_taken(number: float, stored: np.dtype[Any], taken: np.dtype[Any]) -> float:
    """Turn a stored number into what its bits mean where they are taken for another sign.

    >>> as_taken(-6, np.dtype("i2"), np.dtype("u2"))
    65530
    """
    if stored.kind == taken.kind or not math.isfinite(number) or number != int(number):
        return number
    info = np.iinfo(stored)
    if not info.min <= number <= info.max:
        return number
    return float_or_whole(np.array(int(number), stored).view(taken))


def stored_marks(
    numbers: Numbers, stored: np.dtype[Any], taken: np.dtype[Any], factors: Factors
) -> list[float]:
    """Turn marks into stored numbers, as far as there are such.

    They speak of stored numbers (CF 1.11, section 2.5.1). One that the type cannot hold is taken
    for a value, and so for the stored number that becomes it.
    """
    find = _floats if taken.kind == "f" else _wholes
    finite = (as_taken(v, stored, taken) for v in numbers.values if math.isfinite(v))
    return [mark for number in finite for mark in find(number, numbers.dtype, taken, factors)]


def marks_told(numbers: Numbers, found: Sequence[float]) -> str:
    """Say which marks there are, and where from."""
    listed = ", ".join(map(shown, numbers.values))
    source = numbers.name if numbers.name == GIVEN else f"from {numbers.name}"
    lost = "" if found or any(map(math.isnan, numbers.values)) else "; no stored number is that"
    return f"{listed} ({source}{lost})"


def _floats(
    number: float, own: np.dtype[Any], taken: np.dtype[Any], factors: Factors
) -> Iterator[float]:
    native = taken.newbyteorder("=")
    with np.errstate(over="ignore"):
        candidates = {float(native.type(number))}
        if own == np.float32 and native == np.float64:  # -999.9f among doubles: -999.9 as well
            candidates.add(float(str(np.float32(number))))
    yield from sorted(c for c in candidates if math.isfinite(c))


def _wholes(
    number: float, own: np.dtype[Any], taken: np.dtype[Any], factors: Factors
) -> Iterator[float]:
    info = np.iinfo(taken)
    if number == int(number) and info.min <= number <= info.max:
        yield int(number)
    elif not factors.are_plain:
        place = (number - factors.offset) / factors.scale
        if info.min <= place <= info.max:
            value = round(place) * factors.scale + factors.offset
            if abs(value - number) <= OF_STEP * abs(factors.scale) + OF_MARK * abs(number):
                yield round(place)


def _whole(number: float) -> float:
    return int(number) if math.isfinite(number) and number == int(number) else number

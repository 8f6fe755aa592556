"""Missing-value codes: numbers that a file or its row of the catalog uses for missing values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import netCDF4
import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, Numbers, format_number, read_numbers
from csserv.catalog.packing.factors import Factors

#: the attribute whose number also fills cells that were never written
FILL_VALUE = "_FillValue"

#: how far a code in units may be from an unpacked number: in packing steps, and relative to itself
STEP_TOLERANCE, RELATIVE_TOLERANCE = 1e-3, 1e-6


def read_missing_values(attributes: Mapping[str, Any], given: Sequence[float]) -> list[Numbers]:
    """Read the missing-value codes that the file and its row state.

    Parameters
    ----------
    attributes : of the variable
    given : codes of the row; if there are some, attributes that are no numbers are ignored

    Returns
    -------
    codes : those of ``_FillValue``, ``missing_value`` and the row, as far as they are stated

    Raises
    ------
    GranuleError : an attribute is a text that is no number
    """
    stated = {
        name: value
        for name in (FILL_VALUE, "missing_value")
        if (value := attributes.get(name)) is not None
        and not (given and np.asarray(value).dtype.kind not in "iuf")
    }
    found = [read_numbers(name, value, "missing") for name, value in stated.items()]
    if given:
        found.append(Numbers(GIVEN, tuple(map(_as_int, given)), np.dtype(np.float64)))
    return found


def default_fill_value(stored: np.dtype[Any]) -> float:
    """Return the number that netCDF writes into cells of a data type that were never written."""
    return _as_python(netCDF4.default_fillvals[stored.newbyteorder("=").str[1:]])


def change_sign(number: float, stored: np.dtype[Any], taken: np.dtype[Any]) -> float:
    """Reinterpret a stored number as one of the other signedness; the bits stay the same.

    >>> change_sign(-6, np.dtype("i2"), np.dtype("u2"))
    65530
    """
    if stored.kind == taken.kind or not math.isfinite(number) or number != int(number):
        return number
    info = np.iinfo(stored)
    if not info.min <= number <= info.max:
        return number
    return _as_python(np.array(int(number), stored).view(taken))


def stored_codes(
    numbers: Numbers, stored: np.dtype[Any], taken: np.dtype[Any], factors: Factors
) -> list[float]:
    """Find the stored numbers that missing-value codes stand for.

    Codes are stored numbers (CF 1.11, section 2.5.1). One that the data type cannot hold is taken
    for an unpacked value, and so for the stored number that unpacks to it, if there is one.

    Parameters
    ----------
    stored : data type in the file
    taken : the same, or its counterpart of the other signedness
    """
    find = _float_codes if taken.kind == "f" else _integer_codes
    finite = (change_sign(v, stored, taken) for v in numbers.values if math.isfinite(v))
    return [code for number in finite for code in find(number, numbers.dtype, taken, factors)]


def describe_codes(numbers: Numbers, found: Sequence[float]) -> str:
    """Describe codes and where they come from, e.g. ``-9999 (from _FillValue)``."""
    listed = ", ".join(map(format_number, numbers.values))
    source = numbers.name if numbers.name == GIVEN else f"from {numbers.name}"
    unused = "" if found or any(map(math.isnan, numbers.values)) else "; no stored number is that"
    return f"{listed} ({source}{unused})"


def _float_codes(
    number: float, own: np.dtype[Any], taken: np.dtype[Any], factors: Factors
) -> Iterator[float]:
    native = taken.newbyteorder("=")
    with np.errstate(over="ignore"):
        candidates = {float(native.type(number))}
        if own == np.float32 and native == np.float64:  # -999.9f in doubles: -999.9 as well
            candidates.add(float(str(np.float32(number))))
    yield from sorted(c for c in candidates if math.isfinite(c))


def _integer_codes(
    number: float, own: np.dtype[Any], taken: np.dtype[Any], factors: Factors
) -> Iterator[float]:
    info = np.iinfo(taken)
    if number == int(number) and info.min <= number <= info.max:
        yield int(number)
    elif not factors.are_plain:
        place = (number - factors.offset) / factors.scale
        if info.min <= place <= info.max:
            gap = abs(round(place) * factors.scale + factors.offset - number)
            if gap <= STEP_TOLERANCE * abs(factors.scale) + RELATIVE_TOLERANCE * abs(number):
                yield round(place)


def _as_int(number: float) -> float:
    return int(number) if math.isfinite(number) and number == int(number) else number


def _as_python(number: Any) -> float:
    """Turn a numpy number into a Python one; integers stay exact."""
    value: float = np.asarray(number).item()
    return value

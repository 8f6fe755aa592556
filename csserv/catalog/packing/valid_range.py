"""The valid range of a variable, either of stored numbers or of unpacked values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, Numbers, format_number, read_numbers
from csserv.catalog.packing.factors import Factors
from csserv.errors import GranuleError

#: end of each refusal: how to go on
REMEDY = "say what it is in its row: valid"

#: rounding error when a packed float is computed from a value [machine epsilons]
ROUNDING = 8

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True)
class ValidRange:
    """A valid range.

    Attributes
    ----------
    low, high : the bounds, which are valid themselves; None if there is none
    unpacked : whether the bounds are unpacked values rather than stored numbers
    source : the attributes that state it, or ``GIVEN`` by the row; empty if nothing does
    """

    low: float | None = None
    high: float | None = None
    unpacked: bool = False
    source: str = ""

    def stored_bounds(self, dtype: np.dtype[Any], factors: Factors) -> Bounds:
        """Convert the bounds to stored numbers.

        Unpacked bounds are compared with a tolerance of half a packing step for integers, and of
        the rounding error for floats, as 250 x 0.2f is 50.0000007.

        Parameters
        ----------
        dtype : of the stored numbers

        Returns
        -------
        low, high : integers for an integer ``dtype``; None where all numbers of it are within

        Raises
        ------
        GranuleError : no number of the data type lies in the range
        """
        low, high = self.low, self.high
        if self.unpacked:
            low, high = _packed(low, factors), _packed(high, factors)
            if factors.scale < 0:
                low, high = high, low
        if dtype.kind == "f":
            return _float_bounds(low, high, dtype, self.unpacked, factors)
        slack = 0.5 if self.unpacked and not factors.are_plain else 0.0
        info = np.iinfo(dtype)
        first = info.min if low is None else max(info.min, math.ceil(low - slack))
        last = info.max if high is None else min(info.max, math.floor(high + slack))
        if first > last:
            which = "the range of its row" if self.source == GIVEN else f"its {self.source}"
            raise GranuleError(f"no {dtype.newbyteorder('=')} lies in {which}, {self}; {REMEDY}")
        return None if first == info.min else first, None if last == info.max else last

    def unpack(self, factors: Factors) -> ValidRange:
        """Convert it to a range of unpacked values."""
        if self.unpacked:
            return self
        ends = [
            None if v is None else v * factors.scale + factors.offset for v in (self.low, self.high)
        ]
        low, high = ends if factors.scale > 0 else reversed(ends)
        return replace(self, low=low, high=high, unpacked=True)

    def __str__(self) -> str:
        if self.high is None:
            return "" if self.low is None else f"{format_number(self.low)} or more"
        if self.low is None:
            return f"{format_number(self.high)} or less"
        return f"{format_number(self.low)} to {format_number(self.high)}"

    def describe(self, factors: Factors, units: str) -> str:
        """Describe it with its source, e.g. ``0 to 50 m/s (valid_range)``; empty without one."""
        if not self.source or not str(self):
            return ""
        unit = f" {units}" if units not in ("", "1") else ""
        if factors.are_plain or self.source == GIVEN:
            return f"{self}{unit} ({self.source})"
        if self.unpacked:
            return f"{self}{unit} ({self.source}, in unpacked units, as its data type says)"
        return f"{self} as stored, {self.unpack(factors)}{unit} ({self.source})"


def read_valid_range(
    attributes: Mapping[str, Any], dtype: np.dtype[Any], factors: Factors
) -> ValidRange:
    """Read ``valid_range``, or else ``valid_min`` and ``valid_max``.

    ``actual_range`` is not used: it states which values occur, not which may.

    Parameters
    ----------
    attributes : of the variable
    dtype : of the stored numbers

    Raises
    ------
    GranuleError : an attribute is no number, or ``valid_range`` has not two of them
    """
    names = ["valid_range"] if "valid_range" in attributes else ["valid_min", "valid_max"]
    read = {n: read_numbers(n, attributes[n], "valid") for n in names if n in attributes}
    if "valid_range" in read:
        low, high = _pair(read["valid_range"])
    else:
        low, high = (read[n].single if n in read else math.nan for n in names)
    unpacked = any(_is_unpacked(one.dtype, dtype, factors.dtype) for one in read.values())
    return ValidRange(_bound(low), _bound(high), unpacked, " and ".join(read))


def check_order(found: ValidRange) -> ValidRange:
    """Return a range whose lower bound is not above the upper one.

    Raises
    ------
    GranuleError : it is
    """
    if found.low is not None and found.high is not None and found.low > found.high:
        ends = f"from {format_number(found.low)} down to {format_number(found.high)}"
        raise GranuleError(f"its {found.source} goes {ends}; {REMEDY}")
    return found


def _bound(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _pair(numbers: Numbers) -> tuple[float, float]:
    if len(numbers.values) != 2:
        listed = ", ".join(map(format_number, numbers.values))
        raise GranuleError(f"its {numbers.name} is {listed} and not two numbers; {REMEDY}")
    return numbers.values[0], numbers.values[1]


def _is_unpacked(own: np.dtype[Any], stored: np.dtype[Any], factors: np.dtype[Any] | None) -> bool:
    """Whether the data type of a range shows that its bounds are unpacked values.

    They are if it has the data type of the factors and that is wider than the stored numbers'
    (NetCDF Users Guide, attribute conventions). Floats are never bounds of stored integers.
    """
    if factors is None:
        return False
    if own.kind == "f" and stored.kind != "f":
        return True
    kinds = "f" if stored.kind == "f" else "iu"
    return own == factors and own.kind in kinds and own.itemsize > stored.itemsize


def _packed(value: float | None, factors: Factors) -> float | None:
    """Convert a value to the stored number, a fraction perhaps."""
    if value is None:
        return None
    stored = (value - factors.offset) / factors.scale
    return stored if math.isfinite(stored) else None


def _float_bounds(
    low: float | None, high: float | None, dtype: np.dtype[Any], unpacked: bool, factors: Factors
) -> Bounds:
    bounds = []
    for bound, sign in ((low, -1), (high, 1)):
        slack = 0.0
        if bound is not None and unpacked and not factors.are_plain:
            reach = max(abs(bound), abs(factors.offset / factors.scale))
            slack = ROUNDING * float(np.finfo(dtype).eps) * reach
        with np.errstate(over="ignore"):
            number = np.inf if bound is None else float(dtype.type(bound + sign * slack))
        bounds.append(_bound(number))
    return bounds[0], bounds[1]

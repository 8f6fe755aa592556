"""The valid range, of stored numbers or of values: an attribute's own type says of which."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, Numbers, read_numbers, shown
from csserv.catalog.packing.factors import Factors
from csserv.errors import GranuleError

MENDED = "say what it is in its row: valid"

#: what is lost when a value is computed from a stored float [units of its last place]
PLACES = 8


@dataclass(frozen=True)
class ValidRange:
    """A valid range.

    Attributes
    ----------
    low, high : None where there is no bound
    in_units : whether it is one of values, not of stored numbers
    source : the attributes that say so, or ``GIVEN``; empty where nobody does
    """

    low: float | None = None
    high: float | None = None
    in_units: bool = False
    source: str = ""

    def stored(self, dtype: np.dtype[Any], factors: Factors) -> tuple[float | None, float | None]:
        """Turn it into stored numbers of a type: lowest and highest, None where any will do.

        Values are compared with a tolerance: half a packing step for whole numbers, and what
        rounding loses for floats, as 250 x 0.2f is 50.0000007.

        Raises
        ------
        GranuleError : no stored number lies in it
        """
        low, high = self.low, self.high
        if self.in_units:
            low, high = _unpacked(low, factors), _unpacked(high, factors)
            if factors.scale < 0:
                low, high = high, low
        if dtype.kind == "f":
            return _floats(low, high, dtype, self.in_units, factors)
        slack = 0.5 if self.in_units and not factors.are_plain else 0.0
        info = np.iinfo(dtype)
        first = info.min if low is None else max(info.min, math.ceil(low - slack))
        last = info.max if high is None else min(info.max, math.floor(high + slack))
        if first > last:
            which = "the range of its row" if self.source == GIVEN else f"its {self.source}"
            number = dtype.newbyteorder("=")
            raise GranuleError(f"no {number} lies in {which}, {self}; {MENDED}")
        return None if first == info.min else first, None if last == info.max else last

    def of_values(self, factors: Factors) -> ValidRange:
        """Say it of values, where it is one of stored numbers."""
        if self.in_units:
            return self
        ends = [
            None if v is None else v * factors.scale + factors.offset for v in (self.low, self.high)
        ]
        low, high = ends if factors.scale > 0 else reversed(ends)
        return replace(self, low=low, high=high, in_units=True)

    def __str__(self) -> str:
        if self.high is None:
            return "" if self.low is None else f"{shown(self.low)} or more"
        if self.low is None:
            return f"{shown(self.high)} or less"
        return f"{shown(self.low)} to {shown(self.high)}"

    def told(self, factors: Factors, units: str) -> str:
        """Say what it is, and where from."""
        if not self.source or not str(self):
            return ""
        unit = f" {units}" if units not in ("", "1") else ""
        if factors.are_plain or self.source == GIVEN:
            return f"{self}{unit} ({self.source})"
        if self.in_units:
            return f"{self}{unit} ({self.source}, in unpacked units as its type is no packed one)"
        return f"{self} as stored, {self.of_values(factors)}{unit} ({self.source})"


def read_range(attributes: Mapping[str, Any], dtype: np.dtype[Any], factors: Factors) -> ValidRange:
    """Read ``valid_range``, or else ``valid_min`` and ``valid_max``.

    ``actual_range`` tells what there is, not what may be, and is no valid range.

    Raises
    ------
    GranuleError : it is no range; says why
    """
    names = ["valid_range"] if "valid_range" in attributes else ["valid_min", "valid_max"]
    read = {n: read_numbers(n, attributes[n], "valid") for n in names if n in attributes}
    if "valid_range" in read:
        low, high = _two(read["valid_range"])
    else:
        low, high = (read[n].one if n in read else math.nan for n in names)
    in_units = any(_is_in_units(one.dtype, dtype, factors.dtype) for one in read.values())
    return ValidRange(_bound(low), _bound(high), in_units, " and ".join(read))


def check_order(found: ValidRange) -> ValidRange:
    """See that it does not run downwards.

    Raises
    ------
    GranuleError : it does
    """
    if found.low is not None and found.high is not None and found.low > found.high:
        raise GranuleError(
            f"its {found.source} goes from {shown(found.low)} down to {shown(found.high)}; {MENDED}"
        )
    return found


def _bound(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _two(numbers: Numbers) -> tuple[float, float]:
    if len(numbers.values) != 2:
        listed = ", ".join(map(shown, numbers.values))
        raise GranuleError(f"its {numbers.name} is {listed} and not two numbers; {MENDED}")
    return numbers.values[0], numbers.values[1]


def _is_in_units(own: np.dtype[Any], stored: np.dtype[Any], factors: np.dtype[Any] | None) -> bool:
    """Whether a range of a type speaks of values.

    It does where its type is that of the factors and wider than the stored numbers, or of another
    kind (NetCDF Users Guide); floats never speak of stored whole numbers.
    """
    if factors is None:
        return False
    if own.kind == "f" and stored.kind != "f":
        return True
    kinds = "f" if stored.kind == "f" else "iu"
    return own == factors and own.kind in kinds and own.itemsize > stored.itemsize


def _unpacked(value: float | None, factors: Factors) -> float | None:
    """Turn a value into the stored number, a fraction perhaps."""
    if value is None:
        return None
    stored = (value - factors.offset) / factors.scale
    return stored if math.isfinite(stored) else None


def _floats(
    low: float | None, high: float | None, dtype: np.dtype[Any], in_units: bool, factors: Factors
) -> tuple[float | None, float | None]:
    bounds = []
    for bound, sign in ((low, -1), (high, 1)):
        slack = 0.0
        if bound is not None and in_units and not factors.are_plain:
            reach = max(abs(bound), abs(factors.offset / factors.scale))
            slack = PLACES * float(np.finfo(dtype).eps) * reach
        with np.errstate(over="ignore"):
            number = np.inf if bound is None else float(dtype.type(bound + sign * slack))
        bounds.append(number if math.isfinite(number) else None)
    return bounds[0], bounds[1]

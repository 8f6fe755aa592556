"""Converts stored numbers to values, and finds those that are missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Packing:
    """How a variable stores its values (CF 1.11, sections 2.5.1 and 8.1).

    Attributes
    ----------
    dtype : type of the stored numbers with byte order, in numpy's notation
    marks : stored numbers that stand for missing values; NaN and infinity always do
    low, high : valid range of the stored numbers; integers if these are
    scale, offset : value = stored x scale + offset
    fill : the stored number of cells that were never written; None for NaN
    """

    dtype: str
    marks: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    fill: float | None = None

    @property
    def is_plain(self) -> bool:
        """Whether stored numbers are the values themselves: scale 1, offset 0."""
        return (self.scale, self.offset) == (1.0, 0.0)

    @cached_property
    def native(self) -> np.dtype[Any]:
        """The type of the stored numbers in this machine's byte order."""
        return np.dtype(self.dtype).newbyteorder("=")

    @property
    def unwritten(self) -> Any:
        """The stored number of a cell that was never written."""
        return self.native.type(np.nan if self.fill is None else self.fill)

    def missing(self, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return a mask of the missing values, shaped like ``stored``; None if there is none."""
        # looking at the extremes costs half as much; they are NaN where any number is NaN
        if not stored.size or self._are_valid(stored.min().item(), stored.max().item()):
            return None
        missing = self.marked(stored)
        outside = self.outside(stored)
        if outside is not None:
            missing = _either(missing, outside)
        return missing if missing is not None and missing.any() else None

    def marked(self, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return a mask of missing-value codes, NaN and infinity; None if there can be none."""
        missing: NDArray[np.bool_] | None = None
        for mark in self._native_marks:
            missing = _either(missing, stored == mark)
        return _either(missing, ~np.isfinite(stored)) if self.native.kind == "f" else missing

    def outside(self, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return a mask of the numbers out of the valid range; None if there is no range."""
        outside: NDArray[np.bool_] | None = None
        if self.low is not None:
            outside = _either(outside, stored < self.native.type(self.low))
        if self.high is not None:
            outside = _either(outside, stored > self.native.type(self.high))
        return outside

    def decoded(self, stored: NDArray[Any]) -> Floats:
        """Turn stored numbers into float64 values; where missing, the result has no meaning."""
        values = stored.astype(np.float64)
        return values if self.is_plain else values * self.scale + self.offset

    def values(self, stored: NDArray[Any]) -> Floats:
        """Turn stored numbers into float64 values, NaN where missing."""
        missing = self.missing(stored)
        values = self.decoded(stored)
        if missing is not None:
            values[missing] = np.nan
        return values

    def _are_valid(self, low: float, high: float) -> bool:
        """Whether all numbers from the lowest to the highest are valid values."""
        limits = (
            -np.inf if self.low is None else self.low,
            np.inf if self.high is None else self.high,
        )
        clear = all(mark < low or mark > high for mark in self.marks)
        finite = math.isfinite(low) and math.isfinite(high)
        return clear and finite and limits[0] <= low and high <= limits[1]

    @cached_property
    def _native_marks(self) -> list[Any]:
        return [self.native.type(mark) for mark in self.marks]


def _either(first: NDArray[np.bool_] | None, second: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return second if first is None else first | second

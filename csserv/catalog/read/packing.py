"""How stored numbers become values: data type, missing values, valid range, scale and offset."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats


@dataclass(frozen=True)
class Packing:
    """How a variable stores its values (CF 1.11, sections 2.5.1 and 8.1).

    Attributes
    ----------
    dtype : type of the stored numbers with byte order, in numpy's notation
    marks : stored numbers that stand for missing values; NaN and infinity always do
    low, high : valid range of the stored numbers; those outside are missing values
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

    @classmethod
    def of(cls, variable: netCDF4.Variable[Any]) -> Self:
        """Read the packing from the attributes of a variable."""
        attributes = {name: variable.getncattr(name) for name in variable.ncattrs()}
        dtype = np.dtype(variable.dtype)
        if variable.endian() in ("big", "little"):
            dtype = dtype.newbyteorder(variable.endian())
        if str(attributes.get("_Unsigned", "")).lower() == "true" and dtype.kind == "i":
            dtype = np.dtype(dtype.str.replace("i", "u"))
        low, high = attributes.get(
            "valid_range", (attributes.get("valid_min"), attributes.get("valid_max"))
        )
        marks = _marks(attributes, dtype)
        fill = float(np.ravel(attributes.get("_FillValue", marks[0] if marks else 0))[0])
        return cls(
            dtype=dtype.str,
            marks=marks,
            low=None if low is None else float(low),
            high=None if high is None else float(high),
            scale=float(attributes.get("scale_factor", 1.0)),
            offset=float(attributes.get("add_offset", 0.0)),
            fill=None if np.isnan(fill) else fill,
        )

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
        if not stored.size or self._are_valid(float(stored.min()), float(stored.max())):
            return None
        missing: NDArray[np.bool_] | None = None
        for mark in self._native_marks:
            missing = _either(missing, stored == mark)
        if self.native.kind == "f":
            missing = _either(missing, ~np.isfinite(stored))
        if self.low is not None:
            missing = _either(missing, stored < self.low)
        if self.high is not None:
            missing = _either(missing, stored > self.high)
        return missing if missing is not None and missing.any() else None

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


def _marks(attributes: dict[str, Any], dtype: np.dtype[Any]) -> tuple[float, ...]:
    """Return the numbers that stand for missing values, if the data type can hold them."""
    given = [attributes.get("_FillValue"), attributes.get("missing_value")]
    if given[0] is None and dtype.itemsize > 1:  # bytes have no default fill
        given[0] = netCDF4.default_fillvals[dtype.newbyteorder("=").str[1:]]
    numbers = {float(v) for one in given if one is not None for v in np.ravel(np.asarray(one))}
    if dtype.kind == "f":
        return tuple(sorted(float(dtype.type(v)) for v in numbers if not np.isnan(v)))
    unsigned = {v % 2 ** (8 * dtype.itemsize) for v in numbers} if dtype.kind == "u" else numbers
    info = np.iinfo(dtype)
    return tuple(sorted(v for v in unsigned if info.min <= v <= info.max and v == int(v)))


def _either(first: NDArray[np.bool_] | None, second: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return second if first is None else first | second

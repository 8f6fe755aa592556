"""What an index is computed of, and what comes out: series, with where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.errors import InvalidRequestError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class IndexInputs:
    """Series that an index is computed of: the whole record, as long as there is one.

    Attributes
    ----------
    values : what is measured → (time, series), none as NaN: "precipitation", "temperature",
        "temperature_min", "temperature_max", "pet" (potential evapotranspiration), "ndvi"
    units : of each
    starts : (time,) when each step begins, rising: cftime, datetime or numpy dates
    latitudes : (series,) [degrees north]; where evaporation is computed from temperature
    held : time steps that each value holds already, itself and those before it

    Raises
    ------
    InvalidRequestError : shapes differ, units are missing, or a value is infinite
    """

    values: Mapping[str, Floats]
    units: Mapping[str, str]
    starts: Sequence[Any] | NDArray[Any]
    latitudes: Floats | None = None
    held: int = 1

    def __post_init__(self) -> None:
        shapes = {kind: np.shape(values) for kind, values in self.values.items()}
        times = len(self.starts)
        if not all(len(shape) == 2 and shape[0] == times for shape in shapes.values()):
            raise InvalidRequestError(
                f"series of {shapes} for {times} steps; each is (time, series)"
            )
        if len(set(shapes.values())) != 1 or not all(np.size(one) for one in self.values.values()):
            raise InvalidRequestError(f"series of {shapes}: there is one or more, of equal shape")
        if missing := [kind for kind in shapes if not self.units.get(kind)]:
            raise InvalidRequestError(f"no units of {', '.join(missing)}")
        if infinite := [kind for kind, values in self.values.items() if np.isinf(values).any()]:
            raise InvalidRequestError(f"{', '.join(infinite)} has infinite values")
        self._check_latitudes(next(iter(shapes.values()))[1])

    def _check_latitudes(self, series: int) -> None:
        if self.latitudes is None:
            return
        fits = np.shape(self.latitudes) == (series,)
        if not fits or not (np.abs(self.latitudes) <= 90.0).all():
            raise InvalidRequestError(f"latitudes are {series} numbers, one a series, of -90 to 90")


@dataclass(frozen=True, eq=False)
class IndexSeries:
    """An index: its values, and all that is needed to check them.

    Attributes
    ----------
    values : (time, series), none as NaN, never infinite
    units : of the values
    starts : (time,) when each step begins, by which it is named
    spans : (time,) from when to when it lasts; the end is not of it. Steps that hold those before
        them begin with the first of these
    attributes : for CF: long_name, standard_name where there is one, and the like
    receipt : how they came about: library, version, rules, years; texts, numbers and lists alone
    fit : name of a parameter → (steps of the year, series), of what was fitted; none as NaN
    """

    values: Floats
    units: str
    starts: tuple[cftime.datetime, ...]
    spans: Sequence[tuple[cftime.datetime, cftime.datetime]]
    attributes: Mapping[str, str]
    receipt: Mapping[str, Any]
    fit: Mapping[str, Floats] = field(default_factory=dict)

    def full_receipt(self) -> dict[str, Any]:
        """Return the receipt with what was fitted, as lists by step of the year and series."""
        fit = {name: _as_lists(values) for name, values in self.fit.items()}
        return {**self.receipt, **({"fit_parameters": fit} if fit else {})}


def _as_lists(values: Floats) -> list[list[float | None]]:
    return [[None if np.isnan(one) else float(one) for one in row] for row in values]

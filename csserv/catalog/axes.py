"""Which dimensions are time, latitude and longitude: CF attributes first, then names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.errors import GranuleError, nearest


@dataclass(frozen=True)
class Sign:
    """How an axis is known: CF attributes, else usual names."""

    axis: str
    standard_name: str
    units: tuple[str, ...]
    names: tuple[str, ...]


#: CF 1.11, sections 4.1 to 4.4
SIGNS = {
    "time": Sign("T", "time", (), ("time", "valid_time", "t")),
    "latitude": Sign(
        "Y",
        "latitude",
        ("degrees_north", "degree_north", "degree_N", "degrees_N", "degreeN", "degreesN"),
        ("latitude", "lat", "y"),
    ),
    "longitude": Sign(
        "X",
        "longitude",
        ("degrees_east", "degree_east", "degree_E", "degrees_E", "degreeE", "degreesE"),
        ("longitude", "lon", "x"),
    ),
}


@dataclass(frozen=True, eq=False)
class Axes:
    """Where time, latitude and longitude are in a variable, and how they run."""

    time: str  #: name of the time coordinate
    lat: NDArray[np.float64]  #: cell centres as in the file [degrees]
    lon: NDArray[np.float64]
    order: tuple[int, int, int]  #: positions of time, latitude, longitude

    @property
    def rows(self) -> int:
        """How many latitudes there are."""
        return len(self.lat)

    @property
    def columns(self) -> int:
        """How many longitudes there are."""
        return len(self.lon)

    @property
    def south_up(self) -> bool:
        """Whether the first row is the southernmost."""
        return bool(self.lat[0] < self.lat[-1])

    @property
    def east_first(self) -> bool:
        """Whether the longitudes fall."""
        unwrapped = np.unwrap(self.lon, period=360.0)
        return bool(unwrapped[0] > unwrapped[-1])


def find_axes(data: netCDF4.Dataset, name: str) -> Axes:
    """Find the three axes of a variable.

    Raises
    ------
    GranuleError : no such variable, an axis not found, or a further dimension of more than one
    """
    if name not in data.variables:
        known = [n for n, v in data.variables.items() if v.ndim >= 2]
        raise GranuleError(
            f"no variable {name!r}; it has {', '.join(nearest(name, known) or known)}"
        )
    dimensions = data[name].dimensions
    found = {kind: _dimension(data, dimensions, kind) for kind in SIGNS}
    for extra in set(dimensions) - set(found.values()):
        if (length := len(data.dimensions[extra])) > 1:
            raise GranuleError(f"{name} has a further dimension {extra} of {length}")
    return Axes(
        time=found["time"],
        lat=_centres(data, found["latitude"]),
        lon=_centres(data, found["longitude"]),
        order=tuple(dimensions.index(found[kind]) for kind in SIGNS),
    )


def _dimension(data: netCDF4.Dataset, dimensions: tuple[str, ...], kind: str) -> str:
    sign = SIGNS[kind]
    coordinates = [d for d in dimensions if d in data.variables]
    for test in (_by_standard_name, _by_units, _by_axis):
        for dimension in coordinates:
            if test(data[dimension], sign):
                return dimension
    for dimension in coordinates:
        if dimension.lower() in sign.names:
            return dimension
    raise GranuleError(f"no {kind} among its dimensions {', '.join(dimensions) or '(none)'}")


def _by_standard_name(variable: netCDF4.Variable[Any], sign: Sign) -> bool:
    return str(getattr(variable, "standard_name", "")) == sign.standard_name


def _by_units(variable: netCDF4.Variable[Any], sign: Sign) -> bool:
    units = str(getattr(variable, "units", ""))
    return units in sign.units or (sign.axis == "T" and " since " in units)


def _by_axis(variable: netCDF4.Variable[Any], sign: Sign) -> bool:
    return str(getattr(variable, "axis", "")) == sign.axis


def _centres(data: netCDF4.Dataset, name: str) -> NDArray[np.float64]:
    values = np.ma.filled(np.ma.asarray(data[name][:], dtype=np.float64), np.nan)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise GranuleError(f"its {name} is not a plain axis of numbers")
    return values

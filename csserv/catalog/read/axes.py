"""Finds time, latitude and longitude of a variable: by CF attributes first, then by usual names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.coordinates import auxiliary, lookup
from csserv.catalog.read.grid import Floats
from csserv.catalog.read.time_axis import TimeAxis, find_time
from csserv.errors import GranuleError, nearest

Variable: TypeAlias = "netCDF4.Variable[Any]"


@dataclass(frozen=True)
class Sign:
    """How to recognise an axis: by CF attributes, else by usual names."""

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


@dataclass(frozen=True)
class Further:
    """A dimension besides time, latitude and longitude, such as an ensemble member or a height."""

    name: str
    position: int
    labels: tuple[str, ...]  #: its coordinates as text, or 0, 1, ... where it has none
    units: str = ""


@dataclass(frozen=True, eq=False)
class Axes:
    """The time, latitude and longitude of a variable, and their order in the file.

    Attributes
    ----------
    time : the coordinates that tell the times
    lat, lon : cell centres as in the file [degrees]: (rows,) and (columns,), or both
        (rows, columns) where the grid is curved
    lat_bounds, lon_bounds : edges of the cells, (n, 2), or (rows, columns, 4) on a curved grid;
        None where the file has none
    order : positions of time, latitude, longitude among the variable's dimensions; -1 for time
        where the variable has no time dimension
    further : the other dimensions of a length above 1
    """

    time: TimeAxis
    lat: Floats
    lon: Floats
    lat_bounds: Floats | None
    lon_bounds: Floats | None
    order: tuple[int, int, int]
    further: tuple[Further, ...]

    @property
    def is_curved(self) -> bool:
        """Whether latitude and longitude are given for each cell (two-dimensional coordinates)."""
        return self.lat.ndim == 2

    @property
    def south_up(self) -> bool:
        """Whether the first row is the southernmost one."""
        return not self.is_curved and bool(self.lat[0] < self.lat[-1])

    @property
    def east_first(self) -> bool:
        """Whether longitudes fall, so that the first column is the easternmost one."""
        if self.is_curved:
            return False
        unwrapped = np.unwrap(self.lon, period=360.0)
        return bool(unwrapped[0] > unwrapped[-1])


def find_axes(data: netCDF4.Dataset, name: str, date_in_name: bool = False) -> Axes:
    """Find the axes of a variable; in a group its name is ``group/variable``.

    Parameters
    ----------
    date_in_name : whether the date stands in the file's name

    Raises
    ------
    GranuleError : no such variable, or one of its axes is not found
    """
    variable = find_variable(data, name)
    curved = _curved_pair(variable)
    if curved is None:
        rows, columns = (_dimension(variable, kind) for kind in ("latitude", "longitude"))
        lat, lon = _coordinate(variable, rows), _coordinate(variable, columns)
    else:
        lat, lon = curved
        rows, columns = lat.dimensions
    time = find_time(variable, {rows, columns}, date_in_name)
    of_time = time.dimension
    names = (of_time, rows, columns)
    position = {dimension: i for i, dimension in enumerate(variable.dimensions)}
    return Axes(
        time=time,
        lat=_centres(lat),
        lon=_centres(lon),
        lat_bounds=_bounds(lat),
        lon_bounds=_bounds(lon),
        order=(position.get(of_time, -1), position[rows], position[columns]),
        further=tuple(
            _further(variable, dimension)
            for dimension in variable.dimensions
            if dimension not in names and variable.shape[position[dimension]] > 1
        ),
    )


def find_variable(data: netCDF4.Dataset, name: str) -> Variable:
    """Find a variable, in a group or not."""
    if not has_variable(data, name):
        known = list(field_names(data))
        raise GranuleError(
            f"no variable {name!r}; it has {', '.join(nearest(name, known) or known)}; where some "
            f"files call it so and others otherwise, the row takes both: variable = [{name!r}, …]"
        )
    found: Variable = data[name]
    return found


def has_variable(data: netCDF4.Dataset, name: str) -> bool:
    """Whether there is a variable of that name."""
    try:
        return isinstance(data[name], netCDF4.Variable)
    except (IndexError, KeyError):
        return False


def field_names(group: netCDF4.Dataset, path: str = "") -> Iterator[str]:
    """Yield the names of variables of two or more dimensions, as ``group/variable`` in groups."""
    yield from (path + n for n, v in group.variables.items() if v.ndim >= 2)
    for name, inner in group.groups.items():
        yield from field_names(inner, f"{path}{name}/")


def _coordinate(variable: Variable, dimension: str) -> Variable:
    found = lookup(variable, dimension)
    if found is None:
        raise GranuleError(f"its dimension {dimension} has no coordinates")
    return found


def _dimension(variable: Variable, kind: str) -> str:
    """Find the dimension of a kind (a key of ``SIGNS``) by its coordinate variable."""
    sign = SIGNS[kind]
    coordinates = [(d, c) for d in variable.dimensions if (c := lookup(variable, d)) is not None]
    for test in (_by_standard_name, _by_units, _by_axis):
        for dimension, coordinate in coordinates:
            if test(coordinate, sign):
                return dimension
    for dimension, _ in coordinates:
        if dimension.lower() in sign.names:
            return dimension
    names = ", ".join(variable.dimensions)
    raise GranuleError(f"no {kind} among its dimensions {names or '(none)'}")


def _curved_pair(variable: Variable) -> tuple[Variable, Variable] | None:
    """Find the two-dimensional latitudes and longitudes of a variable; None where it has none."""
    pair: dict[str, Variable] = {}
    for one in auxiliary(variable):
        if one.ndim == 2 and set(one.dimensions) <= set(variable.dimensions):
            for kind in ("latitude", "longitude"):
                sign = SIGNS[kind]
                known = _by_standard_name(one, sign) or _by_units(one, sign)
                if known or one.name.lower() in sign.names[:2]:
                    pair.setdefault(kind, one)
    if len(pair) < 2 or pair["latitude"].dimensions != pair["longitude"].dimensions:
        return None
    return pair["latitude"], pair["longitude"]


def _further(variable: Variable, dimension: str) -> Further:
    position = variable.dimensions.index(dimension)
    coordinate = lookup(variable, dimension)
    if coordinate is None:
        labels = tuple(str(i) for i in range(variable.shape[position]))
        return Further(dimension, position, labels)
    values = netCDF4.chartostring(coordinate[:]) if coordinate.dtype.kind == "S" else coordinate[:]
    labels = tuple(f"{v:g}" if isinstance(v, float) else str(v) for v in values.tolist())
    return Further(dimension, position, labels, str(getattr(coordinate, "units", "")))


def _by_standard_name(variable: Variable, sign: Sign) -> bool:
    return str(getattr(variable, "standard_name", "")) == sign.standard_name


def _by_units(variable: Variable, sign: Sign) -> bool:
    units = str(getattr(variable, "units", ""))
    return units in sign.units or (sign.axis == "T" and " since " in units.casefold())


def _by_axis(variable: Variable, sign: Sign) -> bool:
    return str(getattr(variable, "axis", "")) == sign.axis


def is_place(variable: Variable) -> bool:
    """Whether a variable itself holds latitudes or longitudes."""
    units = str(getattr(variable, "units", ""))
    standard = str(getattr(variable, "standard_name", ""))
    signs = (SIGNS["latitude"], SIGNS["longitude"])
    return any(standard == sign.standard_name or units in sign.units for sign in signs)


def _centres(coordinate: Variable) -> Floats:
    values = np.ma.filled(np.ma.asarray(coordinate[:], dtype=np.float64), np.nan)
    if values.ndim not in (1, 2) or not np.isfinite(values).all():
        raise GranuleError(f"its {coordinate.name} is not an axis of numbers")
    return np.asarray(values, np.float64)


def _bounds(coordinate: Variable) -> NDArray[np.float64] | None:
    found = lookup(coordinate, str(getattr(coordinate, "bounds", "")))
    if found is None or found.ndim != coordinate.ndim + 1:
        return None
    return np.asarray(np.ma.filled(found[:].astype(np.float64), np.nan))

"""Finds time and place of a variable, and their order in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import netCDF4

from csserv.catalog.read.coordinates import kind_of, lookup, text_of
from csserv.catalog.read.other_formats.plain_dataset import PlainVariable
from csserv.catalog.read.place.horizontal import find_horizontal
from csserv.catalog.read.place.kinds import EAST, NORTH, is_degrees
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.place.surroundings import InFile, Surroundings, in_file
from csserv.catalog.read.times.time_axis import TimeAxis, find_time
from csserv.errors import GranuleError, nearest

Variable: TypeAlias = "netCDF4.Variable[Any]"
FindPlace: TypeAlias = Callable[[Surroundings, str], Placed]


@dataclass(frozen=True)
class Further:
    """A dimension besides time and place, such as an ensemble member or a height."""

    name: str
    position: int
    labels: tuple[str, ...]  #: its coordinates as text, or 0, 1, ... where it has none
    units: str = ""


@dataclass(frozen=True, eq=False)
class Axes:
    """The time and the place of a variable, and their order in the file.

    Attributes
    ----------
    time : the coordinates that tell the times
    place : where the cells lie
    order : positions of time, rows, columns among the variable's dimensions; -1 where there is no
        such dimension
    further : the other dimensions of a length above 1
    """

    time: TimeAxis
    place: Placed
    order: tuple[int, int, int]
    further: tuple[Further, ...]


def find_axes(
    data: netCDF4.Dataset,
    name: str,
    date_in_name: bool = False,
    crs: str = "",
    find_place: FindPlace = find_horizontal,
) -> Axes:
    """Find the axes of a variable; in a group its name is ``group/variable``.

    Parameters
    ----------
    date_in_name : whether the date stands in the file's name
    crs : of its horizontal axes, in place of what the file says
    find_place : as ``find_horizontal``

    Raises
    ------
    UnplacedError : its cells cannot be placed on the Earth
    GranuleError : no such variable, or an axis not found
    """
    variable = find_variable(data, name)
    place = find_place(InFile(variable), crs)
    time = find_time(variable, {place.rows, place.columns}, date_in_name)
    of_time = time.dimension
    names = (of_time, place.rows, place.columns)
    position = {dimension: i for i, dimension in enumerate(variable.dimensions)}
    return Axes(
        time=time,
        place=place,
        order=(
            position.get(of_time, -1),
            position.get(place.rows, -1),
            position[place.columns],
        ),
        further=tuple(
            _further(variable, dimension)
            for dimension in variable.dimensions
            if dimension not in names and variable.shape[position[dimension]] > 1
        ),
    )


def find_variable(data: netCDF4.Dataset, name: str) -> Variable:
    """Find a variable, in a group or not."""
    if (found := _variable(data, name)) is not None:
        return found
    known = list(field_names(data))
    raise GranuleError(
        f"no variable {name!r}; it has {', '.join(nearest(name, known) or known)}; where some "
        f"files call it so and others otherwise, the row takes both: variable = [{name!r}, …]"
    )


def has_variable(data: netCDF4.Dataset, name: str) -> bool:
    """Whether there is a variable of that name."""
    return _variable(data, name) is not None


def _variable(data: netCDF4.Dataset, name: str) -> Variable | None:
    try:
        found: Any = data[name]
    except (IndexError, KeyError):
        return None
    is_one: Any = isinstance(found, netCDF4.Variable | PlainVariable)
    return found if is_one else None


def field_names(group: netCDF4.Dataset, path: str = "") -> Iterator[str]:
    """Yield the names of variables of two or more dimensions, as ``group/variable`` in groups."""
    yield from (path + n for n, v in group.variables.items() if v.ndim >= 2)
    for name, inner in group.groups.items():
        yield from field_names(inner, f"{path}{name}/")


def _further(variable: Variable, dimension: str) -> Further:
    position = variable.dimensions.index(dimension)
    coordinate = lookup(variable, dimension)
    if coordinate is None:
        labels = tuple(str(i) for i in range(variable.shape[position]))
        return Further(dimension, position, labels)
    values = coordinate_values(coordinate).tolist()
    labels = tuple(f"{v:g}" if isinstance(v, float) else str(v) for v in values)
    if len(set(labels)) < len(labels):  # too near to each other for six digits
        labels = tuple(map(str, values))
    return Further(dimension, position, labels, text_of(coordinate, "units"))


def coordinate_values(coordinate: Variable) -> Any:
    """Read the coordinates of a dimension: numbers, or texts."""
    values = coordinate[:]
    return netCDF4.chartostring(values) if kind_of(coordinate) == "S" else values


def is_place(variable: Variable) -> bool:
    """Whether a variable itself holds latitudes or longitudes."""
    return any(is_degrees(in_file(variable), kind) for kind in (NORTH, EAST))

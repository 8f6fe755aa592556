"""Coordinates and what stands around a variable, alike in a file and in xarray."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, Protocol, TypeAlias

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.coordinates import attribute_of, lookup, values_of
from csserv.catalog.read.place.measured import Units, units_of
from csserv.catalog.read.place.spacing import Floats
from csserv.errors import GranuleError

Index: TypeAlias = tuple[int | slice, ...]


@dataclass(frozen=True, eq=False)
class Coordinate:
    """A variable that says where the cells of another one are.

    Attributes
    ----------
    dims : its dimensions
    get : attribute by name, None where there is none
    take : part of its values; NaN where missing
    lengths : of its dimensions
    """

    name: str
    dims: tuple[str, ...]
    get: Callable[[str], Any]
    take: Callable[[Index], Floats]
    lengths: Callable[[], tuple[int, ...]]

    def text(self, name: str) -> str:
        """Return an attribute as text, empty where there is none."""
        found = self.get(name)
        return "" if found is None else str(found)

    @property
    def units(self) -> Units:
        """What it measures."""
        return units_of(self.text("units"))

    def values(self) -> Floats:
        """Return all its numbers."""
        return self.take((slice(None),) * len(self.dims))


class Surroundings(Protocol):
    """A variable and what stands around it: enough to find where its cells are."""

    @property
    def dims(self) -> tuple[str, ...]:
        """Its dimensions."""

    @property
    def named(self) -> tuple[str, ...]:
        """Names of the coordinates that it says it has."""

    def get(self, name: str) -> Any:
        """Return an attribute of it, None where there is none."""

    def get_global(self, name: str) -> Any:
        """Return an attribute of the file, None where there is none."""

    def find(self, name: str) -> Coordinate | None:
        """Find another variable by name."""

    def others(self, ndim: int) -> Iterator[Coordinate]:
        """Yield all other variables around of so many dimensions."""

    def attributes(self, name: str) -> Mapping[str, Any] | None:
        """Return the attributes of another variable, None where there is no such one."""

    def first(self, places: Mapping[str, slice]) -> NDArray[np.float64]:
        """Read some places at the first step; NaN where missing."""


def auxiliary(around: Surroundings, ndim: int) -> Iterator[Coordinate]:
    """Yield what stands over its dimensions: what it names as coordinates, then all others."""
    named = [one for name in around.named if (one := around.find(name)) is not None]
    others = (one for one in around.others(ndim) if one.name not in around.named)
    for one in chain(named, others):
        if len(one.dims) == ndim and set(one.dims) <= set(around.dims):
            yield one


class InFile:
    """What stands around a variable of a file."""

    def __init__(self, variable: netCDF4.Variable[Any]) -> None:
        self._variable = variable
        self._known: dict[int, Coordinate] = {}
        self.dims = tuple(variable.dimensions)

    @property
    def named(self) -> tuple[str, ...]:
        """Names in its attribute ``coordinates``."""
        return tuple(str(self.get("coordinates") or "").split())

    def get(self, name: str) -> Any:
        """Return an attribute of it, None where there is none."""
        return attribute_of(self._variable, name)

    def get_global(self, name: str) -> Any:
        """Return an attribute of its group or of one around it."""
        found = (attribute_of(group, name) for group in self._groups())
        return next((one for one in found if one is not None), None)

    def find(self, name: str) -> Coordinate | None:
        """Find a variable in its group, or in those around it."""
        found = lookup(self._variable, name)
        return None if found is None else self._coordinate(found)

    def others(self, ndim: int) -> Iterator[Coordinate]:
        """Yield the variables of its group of so many dimensions."""
        for name, one in self._variable.group().variables.items():
            if one.ndim == ndim and name != self._variable.name:
                yield self._coordinate(one)

    def attributes(self, name: str) -> Mapping[str, Any] | None:
        """Return the attributes of a variable in its group, or in those around it."""
        found = lookup(self._variable, name)
        return None if found is None else {key: found.getncattr(key) for key in found.ncattrs()}

    def first(self, places: Mapping[str, slice]) -> NDArray[np.float64]:
        """Read some places at the first of all other dimensions."""
        index = tuple(places.get(name, 0) for name in self.dims)
        return numbers_of(self._variable.name, self._variable[index])

    def _coordinate(self, variable: netCDF4.Variable[Any]) -> Coordinate:
        """Return the one coordinate of a variable, which reads each attribute once."""
        found = self._known.get(id(variable))
        if found is None:
            found = self._known[id(variable)] = in_file(variable)
        return found

    def _groups(self) -> Iterator[netCDF4.Dataset]:
        group: netCDF4.Dataset | None = self._variable.group()
        while group is not None:
            yield group
            group = group.parent


def in_file(variable: netCDF4.Variable[Any]) -> Coordinate:
    """Take a variable of a file for a coordinate."""
    names = set(variable.ncattrs())
    return Coordinate(
        name=variable.name,
        dims=variable.dimensions,
        get=cache(lambda name: variable.getncattr(name) if name in names else None),
        take=lambda index: numbers_of(variable.name, values_of(variable, index)),
        lengths=lambda: variable.shape,
    )


def numbers_of(name: str, values: Any) -> Floats:
    """Take values of a variable for numbers; NaN where missing.

    Raises
    ------
    GranuleError : they are texts, or dates
    """
    if np.asarray(values).dtype.kind not in "biuf":
        raise GranuleError(f"its {name} holds no numbers")
    if not np.ma.isMaskedArray(values):
        return np.asarray(values, np.float64)
    return np.asarray(np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan), np.float64)

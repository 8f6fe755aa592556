"""What stands around a variable that is open in xarray, as it stands around one in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from csserv.catalog.read.place.surroundings import Coordinate, numbers_of


class InMemory:
    """What stands around a field: its coordinates, and what else its dataset holds.

    xarray keeps in ``encoding`` what it has understood of the attributes of a file.
    """

    def __init__(self, field: xr.DataArray, beside: Mapping[str, xr.DataArray]) -> None:
        self._field = field
        known = {str(name): one for name, one in field.coords.items()}
        self._others = {name: one for name, one in beside.items() if name != field.name} | known
        self.dims = tuple(str(name) for name in field.dims)

    @property
    def named(self) -> tuple[str, ...]:
        """Names of its coordinates, those of its attribute ``coordinates`` first."""
        stated = str(self.get("coordinates") or "").split()
        own = (str(name) for name in self._field.coords if str(name) not in stated)
        return (*stated, *own)

    def get(self, name: str) -> Any:
        """Return an attribute of it, None where there is none."""
        return _attribute(self._field, name)

    def get_global(self, name: str) -> Any:
        """Return None: a field does not know the attributes of its dataset."""
        return None

    def find(self, name: str) -> Coordinate | None:
        """Find another variable by name."""
        found = self._others.get(name)
        return None if found is None else in_memory(name, found)

    def others(self, ndim: int) -> Iterator[Coordinate]:
        """Yield all other variables around of so many dimensions."""
        for name, one in self._others.items():
            if one.ndim == ndim:
                yield in_memory(name, one)

    def attributes(self, name: str) -> Mapping[str, Any] | None:
        """Return the attributes of another variable, None where there is no such one."""
        found = self._others.get(name)
        return None if found is None else {str(key): value for key, value in found.attrs.items()}

    def first(self, places: Mapping[str, slice]) -> NDArray[np.float64]:
        """Read some places at the first of all other dimensions."""
        index = {name: places.get(name, 0) for name in self.dims}
        return np.asarray(self._field.isel(index), np.float64)


def in_memory(name: str, one: xr.DataArray) -> Coordinate:
    """Take a variable for a coordinate."""
    return Coordinate(
        name=name,
        dims=tuple(str(dim) for dim in one.dims),
        get=lambda key: _attribute(one, key),
        take=lambda index: numbers_of(name, one[index].to_numpy()),
        lengths=lambda: one.shape,
    )


def _attribute(one: xr.DataArray, name: str) -> Any:
    return one.attrs.get(name, one.encoding.get(name))

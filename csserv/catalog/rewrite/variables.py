"""The variables of files to be merged: fields, variables along time, and constant ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import cftime
import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.axes import find_axes, find_variable, is_place
from csserv.catalog.read.origins import DIMENSION, VARIABLE
from csserv.errors import GranuleError

Variable: TypeAlias = "netCDF4.Variable[Any]"

#: group and name of a dimension
Key = tuple[str, str]

#: variables with more values than this are compressed
MANY = 4096


def walk(group: netCDF4.Dataset, path: str = "") -> Iterator[tuple[str, Variable]]:
    """Yield (path, variable) of all variables, those in groups included."""
    for name, variable in group.variables.items():
        if name != VARIABLE:
            yield path + name, variable
    for name, inner in group.groups.items():
        yield from walk(inner, f"{path}{name}/")


@dataclass(frozen=True)
class FileDimensions:
    """The time, row and column dimensions of a file.

    Attributes
    ----------
    time : dimension of time; named after the time variable where that has no dimension
    time_path, time_bounds : paths of the time coordinate and of its bounds
    row, column : dimensions of latitude and longitude
    main : all dimensions of the dataset's variable
    steps, rows, columns : lengths
    """

    time: Key
    time_path: str
    time_bounds: str
    row: Key
    column: Key
    main: tuple[Key, ...]
    steps: int
    rows: int
    columns: int

    @classmethod
    def of(cls, data: netCDF4.Dataset, name: str, crs: str = "") -> FileDimensions:
        """Find the dimensions by those of one variable; see ``find_axes``."""
        axes, variable = find_axes(data, name, crs=crs), find_variable(data, name)
        stamp = axes.time.stamp
        if stamp is None or axes.time.run is not None:
            raise GranuleError(
                f"{Path(data.filepath()).name} has no coordinate of time; it cannot be rewritten"
            )
        if min(axes.order[1:]) < 0:
            raise GranuleError(f"cells of {name} lie along one dimension; it cannot be rewritten")
        main = _keys(variable)
        group = stamp.group().path.rstrip("/")
        time = _keys(stamp)[0] if stamp.ndim else (group, stamp.name)
        return cls(
            time=time,
            time_path=f"{group}/{stamp.name}".lstrip("/"),
            time_bounds=f"{group}/{getattr(stamp, 'bounds', '')}".lstrip("/"),
            row=main[axes.order[1]],
            column=main[axes.order[2]],
            main=main,
            steps=int(stamp.size),
            rows=variable.shape[axes.order[1]],
            columns=variable.shape[axes.order[2]],
        )

    def is_field(self, variable: Variable) -> bool:
        """Whether a variable has a value for each time and cell."""
        keys = _keys(variable)
        if self.time in self.main:
            return {self.time, self.row, self.column} <= set(keys)
        return keys == self.main and not is_place(variable)

    def varies_in_time(self, path: str, variable: Variable) -> bool:
        """Whether a variable that is not a field changes with time."""
        return path == self.time_path or self.time in _keys(variable)

    def further(self, variable: Variable) -> list[netCDF4.Dimension]:
        """List the dimensions of a field other than time, rows and columns."""
        known = {self.time, self.row, self.column}
        dimensions = zip(variable.get_dims(), _keys(variable), strict=True)
        return [one for one, key in dimensions if key not in known]

    def names(self, variable: Variable) -> tuple[str, ...]:
        """Return the dimension names of a field as it is written: time, further, rows, columns."""
        further = (one.name for one in self.further(variable))
        return self.time[1], *further, self.row[1], self.column[1]

    def chunk(self, variable: Variable) -> tuple[int, int, int]:
        """Return the chunk size of a field: steps, rows, columns."""
        stored = variable.chunking()
        if not isinstance(stored, list):
            return 1, self.rows, self.columns
        lengths = dict(zip(_keys(variable), stored, strict=True))
        return lengths.get(self.time, 1), lengths[self.row], lengths[self.column]

    def take(
        self,
        variable: Variable,
        further: Sequence[int],
        steps: slice,
        rows: slice,
        columns: slice,
    ) -> NDArray[Any]:
        """Read a part of a field as (steps, rows, columns).

        Parameters
        ----------
        further : index in each further dimension
        """
        places: dict[Key, Any] = {self.time: steps, self.row: rows, self.column: columns}
        others = iter(further)
        keys = _keys(variable)
        part = np.asarray(variable[tuple(places[k] if k in places else next(others) for k in keys)])
        order = [key for key in keys if key in places]
        if self.time not in order:
            part, order = part[np.newaxis], [self.time, *order]
        return part.transpose([order.index(key) for key in places])


class OtherVariables:
    """Collects, file by file, all variables that are not fields: times, constants, and the like."""

    def __init__(self, first: netCDF4.Dataset, name: str, crs: str = "") -> None:
        self.shape, self._crs = FileDimensions.of(first, name, crs), crs
        self.fields = [path for path, one in walk(first) if self.shape.is_field(one)]
        self.steps: list[int] = []  #: number of steps of each file
        self._first = first
        self._values: dict[str, list[NDArray[Any]]] = {}

    def add(self, data: netCDF4.Dataset, name: str) -> None:
        """Add a file; the first one is added, too.

        Raises
        ------
        GranuleError : its variables are not those of the first file, or a constant one differs
        """
        its = FileDimensions.of(data, name, self._crs)
        data.set_auto_maskandscale(False)
        data.set_auto_chartostring(False)
        paths = {path for path, _ in walk(data)}
        if other := paths ^ {path for path, _ in walk(self._first)}:
            raise GranuleError(f"{self._pair(data)}: {sorted(other)[0]} is in one only")
        for path in paths - set(self.fields):
            values = np.asarray(data[path][...])
            kept = self._values.setdefault(path, [])
            if self.shape.varies_in_time(path, self._first[path]):
                kept.append(self._in_first_units(path, values, data, its))
            elif not kept:
                kept.append(values)
            elif _plain(values) != _plain(kept[0]):
                raise GranuleError(f"{self._pair(data)}: they differ in {path}")
        self.steps.append(its.steps)

    def write(self, new: netCDF4.Dataset) -> None:
        """Create everything but the fields in a new file."""
        self._groups(self._first, new)
        for path, parts in self._values.items():
            old = self._first[path]
            axis = _keys(old).index(self.shape.time) if self.shape.time in _keys(old) else 0
            self._make(path, old, parts[0] if len(parts) == 1 else np.concatenate(parts, axis), new)

    def _pair(self, data: netCDF4.Dataset) -> str:
        names = (Path(one.filepath()).name for one in (self._first, data))
        return f"{' and '.join(names)} cannot be one file"

    def _groups(self, old: netCDF4.Dataset, new: netCDF4.Dataset) -> None:
        """Create dimensions and attributes of a group and of the groups in it."""
        if old.cmptypes or old.vltypes or old.enumtypes:
            raise GranuleError(f"{old.filepath()} has types of its own; it cannot be rewritten")
        new.setncatts({name: old.getncattr(name) for name in old.ncattrs()})
        time, path = self.shape.time, old.path.rstrip("/")
        lengths = {
            name: len(one)
            for name, one in old.dimensions.items()
            if name not in (VARIABLE, DIMENSION)
        }
        if time[0] == path:
            lengths[time[1]] = sum(self.steps)
        for name, length in lengths.items():
            new.createDimension(name, length)
        for name, inner in old.groups.items():
            self._groups(inner, new.createGroup(name))

    def _in_first_units(
        self, path: str, values: NDArray[Any], data: netCDF4.Dataset, its: FileDimensions
    ) -> NDArray[Any]:
        """Return values along time; times are converted to the units of the first file."""
        if self.shape.time not in _keys(self._first[path]):  # a scalar time
            values = values.reshape(1)
        of_time = path in (its.time_path, its.time_bounds)
        mine, first = (one[its.time_path if of_time else path] for one in (data, self._first))
        wanted = str(getattr(first, "units", ""))
        if " since " not in wanted or str(getattr(mine, "units", "")) == wanted:
            return values
        calendar = str(getattr(mine, "calendar", "standard"))
        moments = cftime.num2date(values, mine.units, calendar)
        return np.asarray(cftime.date2num(moments, wanted, calendar)).astype(values.dtype)

    def _make(self, path: str, old: Variable, values: NDArray[Any], new: netCDF4.Dataset) -> None:
        place = path.rpartition("/")[0]
        group = new[place] if place else new
        names = old.dimensions or ((self.shape.time[1],) if values.ndim else ())
        dtype: Any = str if values.dtype == object else values.dtype.newbyteorder("=")
        many = dtype is not str and prod(values.shape) > MANY
        fill = old.getncattr("_FillValue") if "_FillValue" in old.ncattrs() else None
        made = group.createVariable(old.name, dtype, names, zlib=many, fill_value=fill)
        made.setncatts({n: old.getncattr(n) for n in old.ncattrs() if n != "_FillValue"})
        made.set_auto_maskandscale(False)
        made.set_auto_chartostring(False)
        made[...] = values


def _keys(variable: Variable) -> tuple[Key, ...]:
    return tuple((one.group().path.rstrip("/"), one.name) for one in variable.get_dims())


def _plain(values: NDArray[Any]) -> object:
    return values.tolist() if values.dtype == object else (values.shape, values.tobytes())

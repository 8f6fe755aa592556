"""Reads what a file says of itself, through the netCDF library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import netCDF4

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.axes import Axes, FindPlace, find_axes, find_variable, has_variable
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.coordinates import attribute_of
from csserv.catalog.read.corrections import Corrections
from csserv.catalog.read.hdf5.chunks import Storage, index_chunks
from csserv.catalog.read.header import Header
from csserv.catalog.read.origins import read_origins
from csserv.catalog.read.other_formats.plain_dataset import is_plain
from csserv.catalog.read.packing_attributes import read_declared_packing
from csserv.catalog.read.place.horizontal import find_horizontal
from csserv.catalog.read.times.steps import ToldTimes, read_times
from csserv.catalog.read.whole_files import cut_short
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, shortened

#: values that are read at once through the netCDF library: 16 MB of float32
SLAB = 4_000_000

#: the same of a file of another format, whose rows or tiles are small [values]
SMALL_SLAB = 262_144

#: attributes of a variable that say what its values are
KEPT = ("standard_name", "long_name", "cell_methods", "GRIB_stepType", "flag_meanings")

#: attributes that say which numbers are classes
FLAGS = ("flag_values", "flag_masks")


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read of a file that is open, and what its times were read from."""

    header: Header
    times: ToldTimes


@dataclass(frozen=True)
class HeaderReader:
    """Reads what files of one dataset say of themselves.

    Attributes
    ----------
    names : of the variable; the first counts that a file has
    find_place : as ``find_horizontal``
    """

    names: tuple[str, ...]
    corrections: Corrections
    find_place: FindPlace = find_horizontal

    def read(self, data: netCDF4.Dataset, path: Path, signed: Signature) -> Reading:
        """Read a file that is open.

        Raises
        ------
        GranuleError : it has no such variable, or not its axes, or says what makes no sense
        """
        if not data.data_model.startswith("NETCDF4") and (cut := cut_short(path)):
            raise GranuleError(f"it is {cut}")  # the library would give zeros for the rest
        told = self.corrections
        name = next((one for one in self.names if has_variable(data, one)), self.names[0])
        axes = find_axes(data, name, bool(told.time_from_name), told.crs, self.find_place)
        variable = find_variable(data, name)
        chunks = None if is_plain(variable) else index_chunks(path, name)
        declared = read_declared_packing(variable, told)
        storage = chunks[0] if chunks else Storage(_slab(variable, axes))
        times = read_times(axes.time, variable, path, told.time_from_name)
        header = Header(
            variable=name,
            grid=axes.place.grid,
            placing=axes.place.remarks,
            stamps=times.stamps,
            units=told.units or shortened(_said(variable, "units")),
            attributes=_attributes(variable, told),
            title=_said(data, "title"),
            further=axes.further,
            layout=_layout(variable, axes, storage, declared.packing),
            index=chunks[1] if chunks else None,
            signature=signed,
            origins=read_origins(data, path),
            fill=declared.missing_value,
        )
        return Reading(header, times)


def known_attributes(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return those attributes of a variable that say what its values are.

    Classes that are not told by ``flag_meanings`` get ``classes``: there are some.
    """
    known = [(name, str(given[name])) for name in KEPT if name in given]
    if "flag_meanings" not in given and given.keys() & FLAGS:
        known.append(("flag_meanings", "classes"))
    return tuple(known)


def _layout(
    variable: netCDF4.Variable[Any], axes: Axes, storage: Storage, packing: Packing
) -> Layout:
    return Layout(
        order=axes.order,
        rows=axes.place.grid.rows,
        columns=axes.place.grid.columns,
        south_up=axes.place.south_up,
        east_first=axes.place.east_first,
        storage=storage,
        packing=packing,
    )


def _slab(variable: netCDF4.Variable[Any], axes: Axes) -> tuple[int, ...]:
    """Choose the slab that the netCDF library reads at once: whole chunks, near ``SLAB`` values."""
    given = variable.chunking()
    slab = list(given) if isinstance(given, list) else [1] * variable.ndim
    most = SMALL_SLAB if is_plain(variable) else SLAB
    for position in reversed(axes.order):  # longitudes first: they lie side by side
        if position >= 0:
            times = max(1, most // prod(slab))
            slab[position] = min(slab[position] * times, variable.shape[position])
    return tuple(slab)


def _attributes(
    variable: netCDF4.Variable[Any], corrections: Corrections
) -> tuple[tuple[str, str], ...]:
    there = [name for name in variable.ncattrs() if name in (*KEPT, *FLAGS)]
    found = {name: variable.getncattr(name) for name in there}
    if corrections.missing:  # somebody has told which numbers are none
        found = {name: value for name, value in found.items() if not name.startswith("flag_")}
    return known_attributes(found)


def _said(one: netCDF4.Variable[Any] | netCDF4.Dataset, name: str) -> str:
    found = attribute_of(one, name)
    return "" if found is None else str(found)

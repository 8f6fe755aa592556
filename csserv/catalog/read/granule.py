"""One NetCDF file, read in uniform form: (time, lat, lon), north up, NaN where missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cftime
import netCDF4

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.axes import (
    Axes,
    FindPlace,
    Further,
    find_axes,
    find_variable,
    has_variable,
)
from csserv.catalog.read.calendar_units import to_dates
from csserv.catalog.read.chunks import ChunkIndex, Storage, index_chunks
from csserv.catalog.read.coordinates import attribute_of
from csserv.catalog.read.corrections import NONE, Corrections
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.file_kinds import why_out_of_reach
from csserv.catalog.read.further.selections import index_of, several_of
from csserv.catalog.read.grid import Floats, Grid, Window
from csserv.catalog.read.origins import Origin, read_origins
from csserv.catalog.read.packing_attributes import DeclaredPacking, read_declared_packing
from csserv.catalog.read.place.horizontal import find_horizontal
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.source import (
    READING,
    UNREADABLE,
    Layout,
    Source,
    trouble,
)
from csserv.catalog.read.steps import Stamps, read_stamps
from csserv.catalog.read.whole_files import cut_short
from csserv.catalog.read.windows import read_window
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, InvalidRequestError, StaleGranuleError, shortened
from csserv.request.period import Day

if TYPE_CHECKING:  # loaded where a file is opened as a whole: no worker does
    import xarray as xr

#: values that are read at once through the netCDF library: 16 MB of float32
SLAB = 4_000_000


#: attributes of a variable that say what its values are
KEPT = ("standard_name", "long_name", "cell_methods", "GRIB_stepType", "flag_meanings")

#: attributes that say which numbers are classes
FLAGS = ("flag_values", "flag_masks")


@dataclass(frozen=True)
class Header:
    """The metadata of a file: enough to plan a request and to read its chunks."""

    variable: str  #: as it is called in this file
    grid: Grid | CurvedGrid
    stamps: Stamps
    units: str
    attributes: tuple[tuple[str, str], ...]  #: those of ``_attributes`` that the file has
    title: str
    further: tuple[Further, ...]  #: dimensions other than time, latitude and longitude
    layout: Layout
    index: ChunkIndex | None  #: byte offsets of the chunks; None where the netCDF library must read
    signature: Signature
    origins: Mapping[str, Origin]  #: path → file that ``csserv optimise`` merged into this one
    fill: float | None  #: the number that stands for missing values, where the file states one
    placing: tuple[str, ...] = ()  #: what was assumed of its cells or left out, a sentence each

    @cached_property
    def times(self) -> tuple[cftime.datetime, ...]:
        """Time stamps of the steps, as the file has them."""
        return tuple(to_dates(self.stamps.moments, self.stamps.calendar))

    @property
    def calendar(self) -> str:
        """Cftime's name of the calendar."""
        return self.stamps.calendar

    @property
    def first(self) -> Day:
        """Year, month, day of the first time stamp."""
        return _day(to_dates(self.stamps.moments[:1], self.calendar)[0])

    @property
    def last(self) -> Day:
        """Year, month, day of the last time stamp."""
        return _day(to_dates(self.stamps.moments[-1:], self.calendar)[0])

    def stamps_of(self, chosen: Mapping[str, str]) -> Stamps:
        """Return the time stamps, of the lead time that is chosen where there are several."""
        leads = self.stamps.leads
        index = 0
        if leads and leads.dimension in chosen:
            dimension = next(f for f in self.further if f.name == leads.dimension)
            if several_of(dimension, chosen[dimension.name]):
                raise InvalidRequestError(
                    f"each {dimension.name} is valid at days of its own, so that several have no "
                    f"time in common; choose one (select: {dimension.name}={dimension.labels[0]})"
                )
            index = index_of(dimension, chosen)
        return self.stamps.valid_for(chosen, index)

    def pick(self, chosen: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
        """Turn the coordinates chosen of further dimensions into indices.

        Parameters
        ----------
        chosen : dimension → coordinate, as text

        Returns
        -------
        pick : (position of the dimension, index in it) of each further dimension

        Raises
        ------
        InvalidRequestError : a dimension or coordinate does not exist, or a dimension has no
            choice; the message lists what is allowed
        """
        known = {one.name: one for one in self.further}
        if wrong := [name for name in chosen if name not in known]:
            has = f"it has {', '.join(known)}" if known else "it has none to choose of"
            raise InvalidRequestError(f"no further dimension {wrong[0]!r}; {has}")
        return tuple((one.position, index_of(one, chosen)) for one in self.further)


@dataclass(frozen=True)
class Granule:
    """One NetCDF file and the variable to read from it, ``group/variable`` where in a group.

    Its corrections may give it other names, which count where the first is not in the file.
    """

    path: Path
    variable: str
    corrections: Corrections = NONE

    def header(self) -> Header:
        """Read the metadata of the file; ``Headers`` of the header store keeps what was read.

        Raises
        ------
        StaleGranuleError : the file is gone, or changes meanwhile
        GranuleError : the file is unreadable, or has no such variable, or not its axes
        """
        return self.read_header(self.sign())

    def sign(self) -> Signature:
        """Return what changes when the file does.

        Raises
        ------
        StaleGranuleError : the file is gone
        GranuleError : its folder is not accessible
        """
        try:
            return Signature.of(self.path.stat())
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not self.path.is_symlink():
                raise StaleGranuleError(f"{self.path.name} is gone") from None
            why = why_out_of_reach(self.path, error)
            raise GranuleError(f"cannot read {self.path.name}: {why}") from None

    def read_header(self, signed: Signature, find_place: FindPlace = find_horizontal) -> Header:
        """Read what a file says of itself that was seen before, for :meth:`header`'s errors.

        Parameters
        ----------
        find_place : as ``find_horizontal``
        """
        try:
            header = _read_header(self, signed, find_place)
        except GranuleError:
            if self.sign() == signed:
                raise
            raise StaleGranuleError(f"{self.path.name} changes while it is read") from None
        if self.sign() != signed:
            raise StaleGranuleError(f"{self.path.name} changes while it is read")
        return header

    def describe(self, header: Header) -> dict[str, Any]:
        """Return name, title, size and modification time of the file, for a result's provenance."""
        seconds = header.signature.mtime_ns / 1e9
        modified = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
        return {
            "file": self.path.name,
            "title": header.title,
            "bytes": header.signature.size,
            "modified": modified.replace("+00:00", "Z"),
        }

    def source(
        self,
        steps: range,
        chosen: Mapping[str, str] | None = None,
        known: Header | None = None,
    ) -> Source:
        """Return what a worker needs to read some steps.

        Parameters
        ----------
        known : the header as the dataset has it, in the units of its other files

        Raises
        ------
        InvalidRequestError : see ``Header.pick``
        """
        header = known or self.header()
        try:
            pick = header.pick(chosen or {})
        except InvalidRequestError as error:
            raise InvalidRequestError(f"{self.path.name}: {error}") from None
        return Source(
            path=self.path,
            variable=header.variable,
            signature=header.signature,
            steps=steps,
            pick=pick,
            layout=header.layout,
            index=header.index,
        )

    def read(
        self,
        steps: range,
        window: Window,
        chosen: Mapping[str, str] | None = None,
        known: Header | None = None,
    ) -> Floats:
        """Read some steps of a window.

        Parameters
        ----------
        steps : indices of the steps
        window : part of the grid; it may pass the last column of a grid round the globe
        chosen : coordinate to take of each dimension other than time, latitude and longitude
        known : its header, where that was read

        Returns
        -------
        values : (time, lat, lon) float64, in the file's units, north up, columns from west to east;
            NaN where missing (_FillValue, missing_value, or outside the valid range)
        """
        source = self.source(steps, chosen, known)
        return read_window(source, window)

    def open(self, chosen: Mapping[str, str] | None = None) -> xr.DataArray:
        """Read the whole file as an xarray.DataArray.

        Returns
        -------
        data : (time, lat, lon), north up, with the variable's attributes; NaN where missing

        Raises
        ------
        GranuleError : the grid is curved, or the file is unreadable
        InvalidRequestError : see ``Header.pick``
        """
        import xarray as xr

        header = self.header()
        grid = header.grid
        if isinstance(grid, CurvedGrid):
            raise GranuleError(f"{self.path.name} is on a curved grid; open it with xarray")
        window = Window(0, 0, grid.rows, grid.columns)
        return xr.DataArray(
            self.read(range(len(header.times)), window, chosen, header),
            coords={
                "time": xr.CFTimeIndex(list(header.times)),
                "lat": ("lat", grid.lat(window), {"units": "degrees_north"}),
                "lon": ("lon", grid.lon(window), {"units": "degrees_east"}),
            },
            dims=("time", "lat", "lon"),
            name=self.variable,
            attrs={**dict(header.attributes), "units": header.units},
        )

    def find_place(self) -> Placed:
        """Find where its cells lie, and by what of the file.

        Raises
        ------
        GranuleError : the file cannot be read, or its cells cannot be placed
        """
        name, told = self.header().variable, self.corrections
        with self.opened() as data:
            return find_axes(data, name, bool(told.time_from_name), told.crs).place

    def declared_packing(self) -> DeclaredPacking:
        """Read how its values are packed, and where that is stated.

        Raises
        ------
        GranuleError : the file cannot be read, or an attribute makes no sense
        """
        name = self.header().variable
        with self.opened() as data:
            return read_declared_packing(find_variable(data, name), self.corrections)

    @contextmanager
    def opened(self) -> Iterator[netCDF4.Dataset]:
        """Open the file through the netCDF library; errors become ``GranuleError``."""
        try:
            with READING, netCDF4.Dataset(self.path) as data:
                yield data
        except GranuleError as error:
            raise GranuleError(f"cannot use {self.path.name}: {error}") from None
        except UNREADABLE as error:
            why = trouble(error, self.path)
            raise GranuleError(f"cannot read {self.path.name}: {why}") from error


def _read_header(granule: Granule, signed: Signature, find_place: FindPlace) -> Header:
    with granule.opened() as data:
        if not data.data_model.startswith("NETCDF4") and (cut := cut_short(granule.path)):
            raise GranuleError(f"it is {cut}")  # the library would give zeros for the rest
        pattern, crs = granule.corrections.time_from_name, granule.corrections.crs
        names = granule.variable, *granule.corrections.aliases
        name = next((one for one in names if has_variable(data, one)), names[0])
        axes = find_axes(data, name, bool(pattern), crs, find_place)
        variable = find_variable(data, name)
        chunks = index_chunks(granule.path, name)
        declared = read_declared_packing(variable, granule.corrections)
        storage = chunks[0] if chunks else Storage(_slab(variable, axes))
        return Header(
            variable=name,
            grid=axes.place.grid,
            placing=axes.place.remarks,
            stamps=read_stamps(axes.time, variable, granule.path, pattern),
            units=granule.corrections.units or shortened(_said(variable, "units")),
            attributes=_attributes(variable, granule.corrections),
            title=_said(data, "title"),
            further=axes.further,
            layout=_layout(variable, axes, storage, declared.packing),
            index=chunks[1] if chunks else None,
            signature=signed,
            origins=read_origins(data, granule.path),
            fill=declared.missing_value,
        )


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
    for position in reversed(axes.order):  # longitudes first: they lie side by side
        if position >= 0:
            times = max(1, SLAB // prod(slab))
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


def known_attributes(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return those attributes of a variable that say what its values are.

    Classes that are not told by ``flag_meanings`` get ``classes``: there are some.
    """
    known = [(name, str(given[name])) for name in KEPT if name in given]
    if "flag_meanings" not in given and given.keys() & FLAGS:
        known.append(("flag_meanings", "classes"))
    return tuple(known)


def _said(one: netCDF4.Variable[Any] | netCDF4.Dataset, name: str) -> str:
    found = attribute_of(one, name)
    return "" if found is None else str(found)


def _day(time: cftime.datetime) -> Day:
    return time.year, time.month, time.day

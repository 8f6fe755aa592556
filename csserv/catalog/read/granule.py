"""One NetCDF file, read in uniform form: (time, lat, lon), north up, NaN where missing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import cftime
import netCDF4
import numpy as np
import xarray as xr

from csserv.catalog.read.axes import Axes, Further, find_axes, find_variable
from csserv.catalog.read.chunks import ChunkIndex, Storage, index_chunks
from csserv.catalog.read.corrections import NONE, Corrections
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Floats, Grid, Window
from csserv.catalog.read.origins import Origin, read_origins
from csserv.catalog.read.packing import Packing
from csserv.catalog.read.source import (
    READING,
    UNREADABLE,
    Layout,
    Signature,
    Source,
    signature,
    trouble,
)
from csserv.catalog.read.windows import read_window
from csserv.errors import GranuleError, InvalidRequestError, StaleGranuleError
from csserv.request import Period
from csserv.request.period import Day

#: values that are read at once through the netCDF library: 16 MB of float32
SLAB = 4_000_000


@dataclass(frozen=True)
class Header:
    """The metadata of a file: enough to plan a request and to read its chunks."""

    grid: Grid | CurvedGrid
    times: tuple[cftime.datetime, ...]
    calendar: str
    time_units: str
    units: str
    attributes: tuple[tuple[str, str], ...]  #: standard_name, long_name, cell_methods, if present
    title: str
    further: tuple[Further, ...]  #: dimensions other than time, latitude and longitude
    layout: Layout
    index: ChunkIndex | None  #: byte offsets of the chunks; None where the netCDF library must read
    signature: Signature
    origins: Mapping[str, Origin]  #: path → file that ``csserv optimise`` merged into this one
    fill: float | None  #: the number that stands for missing values, where the file states one

    @property
    def first(self) -> Day:
        """(year, month, day) of the first step."""
        return _day(self.times[0])

    @property
    def last(self) -> Day:
        """(year, month, day) of the last step."""
        return _day(self.times[-1])

    def steps(self, period: Period) -> range:
        """Return the indices of the steps that lie in a period; an empty range where none does."""
        first = bisect_left(self.times, period.first, key=_day)
        return range(first, bisect_right(self.times, period.last, lo=first, key=_day))

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
        return tuple((one.position, _chosen(one, chosen)) for one in self.further)


@dataclass(frozen=True)
class Granule:
    """One NetCDF file, and the variable to read from it (``group/variable`` if in a group)."""

    path: Path
    variable: str
    corrections: Corrections = NONE

    def header(self) -> Header:
        """Read the metadata of the file; cached until the file changes.

        Raises
        ------
        StaleGranuleError : the file is gone
        GranuleError : the file is unreadable, or has no such variable, or not its axes
        """
        try:
            stat = self.path.stat()
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not self.path.is_symlink():
                raise StaleGranuleError(f"{self.path.name} is gone") from None
            raise GranuleError(f"cannot read {self.path.name}: {error.strerror}") from None
        return _header(self, signature(stat))

    def describe(self) -> dict[str, Any]:
        """Return name, title, size and modification time of the file, for a result's provenance."""
        header = self.header()
        _, size, mtime_ns = header.signature
        modified = datetime.fromtimestamp(mtime_ns / 1e9, UTC).isoformat(timespec="seconds")
        return {
            "file": self.path.name,
            "title": header.title,
            "bytes": size,
            "modified": modified.replace("+00:00", "Z"),
        }

    def source(self, steps: range, chosen: Mapping[str, str] | None = None) -> Source:
        """Return the description that a worker needs to read some steps without opening the header.

        Raises
        ------
        InvalidRequestError : see ``Header.pick``
        """
        header = self.header()
        return Source(
            path=self.path,
            variable=self.variable,
            signature=header.signature,
            steps=steps,
            pick=header.pick(chosen or {}),
            layout=header.layout,
            index=header.index,
        )

    def read(self, steps: range, window: Window, chosen: Mapping[str, str] | None = None) -> Floats:
        """Read some steps of a window.

        Parameters
        ----------
        steps : indices of the steps
        window : part of the grid; it may pass the last column of a grid round the globe
        chosen : coordinate to take of each dimension other than time, latitude and longitude

        Returns
        -------
        values : (time, lat, lon) float64, in the file's units, north up, columns from west to east;
            NaN where missing (_FillValue, missing_value, or outside the valid range)
        """
        source = self.source(steps, chosen)
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
        header = self.header()
        grid = header.grid
        if isinstance(grid, CurvedGrid):
            raise GranuleError(f"{self.path.name} is on a curved grid; open it with xarray")
        window = Window(0, 0, grid.rows, grid.columns)
        return xr.DataArray(
            self.read(range(len(header.times)), window, chosen),
            coords={
                "time": xr.CFTimeIndex(list(header.times)),
                "lat": ("lat", grid.lat(window), {"units": "degrees_north"}),
                "lon": ("lon", grid.lon(window), {"units": "degrees_east"}),
            },
            dims=("time", "lat", "lon"),
            name=self.variable,
            attrs={**dict(header.attributes), "units": header.units},
        )

    @contextmanager
    def _open(self) -> Iterator[netCDF4.Dataset]:
        try:
            with READING, netCDF4.Dataset(self.path) as data:
                yield data
        except GranuleError as error:
            raise GranuleError(f"cannot use {self.path.name}: {error}") from None
        except UNREADABLE as error:
            why = trouble(error).replace(str(self.path), self.path.name)  # no path goes to others
            raise GranuleError(f"cannot read {self.path.name}: {why}") from error


# The signature is part of the key: a changed file is read anew.
@lru_cache(maxsize=20_000)
def _header(granule: Granule, found: Signature) -> Header:
    with granule._open() as data:
        axes = find_axes(data, granule.variable)
        variable = find_variable(data, granule.variable)
        times, calendar, units = _times(axes.time)
        chunks = index_chunks(granule.path, granule.variable)
        storage = chunks[0] if chunks else Storage(_slab(variable, axes))
        return Header(
            grid=_grid(axes),
            times=times,
            calendar=calendar,
            time_units=units,
            units=str(getattr(variable, "units", "")),
            attributes=_attributes(variable),
            title=str(getattr(data, "title", "")),
            further=axes.further,
            layout=_layout(variable, axes, storage),
            index=chunks[1] if chunks else None,
            signature=found,
            origins=read_origins(data, granule.path),
            fill=_fill(variable),
        )


def _grid(axes: Axes) -> Grid | CurvedGrid:
    kind = CurvedGrid if axes.is_curved else Grid
    return kind.from_centres(axes.lat, axes.lon, axes.lat_bounds, axes.lon_bounds)


def _layout(variable: netCDF4.Variable[Any], axes: Axes, storage: Storage) -> Layout:
    return Layout(
        order=axes.order,
        rows=variable.shape[axes.order[1]],
        columns=variable.shape[axes.order[2]],
        south_up=axes.south_up,
        east_first=axes.east_first,
        storage=storage,
        packing=Packing.of(variable),
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


def _times(variable: netCDF4.Variable[Any]) -> tuple[tuple[cftime.datetime, ...], str, str]:
    calendar = str(getattr(variable, "calendar", "standard"))
    values = np.ma.masked_invalid(np.ma.atleast_1d(variable[:]))
    if not values.size or np.ma.is_masked(values):
        raise GranuleError("its time axis is empty or has missing values")
    if (np.diff(values) <= 0).any():
        raise GranuleError("its time steps are not in rising order")
    times = cftime.num2date(values.data, variable.units, calendar, only_use_cftime_datetimes=True)
    return tuple(times), str(times[0].calendar), str(variable.units)


def _attributes(variable: netCDF4.Variable[Any]) -> tuple[tuple[str, str], ...]:
    names = ("standard_name", "long_name", "cell_methods")
    return tuple((n, str(variable.getncattr(n))) for n in names if n in variable.ncattrs())


def _fill(variable: netCDF4.Variable[Any]) -> float | None:
    """Return the stated ``_FillValue`` or ``missing_value``; None where it is NaN or not stated."""
    for name in ("_FillValue", "missing_value"):
        if name in variable.ncattrs():
            stated = float(np.ravel(variable.getncattr(name))[0])
            return None if np.isnan(stated) else stated
    return None


def _chosen(dimension: Further, chosen: Mapping[str, str]) -> int:
    """Find the index of a coordinate by its label, or by a number of the same value."""
    labels = dimension.labels
    many = ", ..." if len(labels) > 12 else ""
    has = f"{', '.join(labels[:12])}{many}{f' [{dimension.units}]' if dimension.units else ''}"
    if dimension.name not in chosen:
        raise InvalidRequestError(
            f"choose one {dimension.name} of {has} (select: {dimension.name}={labels[0]})"
        )
    wanted = str(chosen[dimension.name])
    for i, label in enumerate(labels):
        if wanted == label or _number(wanted) == _number(label):
            return i
    raise InvalidRequestError(f"no {dimension.name} {wanted!r}; it has {has}")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan  # equals nothing


def _day(time: cftime.datetime) -> Day:
    return time.year, time.month, time.day

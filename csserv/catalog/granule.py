"""One NetCDF file of a dataset, made uniform: (time, lat, lon), north up, NaN where missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import cftime
import netCDF4
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from csserv.catalog.axes import Axes, find_axes
from csserv.catalog.grid import Grid, Window
from csserv.errors import GranuleError
from csserv.request import Period
from csserv.request.period import Day

# netCDF4 crashes when two threads of a process read at once (pydata/xarray#9779).
_READING = threading.Lock()


@dataclass(frozen=True)
class Header:
    """What the file says of itself: enough to plan a request without its data."""

    grid: Grid
    times: tuple[cftime.datetime, ...]
    calendar: str
    time_units: str
    units: str
    attributes: tuple[tuple[str, str], ...]  #: of the variable: names and cell methods
    title: str
    chunk_steps: int  #: time steps in a storage chunk
    size: int  #: [bytes]
    modified: float  #: seconds since 1970

    @property
    def first(self) -> Day:
        """Year, month, day of the first step."""
        return _day(self.times[0])

    @property
    def last(self) -> Day:
        """Year, month, day of the last step."""
        return _day(self.times[-1])

    def steps(self, period: Period) -> range:
        """Find the steps that lie in the period; empty when none does."""
        inside = [i for i, time in enumerate(self.times) if period.holds(_day(time))]
        return range(inside[0], inside[-1] + 1) if inside else range(0)


@dataclass(frozen=True)
class Granule:
    """One NetCDF file and the variable to read from it."""

    path: Path
    variable: str

    def header(self) -> Header:
        """Read what the file says of itself; kept until the file changes.

        Raises
        ------
        GranuleError : missing, unreadable, or without the variable or its axes
        """
        try:
            stat = self.path.stat()
        except OSError as error:
            raise GranuleError(f"cannot read {self.path.name}: {error.strerror}") from None
        return _header(self, stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def describe(self) -> dict[str, Any]:
        """Name, size and time stamp of the file, for the provenance of a result."""
        header = self.header()
        modified = datetime.fromtimestamp(header.modified, UTC).isoformat(timespec="seconds")
        return {
            "file": self.path.name,
            "title": header.title,
            "bytes": header.size,
            "modified": modified.replace("+00:00", "Z"),
        }

    def read(self, steps: range, window: Window) -> NDArray[Any]:
        """Read part of the file.

        Parameters
        ----------
        steps : run of time steps
        window : part of the grid; it may pass the last column of a grid round the globe

        Returns
        -------
        values : (time, lat, lon) float32 or float64, in the file's units, north up, columns
            from west to east, NaN where missing (fill, missing_value or out of valid range)
        """
        with self._open() as data:
            axes = find_axes(data, self.variable)
            spans = _spans(window, axes.columns)
            parts = [_slab(data[self.variable], axes, steps, window, span) for span in spans]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)

    def open(self) -> xr.DataArray:
        """Read the whole file as ``(time, lat, lon)``, north up, with its attributes."""
        header = self.header()
        grid = header.grid
        window = Window(0, 0, grid.rows, grid.columns)
        return xr.DataArray(
            self.read(range(len(header.times)), window),
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
            with _READING, netCDF4.Dataset(self.path) as data:
                yield data
        except GranuleError as error:
            raise GranuleError(f"cannot use {self.path.name}: {error}") from None
        except (OSError, RuntimeError, IndexError, KeyError, ValueError) as error:
            raise GranuleError(f"cannot read {self.path.name}: {error}") from error


# The arguments beside the granule are the key: a changed file is read anew.
@lru_cache(maxsize=20_000)
def _header(granule: Granule, inode: int, size: int, mtime_ns: int) -> Header:
    with granule._open() as data:
        axes = find_axes(data, granule.variable)
        variable = data[granule.variable]
        times, calendar, units = _times(data[axes.time])
        chunks = variable.chunking()
        whole = not isinstance(chunks, list)
        return Header(
            grid=Grid.from_centres(axes.lat, axes.lon),
            times=times,
            calendar=calendar,
            time_units=units,
            units=str(getattr(variable, "units", "")),
            attributes=_attributes(variable),
            title=str(getattr(data, "title", "")),
            chunk_steps=len(times) if whole else int(chunks[axes.order[0]]),
            size=size,
            modified=mtime_ns / 1e9,
        )


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


def _spans(window: Window, columns: int) -> list[tuple[int, int]]:
    """Cut a window that passes the last column in two; (first, last + 1) columns."""
    start = window.column % columns
    end = start + window.columns
    if end <= columns:
        return [(start, end)]
    return [(start, columns), (0, end - columns)]


def _slab(
    variable: netCDF4.Variable[Any], axes: Axes, steps: range, window: Window, span: tuple[int, int]
) -> NDArray[Any]:
    rows = (window.row, window.row + window.rows)
    index: list[int | slice] = [0] * variable.ndim
    index[axes.order[0]] = slice(steps.start, steps.stop)
    index[axes.order[1]] = _turned(rows, axes.rows) if axes.south_up else slice(*rows)
    index[axes.order[2]] = _turned(span, axes.columns) if axes.east_first else slice(*span)
    variable.set_auto_maskandscale(False)
    raw = np.transpose(variable[tuple(index)], np.argsort(np.argsort(axes.order)).tolist())
    if axes.south_up:
        raw = raw[:, ::-1]
    if axes.east_first:
        raw = raw[:, :, ::-1]
    return _decoded(variable, raw)


def _turned(span: tuple[int, int], length: int) -> slice:
    return slice(length - span[1], length - span[0])


def _decoded(variable: netCDF4.Variable[Any], raw: NDArray[Any]) -> NDArray[Any]:
    """Unpack with float64 scale and offset; NaN where the CF attributes say missing."""
    missing = _missing(variable, raw)
    scale = float(getattr(variable, "scale_factor", 1.0))
    offset = float(getattr(variable, "add_offset", 0.0))
    if (scale, offset) == (1.0, 0.0) and raw.dtype.kind == "f":
        values = raw.astype(raw.dtype.newbyteorder("="))
    else:
        values = raw.astype(np.float64) * scale + offset
    values[missing] = np.nan
    return values


def _missing(variable: netCDF4.Variable[Any], raw: NDArray[Any]) -> NDArray[np.bool_]:
    attributes = {name: variable.getncattr(name) for name in variable.ncattrs()}
    missing = np.zeros(raw.shape, bool)
    marks = [attributes.get("_FillValue"), attributes.get("missing_value")]
    if marks[0] is None:
        marks[0] = netCDF4.default_fillvals.get(raw.dtype.str[1:])
    for mark in np.concatenate([np.ravel(mark) for mark in marks if mark is not None]):
        missing |= raw == np.asarray(mark).astype(raw.dtype)
    low, high = attributes.get(
        "valid_range", (attributes.get("valid_min"), attributes.get("valid_max"))
    )
    if low is not None:
        missing |= raw < low
    if high is not None:
        missing |= raw > high
    return missing


def _day(time: cftime.datetime) -> Day:
    return time.year, time.month, time.day

"""Data that are open in xarray, wrapped as a granule, so that they are read like a file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import cftime
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.chunk_layout import Layout, Place
from csserv.catalog.read.chunk_readers import Piece, Reader
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.hdf5.chunks import Storage
from csserv.catalog.read.header import Header
from csserv.catalog.read.header_reader import known_attributes
from csserv.catalog.read.packing_attributes import packing_in_xarray
from csserv.catalog.read.place.horizontal import find_horizontal
from csserv.catalog.read.place.in_xarray import InMemory
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.source import Source, Unpackers
from csserv.catalog.read.times.calendar_units import to_seconds
from csserv.catalog.read.times.stamps import Stamps
from csserv.catalog.read.times.time_axis import TIMES
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, InvalidRequestError, UnplacedError

#: steps, rows and columns that are read at once where the data have no chunks
CHUNK = (64, 256, 256)

#: rows of data whose cells lie along one dimension
ROW = "csserv_row"


@dataclass(frozen=True, eq=False, kw_only=True)
class ArrayGranule(Granule):
    """An xarray.DataArray as a granule.

    Attributes
    ----------
    known : the header that a file of these data would have
    values : (time, rows, columns), possibly not loaded yet
    """

    known: Header
    values: xr.DataArray

    def header(self) -> Header:
        """Return the header of the data."""
        return self.known

    def source(
        self,
        steps: range,
        chosen: Mapping[str, str] | None = None,
        known: Header | None = None,
    ) -> Source:
        """Return what reads some steps."""
        return ArraySource(
            path=self.path,
            variable=self.variable,
            signature=self.known.signature,
            steps=steps,
            pick=self.known.pick(chosen or {}),
            layout=self.known.layout,
            index=None,
            values=self.values,
        )


@dataclass(frozen=True, eq=False)
class ArraySource(Source):
    """Some steps of an xarray.DataArray."""

    values: xr.DataArray

    def cut(self, rows: range, columns: range) -> Self:
        """Return the source itself: it has no chunk index to cut."""
        return self

    @contextmanager
    def open(self, unpackers: Unpackers | None = None) -> Iterator[Reader]:
        """Return a reader of the data, which are open already."""
        yield _ArrayReader(self.values, self.layout.chunk)


def as_granule(
    field: xr.DataArray, beside: Mapping[str, xr.DataArray] | None = None, crs: str = ""
) -> ArrayGranule:
    """Wrap an xarray.DataArray as a granule.

    Parameters
    ----------
    field : has coordinates of time and place, found as those of a file are; of any other dimension
        longer than 1, one coordinate must have been selected
    beside : what else there is in its dataset, such as bounds of cells and a grid mapping
    crs : of its horizontal axes, in place of what they say

    Raises
    ------
    InvalidRequestError : an axis is not found, another dimension is left, or the values are not
        numbers; the message says what there is
    UnplacedError : its cells cannot be placed on the Earth
    """
    time = _time(field)
    place = _placed(field, beside or {}, crs)
    values = _uniform(field, time, place)
    times = _times(time)
    calendar = str(times[0].calendar)
    name = "values" if field.name is None else str(field.name)
    header = Header(
        variable=name,
        grid=place.grid,
        placing=place.remarks,
        stamps=Stamps(to_seconds(times, calendar), None, calendar),
        units=str(field.attrs.get("units", "")),
        attributes=known_attributes(field.attrs),
        title="",
        further=(),
        fill=None,
        layout=_layout(field, values, place),
        index=None,
        signature=Signature(0, 0, 0, 0),
        origins={},
    )
    return ArrayGranule(Path(name), name, known=header, values=values)


@dataclass(frozen=True, eq=False)
class _ArrayReader:
    values: xr.DataArray
    chunk: Place

    def read(self, chunk: Place, share: float = 1.0) -> Piece:
        """Load a chunk by its number along time, rows and columns."""
        place = tuple(
            slice(number * length, (number + 1) * length)
            for number, length in zip(chunk, self.chunk, strict=True)
        )
        return _Loaded(np.asarray(self.values[place]))


@dataclass(frozen=True, eq=False)
class _Loaded:
    values: NDArray[Any]

    def copy(self, steps: slice, rows: slice, columns: slice, out: NDArray[Any]) -> None:
        """Copy a part into ``out``."""
        out[...] = self.values[steps, rows, columns]


def _placed(field: xr.DataArray, beside: Mapping[str, xr.DataArray], crs: str) -> Placed:
    """Find where its cells lie, by the rules for files."""
    try:
        return find_horizontal(InMemory(field, beside), crs)
    except UnplacedError:
        raise
    except GranuleError as error:
        raise InvalidRequestError(
            f"{error}, or name them lat and lon; it has {_names(field)}"
        ) from None


def _uniform(field: xr.DataArray, time: xr.DataArray, place: Placed) -> xr.DataArray:
    """Bring the dimensions into the order time, rows, columns."""
    of_time = time.dims[0] if time.ndim else "time"
    whole = field if time.ndim else field.expand_dims("time")
    if not place.rows:
        whole = whole.expand_dims(ROW)
    wanted: tuple[Hashable, ...] = (of_time, place.rows or ROW, place.columns)
    others = [name for name in whole.dims if name not in wanted]
    if left := [name for name in others if whole.sizes[name] > 1]:
        raise InvalidRequestError(
            f"choose one of dimension {left[0]!r}, such as .isel({left[0]}=0); only time, "
            "latitude and longitude may be left"
        )
    if whole.dtype.kind not in "iuf":
        raise InvalidRequestError(f"{field.name} holds {whole.dtype}, which are no numbers")
    return whole.squeeze(others).transpose(*wanted)


def _time(field: xr.DataArray) -> xr.DataArray:
    """Find the coordinate of time by its CF attributes, else by a usual name."""
    every: list[xr.DataArray] = list(field.coords.values())
    tests: tuple[Callable[[xr.DataArray], bool], ...] = (
        lambda one: bool(one.attrs.get("standard_name") == "time"),
        lambda one: bool(one.attrs.get("axis") == "T"),
        lambda one: str(one.name).lower() in TIMES,
    )
    for test in tests:
        for one in every:
            if test(one):
                return one
    raise InvalidRequestError(
        f"no time among the coordinates {_names(field)}; name it time, or give it "
        "standard_name='time'"
    )


def _names(field: xr.DataArray) -> str:
    return ", ".join(str(name) for name in field.coords) or "(none)"


def _times(time: xr.DataArray) -> tuple[cftime.datetime, ...]:
    found = []
    for one in np.atleast_1d(time.values).tolist() if time.dtype == object else _stamps(time):
        if not isinstance(one, cftime.datetime | pd.Timestamp) or one is pd.NaT:
            raise InvalidRequestError(f"{time.name} holds {one!r}, which is no time")
        calendar = getattr(one, "calendar", "standard")
        parts = (one.year, one.month, one.day, one.hour, one.minute, one.second, one.microsecond)
        found.append(cftime.datetime(*parts, calendar=calendar))
    if any(after <= before for before, after in pairwise(found)):
        raise InvalidRequestError(f"{time.name} does not rise; sort the data by it")
    return tuple(found)


def _stamps(time: xr.DataArray) -> list[Any]:
    if time.dtype.kind != "M":
        raise InvalidRequestError(
            f"{time.name} holds {time.dtype}, no times; xarray.decode_cf reads them"
        )
    return list(pd.DatetimeIndex(np.atleast_1d(time.values)))


def _layout(field: xr.DataArray, values: xr.DataArray, place: Placed) -> Layout:
    return Layout(
        order=(0, 1, 2),
        rows=place.grid.rows,
        columns=place.grid.columns,
        south_up=place.south_up,
        east_first=place.east_first,
        storage=Storage(_chunk(values)),
        packing=_packing(field),
    )


def _packing(field: xr.DataArray) -> Packing:
    """Say what is missing in a field as it was read."""
    try:
        return packing_in_xarray(field.dtype, field.attrs, field.encoding)
    except GranuleError as error:
        said = str(error).partition(";")[0]
        raise InvalidRequestError(f"{said}; mend or delete that attribute") from None


def _chunk(values: xr.DataArray) -> tuple[int, ...]:
    """Return the chunk size of the data: dask's, that of the file behind them, or ``CHUNK``."""
    given = values.encoding.get("preferred_chunks", {})
    if values.chunks is not None:
        given = {name: sizes[0] for name, sizes in values.chunksizes.items()}
    usual = dict(zip(values.dims, CHUNK, strict=True))
    return tuple(min(int(given.get(d, usual[d])), values.sizes[d]) for d in values.dims)

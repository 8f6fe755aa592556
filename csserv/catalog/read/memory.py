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
from csserv.catalog.read.axes import SIGNS
from csserv.catalog.read.calendar_units import to_seconds
from csserv.catalog.read.chunks import Storage
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.granule import Granule, Header
from csserv.catalog.read.grid import Floats, Grid
from csserv.catalog.read.packing_attributes import packing_in_xarray
from csserv.catalog.read.source import Layout, Piece, Place, Reader, Source, Unpackers
from csserv.catalog.read.steps import Stamps
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, InvalidRequestError

#: steps, rows and columns that are read at once where the data have no chunks
CHUNK = (64, 256, 256)


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


def as_granule(field: xr.DataArray, lat_lon_bounds: Mapping[str, xr.DataArray]) -> ArrayGranule:
    """Wrap an xarray.DataArray as a granule.

    Parameters
    ----------
    field : has coordinates of time, latitude and longitude, found by CF attributes or usual names;
        of any other dimension longer than 1, one coordinate must have been selected
    lat_lon_bounds : name of the latitude or longitude coordinate → edges of its cells, where known

    Raises
    ------
    InvalidRequestError : an axis is not found, another dimension is left, or the values are not
        numbers; the message says what there is
    GranuleError : latitudes or longitudes neither rise nor fall
    """
    lat, lon, time = (_coordinate(field, kind) for kind in ("latitude", "longitude", "time"))
    curved = lat.ndim == 2
    of_place = lat.dims if curved else (*lat.dims, *lon.dims)
    values = _uniform(field, time, of_place)
    centres = [np.asarray(one.transpose(*of_place) if curved else one, float) for one in (lat, lon)]
    bounds = [_numbers(lat_lon_bounds.get(str(one.name))) for one in (lat, lon)]
    kind = CurvedGrid if curved else Grid
    times = _times(time)
    calendar = str(times[0].calendar)
    names = ("standard_name", "long_name", "cell_methods")
    name = "values" if field.name is None else str(field.name)
    header = Header(
        variable=name,
        grid=kind.from_centres(*centres, *bounds),
        stamps=Stamps(to_seconds(times, calendar), None, calendar),
        units=str(field.attrs.get("units", "")),
        attributes=tuple((n, str(field.attrs[n])) for n in names if n in field.attrs),
        title="",
        further=(),
        fill=None,
        layout=_layout(field, values, *centres),
        index=None,
        signature=Signature(0, 0, 0, 0),
        origins={},
    )
    return ArrayGranule(Path(name), name, known=header, values=values)


@dataclass(frozen=True, eq=False)
class _ArrayReader:
    values: xr.DataArray
    chunk: Place

    def read(self, chunk: Place) -> Piece:
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


def _uniform(
    field: xr.DataArray, time: xr.DataArray, of_place: tuple[Hashable, ...]
) -> xr.DataArray:
    """Bring the dimensions into the order time, rows, columns."""
    of_time = time.dims[0] if time.ndim else "time"
    whole = field if time.ndim else field.expand_dims("time")
    wanted = (of_time, *of_place)
    others = [name for name in whole.dims if name not in wanted]
    if left := [name for name in others if whole.sizes[name] > 1]:
        raise InvalidRequestError(
            f"choose one of dimension {left[0]!r}, such as .isel({left[0]}=0); only time, "
            "latitude and longitude may be left"
        )
    if whole.dtype.kind not in "iuf":
        raise InvalidRequestError(f"{field.name} holds {whole.dtype}, which are no numbers")
    return whole.squeeze(others).transpose(*wanted)


def _coordinate(field: xr.DataArray, kind: str) -> xr.DataArray:
    """Find a coordinate by its CF attributes, else by a usual name."""
    sign = SIGNS[kind]
    every: list[xr.DataArray] = list(field.coords.values())
    tests: tuple[Callable[[xr.DataArray], bool], ...] = (
        lambda one: bool(one.attrs.get("standard_name") == sign.standard_name),
        lambda one: one.attrs.get("units") in sign.units,
        lambda one: bool(one.attrs.get("axis") == sign.axis),
        lambda one: str(one.name).lower() in sign.names,
    )
    for test in tests:
        for one in every:
            if test(one) and (one.ndim or kind == "time"):
                return one
    names = ", ".join(str(one.name) for one in every)
    raise InvalidRequestError(
        f"no {kind} among the coordinates {names or '(none)'}; name it {sign.names[0]}, or give "
        f"it standard_name={sign.standard_name!r}"
    )


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


def _numbers(bounds: xr.DataArray | None) -> Floats | None:
    return None if bounds is None else np.asarray(bounds, np.float64)


def _layout(field: xr.DataArray, values: xr.DataArray, lat: Floats, lon: Floats) -> Layout:
    curved = lat.ndim == 2
    unwrapped = np.unwrap(lon, period=360.0)
    return Layout(
        order=(0, 1, 2),
        rows=values.shape[1],
        columns=values.shape[2],
        south_up=not curved and bool(lat[0] < lat[-1]),
        east_first=not curved and bool(unwrapped[0] > unwrapped[-1]),
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

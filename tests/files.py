"""Small NetCDF files to test with, every one checkable by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np


@dataclass(frozen=True)
class Layout:
    """How a test file writes a field: names, order, direction, packing, calendar."""

    names: tuple[str, str, str] = ("time", "lat", "lon")
    order: tuple[str, str, str] = ("time", "lat", "lon")
    south_up: bool = False
    dtype: str = "f4"
    attributes: dict[str, Any] = field(default_factory=dict)
    calendar: str = "standard"
    units: str = "days since 2019-01-01"
    bare: bool = False  #: no CF attributes: the names alone must do
    kind: str = "NETCDF4"
    storage: dict[str, Any] = field(default_factory=dict)  #: chunksizes, compression, …
    group: str = ""


def write_granule(
    path: Path,
    values: np.ndarray,
    lat: np.ndarray,
    lon: np.ndarray,
    layout: Layout | None = None,
    days: np.ndarray | None = None,
) -> Path:
    """Write ``(time, lat, lon)`` values, lat from north to south, in the layout.

    Where lat and lon have two dimensions, the grid is curved.
    """
    layout = layout or Layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    days = np.arange(len(values)) if days is None else days
    if layout.south_up:
        values, lat = values[:, ::-1], lat[::-1]
    lengths = dict(zip(("time", "lat", "lon"), values.shape, strict=True))
    names = dict(zip(("time", "lat", "lon"), layout.names, strict=True))
    with netCDF4.Dataset(path, "w", format=layout.kind) as file:
        data = file.createGroup(layout.group) if layout.group else file
        for axis, length in lengths.items():
            data.createDimension(names[axis], length)
        for axis, numbers, units in (
            ("time", days, layout.units),
            ("lat", lat, "degrees_north"),
            ("lon", lon, "degrees_east"),
        ):
            curved = axis != "time" and np.ndim(numbers) == 2
            places = (names["lat"], names["lon"]) if curved else (names[axis],)
            variable = data.createVariable(f"{axis}_2d" if curved else names[axis], "f8", places)
            if axis == "time":
                variable.calendar = layout.calendar
            if axis == "time" or not layout.bare:
                variable.units = units
            variable[:] = numbers
        attributes = dict(layout.attributes)
        variable = data.createVariable(
            "rain",
            layout.dtype,
            tuple(names[axis] for axis in layout.order),
            endian="big" if layout.dtype.startswith(">") else "native",
            fill_value=attributes.pop("_FillValue", None),
            **layout.storage,
        )
        variable.setncatts({"units": "mm/day"} | attributes)
        variable.set_auto_maskandscale(False)
        place = [("time", "lat", "lon").index(axis) for axis in layout.order]
        variable[:] = np.transpose(values, place)
    return path


LAT = np.arange(7.5, -8, -1.0)  #: 16 rows of one degree, 8 N to 8 S
LON = np.arange(20.5, 40.0)  #: 20 columns of one degree, 20 E to 40 E

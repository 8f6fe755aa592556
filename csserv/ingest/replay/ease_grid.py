"""Made-up files on EASE-Grid 2.0, as SMAP has them: rows of equal area, so not evenly apart."""

from __future__ import annotations

from datetime import datetime

import netCDF4
import numpy as np
import pyproj
from numpy.typing import NDArray

from csserv.catalog.read.source import READING

Floats = NDArray[np.float64]

#: side of a cell [m], and the north-western corner of the whole grid
SIDE, WEST, NORTH = 9008.055210146, -17367530.45, 7314540.83

#: first row and column of the whole grid that are made up: in East Africa
ROW, COLUMN = 740, 2270


def ease_centres(rows: int, columns: int) -> tuple[Floats, Floats]:
    """Return latitudes of rows from the north, and longitudes of columns from the west."""
    x, y = _projected(rows, columns)
    to_degrees = pyproj.Transformer.from_crs("EPSG:6933", "EPSG:4326", always_xy=True)
    lon, _ = to_degrees.transform(x, np.zeros_like(x))
    _, lat = to_degrees.transform(np.zeros_like(y), y)
    return np.asarray(lat), np.asarray(lon)


def write_ease_file(name: str, units: str, moment: datetime, values: NDArray[np.float32]) -> bytes:
    """Write a field; time is no dimension of it.

    Parameters
    ----------
    name : of the variable, in its group
    values : (rows, columns)
    """
    group, _, own = name.rpartition("/")
    rows, columns = values.shape
    with READING:
        file = netCDF4.Dataset("made-up.h5", "w", memory=2**16)
        _write_place(file, rows, columns)
        file.createDimension("time", 1)
        time = file.createVariable("time", "f8", ("time",))
        time.units = "seconds since 2000-01-01 11:58:55.816"
        time[:] = (moment - datetime(2000, 1, 1, 11, 58, 55, 816000)).total_seconds()
        field = file.createGroup(group).createVariable(
            own, "f4", ("y", "x"), fill_value=np.float32(-9999.0), zlib=True
        )
        field.units, field.coordinates = units, "cell_lat cell_lon"
        field.grid_mapping = "EASE2_global_projection"
        field[:] = np.ma.masked_invalid(values)
        held = file.close()
    return bytes(held)


def _write_place(file: netCDF4.Dataset, rows: int, columns: int) -> None:
    x, y = _projected(rows, columns)
    lat, lon = ease_centres(rows, columns)
    for axis, numbers in (("y", y), ("x", x)):
        file.createDimension(axis, len(numbers))
        written = file.createVariable(axis, "f8", (axis,))
        written.units, written.standard_name = "m", f"projection_{axis}_coordinate"
        written[:] = numbers
    for name, cells, units in (
        ("cell_lat", np.broadcast_to(lat[:, None], (rows, columns)), "degrees_north"),
        ("cell_lon", np.broadcast_to(lon, (rows, columns)), "degrees_east"),
    ):
        written = file.createVariable(name, "f4", ("y", "x"), fill_value=np.float32(-9999.0))
        written.units = units
        written[:] = cells
    mapping = file.createVariable("EASE2_global_projection", "S1", ())
    mapping.grid_mapping_name = "lambert_cylindrical_equal_area"
    mapping.standard_parallel, mapping.longitude_of_projection_origin = 30.0, 0.0
    mapping.false_easting = mapping.false_northing = 0.0


def _projected(rows: int, columns: int) -> tuple[Floats, Floats]:
    x = WEST + SIDE * (COLUMN + np.arange(columns, dtype=np.float64) + 0.5)
    y = NORTH - SIDE * (ROW + np.arange(rows, dtype=np.float64) + 0.5)
    return np.asarray(x, np.float64), np.asarray(y, np.float64)

"""Exports: the cells as GeoTIFFs or CF NetCDF, or the series as CSV, in a ZIP."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cftime
import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.outputs.series import Series

Field = NDArray[np.float32]
Layers = Iterator[Field]

#: most values of a NetCDF chunk: 4 MB of float32
CHUNK = 1_000_000


@dataclass(frozen=True, eq=False)
class Cells:
    """Grid, units and attributes of the exported cells; the same for every part."""

    lat: NDArray[np.float64]  #: (lat,) centres, from north to south; (y, x) on a curved grid
    lon: NDArray[np.float64]  #: (lon,) centres, from west to east; (y, x) on a curved grid
    dlat: float  #: height of a cell [degrees]
    dlon: float  #: width of a cell [degrees]
    variable: str
    attributes: dict[str, str]  #: of the variable, units included
    title: str
    daily: bool  #: whether no day has more than one step
    scale: float = 1.0  #: with ``offset``, converts cells to the units of the attributes
    offset: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        if self.lat.ndim == 2:
            return self.lat.shape[0], self.lat.shape[1]
        return len(self.lat), len(self.lon)


@dataclass(frozen=True, eq=False)
class Part:
    """The steps of one block: their times, and the file with their (time, lat, lon) cells."""

    times: tuple[cftime.datetime, ...]
    path: Path

    def layers(self, cells: Cells) -> Layers:
        """Yield the (lat, lon) maps, step by step; NaN where missing."""
        size = cells.shape[0] * cells.shape[1]
        with self.path.open("rb") as file:
            for _ in self.times:
                yield np.frombuffer(file.read(size * 4), np.float32).reshape(cells.shape)


PartWriter = Callable[[Path, Cells, tuple[cftime.datetime, ...], Layers], Path]


@dataclass(frozen=True)
class Format:
    """An export format."""

    part: PartWriter | None  #: writes the file of one block; None if the format needs no cells
    archive: Callable[[Path, Cells, Iterable[Part], Series], None]  #: writes the ZIP of all parts


def write_tiffs(
    folder: Path, cells: Cells, times: tuple[cftime.datetime, ...], layers: Layers
) -> Path:
    """Write a GeoTIFF for each step into an uncompressed ZIP, from which the archive copies."""
    path = folder / f"{stamp(times[0], daily=False)}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for time, layer in zip(times, layers, strict=True):
            archive.writestr(f"{stamp(time, cells.daily)}.tif", _tiff(cells, layer, time))
    return path


def write_cells(
    folder: Path, cells: Cells, times: tuple[cftime.datetime, ...], layers: Layers
) -> Path:
    """Write the cells as raw float32, which ``archive_netcdf`` reads."""
    path = folder / f"{stamp(times[0], daily=False)}.f4"
    with path.open("wb") as file:
        for layer in layers:
            file.write(_converted(cells, layer).tobytes())
    return path


def archive_tiffs(path: Path, cells: Cells, parts: Iterable[Part], series: Series) -> None:
    """Copy the GeoTIFFs of all parts into one ZIP, in time order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            with zipfile.ZipFile(part.path) as source:
                for name in source.namelist():
                    archive.writestr(name, source.read(name))


def archive_netcdf(path: Path, cells: Cells, parts: Iterable[Part], series: Series) -> None:
    """Write one CF NetCDF4 file of all parts, in a ZIP."""
    inner = path.with_suffix(".nc")
    rows, columns = cells.shape
    steps = max(1, min(31, CHUNK // (min(rows, 256) * columns), len(series.times)))
    with netCDF4.Dataset(inner, "w", format="NETCDF4") as data:
        variable = _define(data, cells, series.times, steps)
        variable.set_auto_maskandscale(False)  # masking would copy all values
        variable.set_var_chunk_cache(size=0)  # whole chunks are written, so none is needed again
        layers = (layer for part in parts for layer in part.layers(cells))
        maps = np.empty((steps, rows, columns), np.float32)
        for first in range(0, len(series.times), steps):
            count = 0
            for count, layer in enumerate(itertools.islice(layers, steps), 1):
                maps[count - 1] = layer
            variable[first : first + count] = maps[:count]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.write(inner, inner.name)
    inner.unlink()


def archive_csv(path: Path, cells: Cells, parts: Iterable[Part], series: Series) -> None:
    """Write the series as CSV, in a ZIP: zone, date, value, valid per cent, perhaps complete."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    units = cells.attributes.get("units", "")
    more = [] if series.steps_percent is None else ["valid days [%]"]
    more += ["complete"] if series.complete else []
    writer.writerow(["zone", "date", f"value [{units}]", "valid [%]", *more])
    writer.writerows(series.rows())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{path.stem}.csv", text.getvalue())


#: export name → format
FORMATS = {
    "geotiff": Format(write_tiffs, archive_tiffs),
    "netcdf": Format(write_cells, archive_netcdf),
    "csv": Format(None, archive_csv),
}


def stamp(time: cftime.datetime, daily: bool) -> str:
    """Name a step ``YYYYMMDD``, or ``YYYYMMDDThhmmss`` where a day has several.

    >>> stamp(cftime.datetime(2019, 2, 1, 6), daily=False)
    '20190201T060000'
    """
    date = f"{time.year:04}{time.month:02}{time.day:02}"
    return date if daily else f"{date}T{time.hour:02}{time.minute:02}{time.second:02}"


def _tiff(cells: Cells, layer: Field, time: cftime.datetime) -> bytes:
    from rasterio.io import MemoryFile  # slow to import, and few requests are for maps
    from rasterio.transform import from_origin

    transform = from_origin(
        cells.lon[0] - cells.dlon / 2, cells.lat[0] + cells.dlat / 2, cells.dlon, cells.dlat
    )
    layer = _converted(cells, layer)
    profile = {
        "driver": "GTiff",
        "height": layer.shape[0],
        "width": layer.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "transform": transform,
        "nodata": np.nan,
        "compress": "deflate",
        "zlevel": 1,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as tiff:
            tiff.write(layer, 1)
            tiff.update_tags(TIME=time.isoformat(), SOURCE=cells.title)
            tiff.set_band_description(1, cells.variable)
            tiff.set_band_unit(1, cells.attributes.get("units", ""))
        return bytes(memory.read())


def _converted(cells: Cells, layer: Field) -> Field:
    if (cells.scale, cells.offset) == (1.0, 0.0):
        return layer
    return np.asarray(layer * np.float64(cells.scale) + cells.offset, np.float32)


def _define(
    data: netCDF4.Dataset, cells: Cells, times: tuple[cftime.datetime, ...], steps: int
) -> netCDF4.Variable[Any]:
    data.Conventions = "CF-1.11"
    data.title = cells.title
    _define_time(data, times)
    curved = cells.lat.ndim == 2
    names = ("y", "x") if curved else ("lat", "lon")
    for name, length in zip(names, cells.shape, strict=True):
        data.createDimension(name, length)
    for name, values, unit in (
        ("lat", cells.lat, "degrees_north"),
        ("lon", cells.lon, "degrees_east"),
    ):
        coordinate = data.createVariable(name, "f8", names if curved else (name,))
        long_name = "latitude" if name == "lat" else "longitude"
        coordinate.setncatts({"units": unit, "standard_name": long_name})
        if not curved:
            coordinate.axis = "Y" if name == "lat" else "X"
        coordinate[:] = values
    variable = data.createVariable(
        cells.variable,
        "f4",
        ("time", *names),
        zlib=True,
        complevel=1,
        shuffle=True,
        chunksizes=(steps, min(cells.shape[0], 256), min(cells.shape[1], 256)),
        fill_value=np.float32(np.nan),
    )
    variable.setncatts(cells.attributes)
    if curved:
        variable.coordinates = "lat lon"
    return variable


def _define_time(data: netCDF4.Dataset, times: tuple[cftime.datetime, ...]) -> None:
    data.createDimension("time", len(times))
    variable = data.createVariable("time", "f8", ("time",))
    first = times[0]
    units = f"days since {first.year:04}-{first.month:02}-{first.day:02} 00:00:00"
    variable.setncatts(
        {"units": units, "calendar": times[0].calendar, "standard_name": "time", "axis": "T"}
    )
    variable[:] = cftime.date2num(list(times), units, times[0].calendar)

"""The fields of an export, read from its ZIP file step by step."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import cftime
import h5py
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import MemoryFile

from csserv.errors import TaskExpiredError
from csserv.outputs import Result
from csserv.outputs.series import iso
from csserv.views.maps.nearest_cells import NearestCells
from csserv.views.maps.raster import MOST_PIXELS
from csserv.views.maps.zip_window import open_stored

Floats = NDArray[np.floating]
Bounds = tuple[float, float, float, float]
Value = TypeVar("Value")


class ExportFrames(Protocol):
    """The steps of an export, as ``csserv.views.maps.player.Frames`` wants them."""

    bounds: Bounds
    units: str

    def __len__(self) -> int:
        """Count the steps."""

    def label(self, i: int) -> str:
        """Return the time of a step, UTC."""

    def values(self, i: int) -> Floats:
        """Return a step: ``(row, column)``, row 0 north; NaN where missing."""


def frames_of(result: Result) -> ExportFrames | None:
    """Open the fields of an export; None for a result that is none.

    Raises
    ------
    TaskExpiredError : the ZIP file cannot be read
    """
    operation = result.about["request"]["operation"]
    path = export_zip(result)
    if path is None or operation not in KINDS:
        return None
    return _checked(path, lambda: KINDS[operation](path, str(result.about["units"])))


def export_zip(result: Result) -> Path | None:
    """Return the ZIP file of an export; None for a result that is none."""
    return next((path for path in result.files if path.suffix == ".zip"), None)


class TiffFrames:
    """The steps of a ZIP file of GeoTIFFs, one for each step."""

    def __init__(self, path: Path, units: str) -> None:
        self._path, self.units = path, units
        self._zip = zipfile.ZipFile(path)
        names = [name for name in self._zip.namelist() if name.endswith(".tif")]
        self._names = sorted(name for name in names if "/" not in name)  # others are of statistics
        with MemoryFile(self._zip.read(self._names[0])) as memory, memory.open() as tiff:
            self.bounds: Bounds = tuple(tiff.bounds)
            self._shape = tuple(min(length, MOST_PIXELS) for length in tiff.shape)

    def __len__(self) -> int:
        """Count the steps."""
        return len(self._names)

    def label(self, i: int) -> str:
        """Return the time of a step, UTC, from the name of its file."""
        day, _, clock = Path(self._names[i]).stem.partition("T")
        date = f"{day[:4]}-{day[4:6]}-{day[6:8]}"
        return f"{date} {clock[:2]}:{clock[2:4]} UTC" if clock.strip("0") else f"{date} UTC"

    def values(self, i: int) -> Floats:
        """Return a step, thinned out to ``MOST_PIXELS`` rows and columns; row 0 north."""
        return _checked(self._path, lambda: self._read(self._names[i]))

    def _read(self, name: str) -> Floats:
        with MemoryFile(self._zip.read(name)) as memory, memory.open() as tiff:
            values: Floats = tiff.read(
                1, out_shape=self._shape, resampling=Resampling.nearest
            ).astype(np.float32)
        return values


class NetcdfFrames:
    """The steps of a NetCDF4 file in a ZIP file.

    It is read by h5py, as the netCDF library crashes when two threads read.
    """

    def __init__(self, path: Path, units: str) -> None:
        self._path, self.units = path, units
        self._file = h5py.File(open_stored(path), "r")
        time = self._file["time"]
        kind = _text(time.attrs["calendar"])
        self._times = cftime.num2date(time[:], _text(time.attrs["units"]), kind)
        edges = {_text(one.attrs.get("bounds", "")) for one in self._file.values()}
        fields = {name: one for name, one in self._file.items() if name not in edges}
        maps = [name for name, one in fields.items() if one.ndim == 3]
        self._field = fields[min(maps, key=len)]  # statistics are named after the values
        self._cut = tuple(slice(None, None, -(-n // MOST_PIXELS)) for n in self._field.shape[1:])
        lat, lon = self._file["lat"][:], self._file["lon"][:]
        self._curved = NearestCells(lat, lon) if lat.ndim == 2 else None
        self.bounds: Bounds = self._curved.bounds if self._curved else _edges(lat, lon)

    def __len__(self) -> int:
        """Count the steps."""
        return len(self._times)

    def label(self, i: int) -> str:
        """Return the time of a step, UTC, in the calendar of the data."""
        return f"{iso(self._times[i])[:16].replace('T', ' ')} UTC"

    def values(self, i: int) -> Floats:
        """Return a step, thinned out to ``MOST_PIXELS`` rows and columns; row 0 north."""
        return _checked(self._path, lambda: self._read(i))

    def _read(self, i: int) -> Floats:
        values: Floats = self._field[i]
        return self._curved.to_regular_grid(values) if self._curved else values[self._cut]


#: operation → class that reads its export
KINDS: dict[str, Callable[[Path, str], ExportFrames]] = {
    "geotiff": TiffFrames,
    "netcdf": NetcdfFrames,
}


def _checked(path: Path, read: Callable[[], Value]) -> Value:
    """Call ``read``; raise TaskExpiredError if that fails."""
    try:
        return read()
    except (OSError, KeyError, zipfile.BadZipFile, rasterio.errors.RasterioError) as error:
        raise TaskExpiredError(
            f"the maps cannot be read from {path.name}: {error}; run the task again"
        ) from None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _edges(lat: Floats, lon: Floats) -> Bounds:
    """Return the bounds of a grid whose rows run from north to south: half a cell around it."""
    high = abs(float(lat[0] - lat[-1])) / (len(lat) - 1) if len(lat) > 1 else 0.0
    wide = abs(float(lon[-1] - lon[0])) / (len(lon) - 1) if len(lon) > 1 else 0.0
    high, wide = high or wide or 1.0, wide or high or 1.0
    return (
        float(lon[0]) - wide / 2,
        float(lat[-1]) - high / 2,
        float(lon[-1]) + wide / 2,
        float(lat[0]) + high / 2,
    )

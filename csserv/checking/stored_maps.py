"""Reads the maps in the ZIP of an export, step by step."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import netCDF4
import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.catalog.read.source import READING
from csserv.errors import GranuleError
from csserv.outputs import Result
from csserv.outputs.map_cells import Field

#: a map, and latitudes and longitudes of its cells
Placed = tuple[Field, tuple[Floats, Floats]]


@dataclass(frozen=True)
class StoredMaps:
    """The maps in the ZIP of a result.

    Attributes
    ----------
    names : step → the file in the ZIP that holds its map
    read : returns the map of a step, and latitudes and longitudes of its cells
    """

    names: Mapping[str, str]
    read: Callable[[str], Placed]


@contextmanager
def stored_maps(result: Result, form: str) -> Iterator[StoredMaps]:
    """Open the maps of a result.

    Parameters
    ----------
    form : a key of ``OPENERS``

    Raises
    ------
    GranuleError : the ZIP is gone or damaged, or has other files than the result made
    """
    path = result.path.with_suffix(".zip")
    times = result.json["series"][0]["time"]
    with ExitStack() as stack:
        with _told(path):
            archive = stack.enter_context(zipfile.ZipFile(path))
            maps = stack.enter_context(OPENERS[form](archive, times))

        def read(time: str) -> Placed:
            with _told(path):
                return maps.read(time)

        yield StoredMaps(maps.names, read)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the errors of reading a ZIP and what is in it into ours."""
    try:
        yield
    except (OSError, zipfile.BadZipFile, LookupError, ValueError) as error:
        raise GranuleError(f"its maps cannot be read from {path.name}: {error}") from None


@contextmanager
def _tiffs(archive: zipfile.ZipFile, times: Sequence[str]) -> Iterator[StoredMaps]:
    """Open a GeoTIFF for each step, in the order of time."""
    from rasterio.io import MemoryFile  # slow to import, and few results have maps

    own = sorted(name for name in archive.namelist() if "/" not in name)  # others are of statistics
    names = dict(zip(times, own, strict=True))

    def read(time: str) -> Placed:
        with MemoryFile(archive.read(names[time])) as memory, memory.open() as tiff:
            to = tiff.transform
            lat = to.f + to.e * (np.arange(tiff.height) + 0.5)
            lon = to.c + to.a * (np.arange(tiff.width) + 0.5)
            return tiff.read(1), (lat, lon)

    yield StoredMaps(MappingProxyType(names), read)


@contextmanager
def _netcdf(archive: zipfile.ZipFile, times: Sequence[str]) -> Iterator[StoredMaps]:
    """Open the one NetCDF of all steps; it may be larger than memory, so it is copied out."""
    (name,) = archive.namelist()
    numbers = {time: number for number, time in enumerate(times)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "maps.nc"
        with archive.open(name) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)

        def read(time: str) -> Placed:
            with READING, netCDF4.Dataset(path) as data:
                data.set_auto_maskandscale(False)
                maps = [one for one in data.variables.values() if _is_map(one)]
                variable = min(maps, key=lambda one: len(one.name))  # others are named after it
                place = (np.asarray(data["lat"][:]), np.asarray(data["lon"][:]))
                return np.asarray(variable[numbers[time]], np.float32), place

        yield StoredMaps(MappingProxyType(dict.fromkeys(times, name)), read)


def _is_map(variable: netCDF4.Variable[Any]) -> bool:
    return variable.ndim == 3 and variable.dimensions[0] == "time"


#: operation that exports maps → what opens its ZIP
OPENERS: Mapping[
    str, Callable[[zipfile.ZipFile, Sequence[str]], AbstractContextManager[StoredMaps]]
] = MappingProxyType({"geotiff": _tiffs, "netcdf": _netcdf})

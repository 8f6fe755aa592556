"""Formats of files that hold data: how each is known, and what opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import netCDF4

from csserv.catalog.read.corrections import NONE, Corrections
from csserv.catalog.read.file_kinds import is_netcdf
from csserv.catalog.read.geotiff.unpacked_tiff import begins_as_tiff
from csserv.catalog.read.other_formats.zarr_dataset import is_zarr, open_zarr_dataset

#: opens a file; with what its row says, and whether no numbers of its field will be read
Open: TypeAlias = Callable[[Path, Corrections, bool], AbstractContextManager[Any]]


@dataclass(frozen=True)
class DataFormat:
    """A format.

    Attributes
    ----------
    name : as people call it
    fits : whether a file is of it, by what it holds and not by its name
    any_name : whether it does not name its one field, which so has any name
    """

    name: str
    fits: Callable[[Path], bool]
    open: Open
    any_name: bool = False


@contextmanager
def _open_netcdf(path: Path, told: Corrections, only_header: bool) -> Iterator[Any]:
    with netCDF4.Dataset(path) as data:
        yield data


def _open_tiff(path: Path, told: Corrections, only_header: bool) -> AbstractContextManager[Any]:
    # rasterio takes 0.1 s to import, and most archives need it never
    from csserv.catalog.read.other_formats.tiff_dataset import open_tiff_dataset

    return open_tiff_dataset(path, told, only_header)


NETCDF = DataFormat("NetCDF", is_netcdf, _open_netcdf)


#: the first that fits counts; what none fits is given to the netCDF library, which refuses it
FORMATS = (
    NETCDF,
    DataFormat("GeoTIFF", begins_as_tiff, _open_tiff, any_name=True),
    DataFormat("Zarr", is_zarr, open_zarr_dataset),
)


def format_of(path: Path) -> DataFormat | None:
    """Return the format of a file; None for one that is of none."""
    return next((one for one in FORMATS if one.fits(path)), None)


def open_data(
    path: Path, told: Corrections = NONE, only_header: bool = False
) -> AbstractContextManager[Any]:
    """Open a file of any format: as ``netCDF4.Dataset``, or in its words.

    Parameters
    ----------
    told : what its row says
    only_header : whether no numbers of its field will be read
    """
    return (format_of(path) or NETCDF).open(path, told, only_header)

"""An open GeoTIFF: its grid, its bands, how its numbers are stored, and windows of them.

Nothing beside the file is read (.aux.xml, .tfw, .ovr, .msk), as its signature would not tell when
they change; and nothing but TIFF is opened, such as a virtual file of GDAL that names others.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader, MemoryFile
from rasterio.windows import Window

from csserv.catalog.read.file_kinds import what_it_is
from csserv.catalog.read.geotiff.band_dates import read_band_dates
from csserv.catalog.read.geotiff.unpacked_tiff import (
    BEGINNING,
    MOST,
    begins_as_tiff,
    is_packed,
    unpack_beginning,
    unpack_tiff,
)
from csserv.catalog.read.times.stamps import CountedTimes
from csserv.errors import UnnamedFileError

Floats = NDArray[np.float64]

#: of GDAL: look at nothing beside the file, and write nothing there
ALONE = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}

#: what rasterio raises for a damaged file
TROUBLES = (RasterioError, CPLE_BaseError)


@dataclass(frozen=True, eq=False)
class TiffFile:
    """An open GeoTIFF.

    Attributes
    ----------
    rows, columns, bands : number of each
    dtype : of the stored numbers
    nodata : the stored number that means missing; None where the file does not say it
    scale, offset : value = stored x scale + offset
    units : of the values; empty where the file does not say them
    names : what the file calls each band; empty where it does not
    block : rows and columns that are stored together
    crs : coordinate reference system as WKT; empty where the file says none
    west, north : edges of the first column and the first row, in units of the crs
    width, height : from a column to the next one, from a row to the next one; negative of those
        that run westwards, or southwards
    tags : what else the file says of itself
    """

    data: DatasetReader
    rows: int
    columns: int
    bands: int
    dtype: np.dtype[Any]
    nodata: float | None
    scale: float
    offset: float
    units: str
    names: tuple[str, ...]
    block: tuple[int, int]
    crs: str
    west: float
    north: float
    width: float
    height: float
    tags: dict[str, str]

    @property
    def x(self) -> Floats:
        """(columns,) centres of the columns, as in the file."""
        return np.asarray(self.west + self.width * (0.5 + np.arange(self.columns)), np.float64)

    @property
    def y(self) -> Floats:
        """(rows,) centres of the rows, as in the file."""
        return np.asarray(self.north + self.height * (0.5 + np.arange(self.rows)), np.float64)

    @property
    def x_bounds(self) -> Floats:
        """(columns, 2) edges of the columns."""
        return self.x[:, None] + self.width * np.array([-0.5, 0.5])

    @property
    def y_bounds(self) -> Floats:
        """(rows, 2) edges of the rows."""
        return self.y[:, None] + self.height * np.array([-0.5, 0.5])

    @property
    def is_geographic(self) -> bool:
        """Whether x and y say that they are degrees of longitude and latitude."""
        found = self.data.crs
        return bool(found and found.is_geographic and "DERIVING" not in self.crs.upper())

    @property
    def length_unit(self) -> str:
        """What x and y are counted in, where they are lengths."""
        found = self.data.crs
        return str(found.linear_units) if found and found.is_projected else ""

    @cached_property
    def times(self) -> CountedTimes | None:
        """When the bands are, where the file says it."""
        each = [self.data.tags(number) for number in range(1, self.bands + 1)]
        return read_band_dates(self.names, each, self.tags)

    def read(self, bands: range, rows: range, columns: range) -> NDArray[Any]:
        """Read stored numbers, (bands, rows, columns), all counted from 0 as in the file.

        Raises
        ------
        UnnamedFileError : they are damaged
        """
        window = Window(columns.start, rows.start, len(columns), len(rows))
        with _in_words():
            return np.asarray(self.data.read([one + 1 for one in bands], window=window))


@contextmanager
def open_tiff(path: Path, only_header: bool = False) -> Iterator[TiffFile]:
    """Open a GeoTIFF, packed with gzip or not.

    Parameters
    ----------
    only_header : whether no numbers will be read, so that of a packed file the beginning may do

    Raises
    ------
    UnnamedFileError : it is damaged, no TIFF, or its cells are in no rows and columns
    """
    if not begins_as_tiff(path):
        raise UnnamedFileError(f"it is {what_it_is(path, 'no TIFF')}")
    with rasterio.Env(**ALONE), _in_words(), _opened(path, only_header) as data:
        file = _read_facts(data)
        if not is_packed(path):
            _check_whole(file, path.stat().st_size)
        yield file


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except TROUBLES as error:
        cause = re.sub(r"\S*/", "", str(error.__cause__ or error).splitlines()[0])  # no path
        raise UnnamedFileError(
            f"it is a TIFF that is damaged, or was not copied whole ({cause}); fetch it again"
        ) from None


@contextmanager
def _opened(path: Path, only_header: bool) -> Iterator[DatasetReader]:
    with ExitStack() as stack:
        if not is_packed(path):
            with _without_warning():
                data = rasterio.open(str(path), driver="GTiff")
            yield stack.enter_context(data)
            return
        beginning = _from_memory(unpack_beginning(path), stack)
        if only_header and beginning:
            yield beginning
            return
        most = _most_bytes(beginning) if beginning else MOST
        yield _from_memory(unpack_tiff(path, most), stack, whole=True)


def _most_bytes(data: DatasetReader) -> int:
    """Return how much a TIFF may take: its numbers, and as much again for overviews."""
    numbers = data.width * data.height * data.count * np.dtype(data.dtypes[0]).itemsize
    return int(min(MOST, 2 * numbers + BEGINNING))


def _from_memory(content: bytes, stack: ExitStack, whole: bool = False) -> DatasetReader | None:
    """Open what was unpacked; None where that is a part, and the header stands elsewhere."""
    # the memory lives as long as the stack: without it, what is open reads what is no more
    memory = stack.enter_context(MemoryFile(content))
    try:
        with _without_warning():
            data = memory.open(driver="GTiff")
        return stack.enter_context(data)
    except TROUBLES:
        if whole:
            raise
        return None


@contextmanager
def _without_warning() -> Iterator[None]:
    """Be silent on a file without coordinates: it will be refused in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def _read_facts(data: DatasetReader) -> TiffFile:
    _check_kind(data)
    place = data.transform
    return TiffFile(
        data=data,
        rows=data.height,
        columns=data.width,
        bands=data.count,
        dtype=np.dtype(data.dtypes[0]),
        nodata=data.nodata,
        scale=float(data.scales[0]),
        offset=float(data.offsets[0]),
        units=data.units[0] or "",
        names=tuple(one or "" for one in data.descriptions),
        block=data.block_shapes[0],
        crs=data.crs.to_wkt() if data.crs else "",
        west=place.c,
        north=place.f,
        width=place.a,
        height=place.e,
        tags=data.tags(),
    )


def _check_kind(data: DatasetReader) -> None:
    """See that all its bands are alike, and lie in rows and columns.

    Raises
    ------
    UnnamedFileError : they are not
    """
    place = data.transform
    if data.subdatasets:
        raise UnnamedFileError(
            f"it holds {len(data.subdatasets)} pictures; write a file for each, or bands of one"
        )
    if place.is_identity:
        raise UnnamedFileError(
            "it is a TIFF that does not say where its cells lie; write it with its corners, as "
            "`gdal_translate -a_srs EPSG:4326 -a_ullr WEST NORTH EAST SOUTH` does"
        )
    if place.b or place.d:
        raise UnnamedFileError(
            "its rows and columns are turned against its coordinates; write it with straight ones, "
            "as `gdalwarp` does"
        )
    alike = {"types": data.dtypes, "scales": data.scales, "offsets": data.offsets}
    for words, each in alike.items():
        if len(set(each)) > 1:
            raise UnnamedFileError(f"its bands have several {words}; write a file for each band")
    if any(MaskFlags.per_dataset in flags for flags in data.mask_flag_enums):
        raise UnnamedFileError(
            "it has a mask or a band of transparency, which csserv does not apply; write missing "
            "cells as a number, as `gdalwarp -dstnodata -9999` does"
        )
    if data.colorinterp and any(one.name in ("red", "palette") for one in data.colorinterp):
        raise UnnamedFileError("it is a picture, of colours; fetch the numbers behind it")


def _check_whole(file: TiffFile, size: int) -> None:
    """See that the last numbers lie within the file.

    Raises
    ------
    UnnamedFileError : they do not
    """
    high, wide = file.block
    last = (file.columns - 1) // wide, (file.rows - 1) // high
    for band in {1, file.bands}:
        for column, row in {(0, 0), last}:
            said = [
                file.data.get_tag_item(f"BLOCK_{what}_{column}_{row}", "TIFF", bidx=band)
                for what in ("OFFSET", "SIZE")
            ]
            end = sum(int(one) for one in said if one)
            if all(said) and end > size:
                raise UnnamedFileError(
                    f"it is a TIFF that was cut short: {size:,} of at least {end:,} bytes are "
                    "there; fetch or copy it again"
                )

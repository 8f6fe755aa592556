"""Made-up files of a product, in the format and with the quirks that its provider's have."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import netCDF4
import numpy as np
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.crs import CRS
from rasterio.io import MemoryFile

from csserv.catalog.read.source import READING
from csserv.errors import SettingsError
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import moment_in_name
from csserv.ingest.replay.ease_grid import write_ease_file

Floats = NDArray[np.float32]

#: what stands for sea in files that do not say so
UNTOLD = -9999.0


#: units of time in files
DAYS = "days since 1980-01-01 00:00:00"


@dataclass(frozen=True)
class Habit:
    """How a provider writes NetCDF.

    Attributes
    ----------
    time, lat, lon : names of the axes
    northward : whether rows begin in the south
    units : of the numbers as they are stored, where they are others than the product's
    """

    time: str = "time"
    lat: str = "lat"
    lon: str = "lon"
    lon_first: bool = False
    northward: bool = False
    units: str = ""

    @property
    def dimensions(self) -> tuple[str, str, str]:
        """Names of the axes in their order."""
        return (self.time, *((self.lon, self.lat) if self.lon_first else (self.lat, self.lon)))


#: beginning of the name of a product → its habit
HABITS: Mapping[str, Habit] = MappingProxyType(
    {
        "imerg": Habit(lon_first=True, northward=True),
        "fldas": Habit(lat="Y", lon="X", northward=True),
        "era5_land_precipitation": Habit("valid_time", "latitude", "longitude", units="m"),
        "era5_land": Habit("valid_time", "latitude", "longitude"),
    }
)


@dataclass(frozen=True)
class MadeGrid:
    """The grid of made-up files: edges and size of cells [degrees].

    Small, as nobody needs the globe to try something: it holds East Africa.
    """

    west: float = 28.0
    north: float = 10.0
    cell: float = 0.25
    rows: int = 72
    columns: int = 80

    @property
    def lat(self) -> NDArray[np.float64]:
        """(rows,) centres from north to south."""
        return np.asarray(self.north - self.cell * (np.arange(self.rows) + 0.5), np.float64)

    @property
    def lon(self) -> NDArray[np.float64]:
        """(columns,) centres from west to east."""
        return np.asarray(self.west + self.cell * (np.arange(self.columns) + 0.5), np.float64)


def made_values(grid: MadeGrid, start: datetime, stream: str) -> Floats:
    """Make up the numbers of a step: (rows, columns), NaN in the sea.

    They can be worked out by hand: a cell's number is (3 x row + 5 x column + 7 x day) modulo 40,
    less 20, halved, and 0 where that is below; preliminary ones are a quarter more.
    """
    row, column = np.ogrid[: grid.rows, : grid.columns]
    day = start.toordinal()
    rain = np.maximum((3 * row + 5 * column + 7 * day + start.hour) % 40 - 20, 0) / 2
    rain = rain * (1.0 if stream == "final" else 1.25)
    sea = grid.lon[None, :] > 41.5 - 0.4 * grid.lat[:, None].clip(-8.0, 0.0)
    return np.where(sea, np.nan, rain).astype(np.float32)


def make_file(product: Product, stream: str, starts: list[datetime], grid: MadeGrid) -> bytes:
    """Make the file of some steps of a product.

    Raises
    ------
    SettingsError : its form is not made up here
    """
    form, _, packing = product.form.partition(".")
    packing, form = ("zip", form[4:]) if form.startswith("zip/") else (packing, form)
    if form not in FORMS:
        raise SettingsError(f"files of {product.form} are not made up here")
    values = np.stack([made_values(grid, start, stream) for start in starts])
    plain = FORMS[form](product, starts, grid, values)
    if packing == "gz":
        return gzip.compress(plain, mtime=0)
    if packing == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
            inner = zipfile.ZipInfo("data.tif", (1980, 1, 1, 0, 0, 0))
            packed.writestr(inner, plain)
        return held.getvalue()
    return plain


def _geotiff(product: Product, starts: list[datetime], grid: MadeGrid, values: Floats) -> bytes:
    """Write as the Climate Hazards Center does: no tag says what stands for sea."""
    missing = product.missing[0] if product.missing else UNTOLD
    small = product.scale is not None
    dtype = np.uint8 if small else np.float32
    scale, offset = product.scale or 1.0, product.offset or 0.0
    numbers = np.round((values[0] - offset) / scale, 3)
    # a byte holds less: so that none of those that mean missing comes of a number
    numbers = numbers.clip(1, 200) if small else numbers
    stored = np.where(np.isnan(values[0]), missing, numbers)
    with MemoryFile() as held:
        with held.open(
            driver="GTiff",
            width=grid.columns,
            height=grid.rows,
            count=1,
            dtype=dtype,
            crs=CRS.from_epsg(4326),
            transform=Affine(grid.cell, 0.0, grid.west, 0.0, -grid.cell, grid.north),
            compress="deflate",
        ) as file:
            file.write(stored.astype(dtype), 1)
        return bytes(held.read())


def _netcdf(product: Product, starts: list[datetime], grid: MadeGrid, values: Floats) -> bytes:
    """Write as its provider does: names and order of axes, and which way rows run."""
    if not product.dated:
        moment = moment_in_name(product, starts[0])
        return write_ease_file(product.variable, product.units, moment, values[0])
    habit = next((one for begin, one in HABITS.items() if product.name.startswith(begin)), Habit())
    group, _, name = product.variable.rpartition("/")
    with READING:
        file = netCDF4.Dataset("made-up.nc", "w", memory=2**16)
        inner = file.createGroup(group) if group else file
        _write_axes(inner, product, starts, grid, habit)
        variable = inner.createVariable(
            name, "f4", habit.dimensions, fill_value=np.float32(UNTOLD), zlib=True
        )
        variable.units = habit.units or product.units
        stored = values / np.float32(product.scale or 1.0)
        stored = stored[:, ::-1] if habit.northward else stored
        if habit.lon_first:
            stored = stored.transpose(0, 2, 1)
        variable[:] = np.ma.masked_invalid(stored)
        held = file.close()
    return bytes(held)


def _write_axes(
    file: netCDF4.Dataset, product: Product, starts: list[datetime], grid: MadeGrid, habit: Habit
) -> None:
    lat = grid.lat[::-1] if habit.northward else grid.lat
    epoch = datetime(1980, 1, 1)
    moments = [moment_in_name(product, one) for one in starts]
    for axis, numbers, units, dtype in (
        (habit.time, [(one - epoch).total_seconds() / 86400 for one in moments], DAYS, "f8"),
        (habit.lat, lat, "degrees_north", "f4"),
        (habit.lon, grid.lon, "degrees_east", "f4"),
    ):
        file.createDimension(axis, len(numbers))
        written = file.createVariable(axis, dtype, (axis,))
        written.units = units
        written[:] = numbers


#: form of files → what writes it
FORMS: Mapping[str, Callable[[Product, list[datetime], MadeGrid, Floats], bytes]] = (
    MappingProxyType({"geotiff": _geotiff, "netcdf": _netcdf, "hdf5": _netcdf})
)

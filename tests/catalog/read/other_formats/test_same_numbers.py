"""One field, written in each format, gives the same answers, whatever it is stored as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
import xarray as xr

from csserv.catalog import Granule
from csserv.catalog.read.corrections import Corrections
from csserv.ingest.grib.grib_netcdf import convert_grib
from csserv.request import Area, Zone
from tests.engine import answer
from tests.files import write_granule
from tests.grib_writer import write_grib
from tests.tiffs import write_tiff

LAT, LON = np.arange(9.75, 5.0, -0.5), np.arange(30.25, 36.0, 0.5)  # 10 x 12 cells
DAYS = ("2019-03-01", "2019-03-02", "2019-03-03")
MISSING = -9999.0

#: zones within a cell, over several, with a hole of missing cells, and beyond the grid
AREA = Area(
    (
        Zone("cell", "cell", shapely.box(31.0, 8.0, 31.5, 8.5)),
        Zone("slant", "slant", shapely.Polygon([(30.2, 5.1), (35.9, 6.2), (33.0, 9.9)])),
        Zone("edge", "edge", shapely.box(35.3, 9.1, 40.0, 12.0)),
    ),
    "zones",
)


def field() -> np.ndarray:
    """Rain in steps of 0.25, exact in each type; a part of it missing."""
    values = np.random.default_rng(7).integers(0, 200, (3, len(LAT), len(LON))) / 4
    values[:, 2:4, 3:6] = np.nan
    return values


def filled(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), MISSING, values).astype("f4")


def a_day(write: Callable[[Path, np.ndarray], Path], suffix: str) -> Callable[[Path], list[Path]]:
    """Write a file a day."""
    return lambda folder: [
        write(folder / f"rain.{day.replace('-', '.')}{suffix}", one)
        for day, one in zip(DAYS, field(), strict=True)
    ]


def all_days(write: Callable[[Path, np.ndarray], Path], name: str) -> Callable[[Path], list[Path]]:
    """Write one file."""
    return lambda folder: [write(folder / name, field())]


def tiff(**how: object) -> Callable[[Path, np.ndarray], Path]:
    def write(path: Path, values: np.ndarray) -> Path:
        return write_tiff(path, filled(values), (30.0, 10.0), (0.5, 0.5), **how)  # type: ignore[arg-type]

    return write


def packed_tiff(path: Path, values: np.ndarray) -> Path:
    stored = np.where(np.isnan(values), -1, values / 0.25).astype("i2")
    return write_tiff(
        path, stored, (30.0, 10.0), (0.5, 0.5), packed=(0.25, 0.0), nodata=-1, compress="lzw"
    )


def zarr(version: int, **how: object) -> Callable[[Path, np.ndarray], Path]:
    """Write a store; ``how`` is of the field."""

    def write(path: Path, values: np.ndarray) -> Path:
        time = xr.date_range(DAYS[0], periods=len(values), unit="s")
        places = {"time": time, "lat": LAT[::-1], "lon": LON}
        data = xr.DataArray(values[:, ::-1].astype("f4"), places, name="rain").to_dataset()
        encoding = {"rain": {"chunks": (2, 4, 5)} | how}
        data.to_zarr(path, zarr_format=version, consolidated=False, encoding=encoding)
        return path

    return write


def grib(path: Path, values: np.ndarray) -> Path:
    """Write GRIB and convert it, as ``csserv datasets add`` does."""
    dates = np.array([int(day.replace("-", "")) for day in DAYS])
    target = path.with_suffix(".nc")
    convert_grib(write_grib(path, values, LAT, LON, date=dates), target)
    return target


PACKED = {"dtype": "i2", "scale_factor": 0.25, "_FillValue": -1}

IN_NAME = {"time_from_name": "rain.%Y.%m.%d"}
UNTAGGED = IN_NAME | {"missing": (MISSING,)}

#: format → what writes it, and what its row says
FORMATS: dict[str, tuple[Callable[[Path], list[Path]], dict]] = {
    "tagged": (a_day(tiff(nodata=MISSING), ".tif"), IN_NAME),
    "untagged": (a_day(tiff(), ".tif"), UNTAGGED),
    "south-up": (a_day(tiff(nodata=MISSING, south_up=True), ".tif"), IN_NAME),
    "tiles": (
        a_day(tiff(nodata=MISSING, tiled=True, blockxsize=16, blockysize=16), ".tif"),
        IN_NAME,
    ),
    "gzip": (a_day(tiff(nodata=MISSING), ".tif.gz"), IN_NAME),
    "cog": (a_day(tiff(nodata=MISSING, cog=True), ".cog"), IN_NAME),
    "packed": (a_day(packed_tiff, ".tif"), IN_NAME),
    "bands by name": (all_days(tiff(nodata=MISSING, names=DAYS), "rain.tif"), {}),
    "bands from a date": (
        all_days(tiff(nodata=MISSING), "rain.2019.03.01.tif"),
        {"first_band": "rain.%Y.%m.%d", "band_step": "day"},
    ),
    "zarr 2": (all_days(zarr(2), "rain.zarr"), {}),
    "zarr 3": (all_days(zarr(3), "rain.zarr"), {}),
    "zarr 2 packed": (all_days(zarr(2, **PACKED), "rain.zarr"), {}),
    "zarr 3 packed": (all_days(zarr(3, **PACKED), "rain.zarr"), {}),
    "grib": (all_days(grib, "rain.grib"), {"aliases": ("t2m",)}),
    "zarr 3 in shards": (all_days(zarr(3, shards=(4, 8, 15)), "rain.zarr"), {}),
}


#: GRIB takes other processes
NAMES = [pytest.param(name, marks=pytest.mark.slow if name == "grib" else ()) for name in FORMATS]


def granules(paths: Sequence[Path], row: dict) -> list[Granule]:
    return [Granule(path, "rain", Corrections(**row)) for path in paths]


def netcdf(folder: Path) -> list[Granule]:
    days = np.arange(59, 62)  # from 1 March
    return granules([write_granule(folder / "rain.nc", field(), LAT, LON, days=days)], {})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("operation", ["mean", "max", "median"])
def test_a_field_gives_the_same_numbers_in_each_format(tmp_path: Path, name: str, operation: str):
    write, row = FORMATS[name]
    mine = granules(write(tmp_path), row)
    values, percent = answer(mine, AREA, operation)
    wanted, wanted_percent = answer(netcdf(tmp_path / "netcdf"), AREA, operation)
    assert values.shape == (3, 3)
    if name == "grib":  # 24 bits of the range of each map
        assert np.allclose(values, wanted, rtol=0, atol=50 / 2**23)
    elif "packed" in name:
        # scaled once at the end, from sums of whole numbers
        assert np.allclose(values, wanted, rtol=0, atol=1e-12)
    else:
        assert np.array_equal(values, wanted)
    assert np.array_equal(percent, wanted_percent)


@pytest.mark.parametrize("name", NAMES)
def test_headers_in_each_format_say_the_same(tmp_path: Path, name: str):
    write, row = FORMATS[name]
    headers = [one.header() for one in granules(write(tmp_path), row)]
    (wanted,) = [one.header() for one in netcdf(tmp_path / "netcdf")]
    assert {one.grid for one in headers} == {wanted.grid}
    assert [time for one in headers for time in one.times] == list(wanted.times)

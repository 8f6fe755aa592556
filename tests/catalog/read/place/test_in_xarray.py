"""Data that are open in xarray lie where the same file lies: one rule in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import xarray as xr

import csserv.accessor
from csserv.catalog import Granule
from csserv.errors import UnplacedError
from tests.catalog.read.place.grids import mean, metres, write_field
from tests.catalog.read.place.test_cells import LAT2, LON2, cells, triangles, turned, with_bounds
from tests.catalog.read.place.test_projections import (
    FIELD,
    GOES,
    MAPPINGS,
    REFUSED,
    ROTATED,
    WKT,
    lines,
)
from tests.catalog.read.place.test_straight_degrees import bounded, globe, pairs

assert csserv.accessor

FIELD20 = np.random.default_rng(6).random((1, 4, 5))


def projected(folder: Path, name: str) -> Granule:
    mapping, _, middle = MAPPINGS[name]
    at = metres(*lines(middle))
    return write_field(folder / "a.nc", FIELD, ("time", "y", "x"), at, mapping)


def by_text(folder: Path) -> Granule:
    at = metres(*lines(MAPPINGS["sinusoidal"][2]))
    mapping = {"spatial_ref": WKT, "crs_wkt": WKT}
    return write_field(folder / "a.nc", FIELD, ("time", "y", "x"), at, mapping)


def rotated(folder: Path) -> Granule:
    at = {
        "rlat": (("rlat",), np.arange(4.0), {"units": "degrees", "standard_name": "grid_latitude"}),
        "rlon": (
            ("rlon",),
            np.arange(5.0),
            {"units": "degrees", "standard_name": "grid_longitude"},
        ),
    }
    return write_field(folder / "a.nc", FIELD20, ("time", "rlat", "rlon"), at, ROTATED)


def from_space(folder: Path) -> Granule:
    x, y = np.arange(-0.15, 0.16, 0.02), np.arange(0.15, -0.16, -0.02)
    field = np.random.default_rng(2).random((1, len(y), len(x)))
    return write_field(folder / "a.nc", field, ("time", "y", "x"), metres(y, x, "rad"), GOES)


def corner(folder: Path) -> Granule:
    lat, lon = np.arange(-2.0, 2), np.arange(35.0, 40)
    at = bounded(lat, lon, pairs(np.arange(-2.0, 3)), pairs(np.arange(35.0, 41)))
    return write_field(folder / "a.nc", FIELD20, ("time", "lat", "lon"), at)


def one_row(folder: Path) -> Granule:
    at = bounded(np.array([-0.5]), np.arange(35.5, 40), np.array([[-1.0, 0.0]]))
    return write_field(folder / "a.nc", FIELD20[:, :1], ("time", "lat", "lon"), at)


def both_ends(folder: Path) -> Granule:
    lon = np.arange(0.0, 361, 10)
    return globe(lon, np.cos(np.radians(lon)), folder)


def mesh(folder: Path) -> Granule:
    at = cells(*turned(LAT2, LON2, 20.0))
    return write_field(folder / "a.nc", FIELD20, ("time", "y", "x"), at, coordinates="lat2 lon2")


def masked(folder: Path) -> Granule:
    lost = np.zeros((4, 5), bool)
    lost[0, :2] = True
    at = cells(*(np.ma.masked_where(lost, one) for one in turned(LAT2, LON2, 20.0)))
    return write_field(folder / "a.nc", FIELD20, ("time", "y", "x"), at)


def wrf(folder: Path) -> Granule:
    moving = [np.broadcast_to(one, (2, 4, 5)) for one in turned(LAT2, LON2, 20.0)]
    at = cells(*moving, ("time", "y", "x"))
    return write_field(folder / "a.nc", np.repeat(FIELD20, 2, 0), ("time", "y", "x"), at)


def unstructured(folder: Path) -> Granule:
    lat, lon = triangles()
    at = with_bounds(cells(lat.mean(axis=1), lon.mean(axis=1), ("cell",), ("lat", "lon")), lat, lon)
    return write_field(folder / "a.nc", np.arange(8.0)[None], ("time", "cell"), at)


FILES: dict[str, Callable[[Path], Granule]] = {
    **{name: lambda folder, name=name: projected(folder, name) for name in MAPPINGS},
    "text": by_text,
    "rotated pole": rotated,
    "geostationary": from_space,
    "corner": corner,
    "one row": one_row,
    "0 and 360": both_ends,
    "cell by cell": mesh,
    "masked": masked,
    "of each time": wrf,
    "along one dimension": unstructured,
}


def zone(granule: Granule) -> shapely.Geometry:
    west, south, east, north = granule.header().grid.bounds
    w, h = east - west, north - south
    return shapely.Polygon(
        [
            (west + w * 0.2, south + h * 0.1),
            (west + w * 0.7, south + h * 0.3),
            (west + w / 2, north),
        ]
    )


@pytest.mark.parametrize("decode", [True, "all"])
@pytest.mark.parametrize("name", FILES)
def test_numbers_are_those_of_the_file(tmp_path: Path, name: str, decode: Any):
    granule = FILES[name](tmp_path)
    expected = mean(granule, zone(granule))
    told = [pytest.warns(UserWarning, match=one) for one in granule.header().placing]
    with (
        xr.open_dataset(granule.path, engine="netcdf4", decode_coords=decode) as data,
        told[0] if told else nullcontext(),
    ):
        found = data.csserv.zonal("mean", zone(granule), "rain")
        chunked = data.chunk({}).csserv.zonal("mean", zone(granule), "rain")
    assert float(found.values.flat[0]) == pytest.approx(expected, rel=1e-12)
    assert float(chunked.values.flat[0]) == pytest.approx(expected, rel=1e-12)


def test_a_field_without_the_bounds_that_it_names_is_told_so(tmp_path: Path):
    """Taken from its dataset, it has no bounds: coordinates at corners would be half a cell out."""
    granule = corner(tmp_path)
    with (
        xr.open_dataset(granule.path, engine="netcdf4") as data,
        pytest.warns(UserWarning, match="the bounds of its l.., l.._b, are missing; cells are"),
    ):
        data["rain"].csserv.zonal("mean", zone(granule))


def test_a_field_alone_knows_its_projection_where_it_is_a_coordinate(tmp_path: Path):
    """As rioxarray keeps it."""
    granule = projected(tmp_path, "albers")
    with xr.open_dataset(granule.path, engine="netcdf4", decode_coords="all") as data:
        found = data["rain"].csserv.zonal("mean", zone(granule))
    assert float(found.values.flat[0]) == pytest.approx(mean(granule, zone(granule)), rel=1e-12)


def test_a_reference_system_may_be_given(tmp_path: Path):
    y, x = lines((4e5, 1.2e6))
    at = {"y": (("y",), y, {}), "x": (("x",), x, {})}
    granule = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), at, crs="EPSG:32637")
    with xr.open_dataset(granule.path, engine="netcdf4") as data:
        for one in (data, data["rain"]):
            found = one.csserv.zonal("mean", zone(granule), crs="EPSG:32637")
            assert float(found.values.flat[0]) == pytest.approx(
                mean(granule, zone(granule)), rel=1e-12
            )
        with pytest.raises(UnplacedError, match="do not say what they are"):
            data.csserv.zonal("mean", zone(granule))


@pytest.mark.parametrize("name", sorted(set(REFUSED) - {"no such reference system"}))
def test_what_is_refused_of_a_file_is_refused_here(tmp_path: Path, name: str):
    at, mapping, _, said = REFUSED[name]
    granule = write_field(tmp_path / "a.nc", np.ones((1, 3, 4)), ("time", *at), at, mapping)
    with (
        xr.open_dataset(granule.path, engine="netcdf4") as data,
        pytest.raises(UnplacedError, match=said),
    ):
        data.csserv.zonal("mean", shapely.box(0, 0, 1, 1), "rain")

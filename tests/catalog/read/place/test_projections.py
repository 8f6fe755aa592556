"""Grids that are straight in a projection give the means of their cells where these truly lie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule, Grid
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.place.projected.projected_grid import ProjectedGrid
from csserv.errors import GranuleError
from csserv.request import Area
from csserv.zonal.weights import zone_weights
from tests.catalog.read.place.grids import (
    Coordinates,
    degrees,
    edges,
    mean,
    metres,
    overlaid,
    write_field,
)

#: grid mapping by CF → the same, as PROJ writes it, and the middle of the grid [m]
MAPPINGS: dict[str, tuple[dict[str, Any], str, tuple[float, float]]] = {
    "lambert conformal conic": (
        {
            "grid_mapping_name": "lambert_conformal_conic",
            "standard_parallel": np.array([25.0, 60.0]),
            "longitude_of_central_meridian": -100.0,
            "latitude_of_projection_origin": 42.5,
            "earth_radius": 6370000.0,
        },
        "+proj=lcc +lat_1=25 +lat_2=60 +lon_0=-100 +lat_0=42.5 +R=6370000",
        (4e5, -3e5),
    ),
    "one standard parallel": (
        {
            "grid_mapping_name": "lambert_conformal_conic",
            "standard_parallel": 46.5,
            "longitude_of_central_meridian": 2.0,
            "latitude_of_projection_origin": 46.5,
            "false_easting": 6e5,
            "false_northing": 2e6,
            "semi_major_axis": 6378249.2,
            "semi_minor_axis": 6356515.0,
        },
        "+proj=lcc +lat_1=46.5 +lat_0=46.5 +lon_0=2 +x_0=6e5 +y_0=2e6 +a=6378249.2 +b=6356515",
        (7e5, 2.2e6),
    ),
    "lambert azimuthal": (
        {
            "grid_mapping_name": "lambert_azimuthal_equal_area",
            "longitude_of_projection_origin": 20.0,
            "latitude_of_projection_origin": 5.0,
        },
        "+proj=laea +lon_0=20 +lat_0=5 +ellps=WGS84",
        (-2e5, 1e5),
    ),
    "albers": (
        {
            "grid_mapping_name": "albers_conical_equal_area",
            "standard_parallel": [29.5, 45.5],
            "longitude_of_central_meridian": -96.0,
            "latitude_of_projection_origin": 23.0,
            "false_easting": 0.0,
            "false_northing": 0.0,
            "reference_ellipsoid_name": "GRS 1980",
        },
        "+proj=aea +lat_1=29.5 +lat_2=45.5 +lon_0=-96 +lat_0=23 +ellps=GRS80",
        (1e6, 1.5e6),
    ),
    "polar stereographic": (
        {
            "grid_mapping_name": "polar_stereographic",
            "straight_vertical_longitude_from_pole": -45.0,
            "latitude_of_projection_origin": 90.0,
            "standard_parallel": 70.0,
            "semi_major_axis": 6378273.0,
            "inverse_flattening": 298.279411123064,
        },
        "+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +a=6378273 +rf=298.279411123064",
        (1.2e6, -9e5),
    ),
    "transverse mercator": (
        {
            "grid_mapping_name": "transverse_mercator",
            "longitude_of_central_meridian": 39.0,
            "latitude_of_projection_origin": 0.0,
            "scale_factor_at_central_meridian": 0.9996,
            "false_easting": 5e5,
            "false_northing": 0.0,
        },
        "+proj=tmerc +lat_0=0 +lon_0=39 +k=0.9996 +x_0=5e5 +ellps=WGS84",
        (3e5, 1e6),
    ),
    "sinusoidal": (
        {
            "grid_mapping_name": "sinusoidal",
            "longitude_of_projection_origin": 0.0,
            "earth_radius": 6371007.181,
        },
        "+proj=sinu +lon_0=0 +R=6371007.181",
        (3.5e6, 1e6),
    ),
}

ROWS, COLUMNS, SIZE = 9, 8, 40e3
FIELD = np.random.default_rng(5).gamma(1.0, 5.0, (1, ROWS, COLUMNS))


def corners(proj: str, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the crossings of edges, by PROJ itself."""
    across, down = np.meshgrid(edges(x), edges(y))
    return pyproj.Proj(proj)(across, down, inverse=True)


def triangle(lon: np.ndarray, lat: np.ndarray) -> shapely.Polygon:
    """A zone that cuts cells of a grid at all angles."""
    west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
    w, h = east - west, north - south
    return shapely.Polygon(
        [
            (west + w * 0.2, south + h * 0.25),
            (west + w * 0.8, south + h * 0.4),
            (west + w * 0.45, south + h * 0.8),
        ]
    )


def lines(middle: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Centres of rows, from north to south, and of columns [m]."""
    x = middle[0] + SIZE * (np.arange(COLUMNS) - COLUMNS / 2 + 0.5)
    y = middle[1] - SIZE * (np.arange(ROWS) - ROWS / 2 + 0.5)
    return y, x


@pytest.mark.parametrize("name", MAPPINGS)
def test_each_grid_mapping_gives_the_cells_their_true_corners(tmp_path: Path, name: str):
    mapping, proj, middle = MAPPINGS[name]
    y, x = lines(middle)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping)
    lon, lat = corners(proj, y, x)
    grid = one.header().grid
    assert isinstance(grid, ProjectedGrid)
    found = grid.corners_of(slice(None), slice(None))
    np.testing.assert_allclose(found[:, :, 0], np.stack([lon, lat], -1)[:-1, :-1], atol=1e-9)
    np.testing.assert_allclose(found[:, :, 2], np.stack([lon, lat], -1)[1:, 1:], atol=1e-9)
    shape = triangle(lon, lat)
    assert mean(one, shape) == pytest.approx(overlaid(FIELD[0], lon, lat, shape), rel=1e-6)


TRAPS: dict[str, tuple[dict[str, Any], str, tuple[float, float]]] = {
    "one parallel, origin elsewhere": (
        {
            "grid_mapping_name": "lambert_conformal_conic",
            "standard_parallel": 38.5,
            "longitude_of_central_meridian": 262.5,
            "latitude_of_projection_origin": 35.0,
        },
        "+proj=lcc +lat_1=38.5 +lat_2=38.5 +lat_0=35 +lon_0=-97.5 +ellps=WGS84",
        (0.0, 0.0),
    ),
    "one parallel of albers": (
        {
            "grid_mapping_name": "albers_conical_equal_area",
            "standard_parallel": 30.0,
            "longitude_of_central_meridian": 20.0,
            "latitude_of_projection_origin": 10.0,
        },
        "+proj=aea +lat_1=30 +lat_2=30 +lat_0=10 +lon_0=20 +ellps=WGS84",
        (0.0, 0.0),
    ),
    "south by its origin alone": (
        {
            "grid_mapping_name": "polar_stereographic",
            "straight_vertical_longitude_from_pole": 0.0,
            "latitude_of_projection_origin": -90.0,
            "standard_parallel": 71.0,
        },
        "+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +ellps=WGS84",
        (1e6, 1e6),
    ),
    "another name of the meridian": (
        {"grid_mapping_name": "sinusoidal", "longitude_of_central_meridian": 100.0},
        "+proj=sinu +lon_0=100 +ellps=WGS84",
        (0.0, 1e6),
    ),
    "numbers as text": (
        {
            "grid_mapping_name": "lambert_conformal_conic",
            "standard_parallel": "25, 60",
            "longitude_of_central_meridian": "-100",
            "latitude_of_projection_origin": "42.5",
            "earth_radius": "6370000",
        },
        "+proj=lcc +lat_1=25 +lat_2=60 +lon_0=-100 +lat_0=42.5 +R=6370000",
        (0.0, 0.0),
    ),
}


TRAPS["capitals"] = (
    {"grid_mapping_name": "Sinusoidal", "longitude_of_projection_origin": 100.0},
    "+proj=sinu +lon_0=100 +ellps=WGS84",
    (0.0, 1e6),
)


@pytest.mark.parametrize("name", TRAPS)
def test_grid_mappings_are_understood_where_readers_of_them_err(tmp_path: Path, name: str):
    mapping, proj, middle = TRAPS[name]
    y, x = lines(middle)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping)
    found = one.header().grid.corners_of(slice(None), slice(None))
    expected = np.stack(corners(proj, y, x), axis=-1)
    np.testing.assert_allclose(found[:, :, 0], expected[:-1, :-1], atol=1e-9)


@pytest.mark.parametrize("lacking", sorted(MAPPINGS["lambert conformal conic"][0])[2:])
def test_no_parameter_of_a_projection_is_guessed(tmp_path: Path, lacking: str):
    mapping = dict(MAPPINGS["lambert conformal conic"][0])
    del mapping[lacking]
    y, x = lines((0.0, 0.0))
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping)
    with pytest.raises(GranuleError, match=rf"cannot be used: it lacks '{lacking}'; give the"):
        one.header()


@pytest.mark.parametrize(
    ("units", "metres_each"), [("US_survey_foot", 1200 / 3937), ("ft", 0.3048), ("km", 1000.0)]
)
def test_units_of_the_file_become_those_of_the_reference_system(tmp_path, units, metres_each):
    """EPSG:2272 is in feet of the US survey; PROJ's own numbers are metres."""
    y, x = 5e4 + 1e4 * np.arange(5.0), 7e5 + 1e4 * np.arange(4.0)
    proj = (
        "+proj=lcc +lat_0=39.3333333333333 +lon_0=-77.75 +lat_1=40.9666666666667 "
        "+lat_2=39.9333333333333 +x_0=600000 +y_0=0 +datum=NAD83"
    )
    field = np.zeros((1, 5, 4))
    scaled = metres(y / metres_each, x / metres_each, units)
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), scaled, crs="EPSG:2272")
    found = one.header().grid.corners_of(slice(None), slice(None))
    expected = np.stack(corners(proj, y, x), axis=-1)
    np.testing.assert_allclose(found[:, :, 0], expected[:-1, :-1], atol=1e-9)


@pytest.mark.parametrize("units", ["km", "kilometers", "1000 m"])
def test_kilometres_are_metres_times_a_thousand_also_of_false_easting(tmp_path: Path, units: str):
    mapping, proj, middle = MAPPINGS["one standard parallel"]
    y, x = lines(middle)
    in_km = mapping | {"false_easting": 600.0, "false_northing": 2000.0}
    at = metres(y / 1000, x / 1000, units)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), at, in_km)
    lon, lat = corners(proj, y, x)
    shape = triangle(lon, lat)
    assert mean(one, shape) == pytest.approx(overlaid(FIELD[0], lon, lat, shape), rel=1e-6)


def test_rows_and_columns_may_run_and_lie_in_any_order(tmp_path: Path):
    mapping, proj, middle = MAPPINGS["lambert azimuthal"]
    y, x = lines(middle)
    shape = triangle(*corners(proj, y, x))
    plain = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping)
    upside = write_field(
        tmp_path / "b.nc",
        np.transpose(FIELD[:, ::-1, ::-1], (2, 0, 1)),
        ("x", "time", "y"),
        metres(y[::-1], x[::-1]),
        mapping,
    )
    assert mean(upside, shape) == pytest.approx(mean(plain, shape), rel=1e-12)


def rotated(rlat: np.ndarray, rlon: np.ndarray, pole: tuple[float, float]) -> tuple[Any, Any]:
    """Longitude and latitude of places of a grid with a rotated pole, by spherical trigonometry."""
    phi, lam, north = np.radians(rlat), np.radians(rlon), np.radians(pole[1])
    lat = np.arcsin(np.sin(phi) * np.sin(north) + np.cos(phi) * np.cos(lam) * np.cos(north))
    east = -np.cos(phi) * np.sin(lam)
    up = np.sin(phi) * np.cos(north) - np.cos(phi) * np.cos(lam) * np.sin(north)
    lon = pole[0] + np.degrees(np.arctan2(east, up))
    return (lon + 180) % 360 - 180, np.degrees(lat)


ROTATED = {
    "grid_mapping_name": "rotated_latitude_longitude",
    "grid_north_pole_latitude": 39.25,
    "grid_north_pole_longitude": -162.0,
}


@pytest.mark.parametrize("figure", [{}, {"earth_radius": 6371229.0}])
@pytest.mark.parametrize("turn", [0.0, 360.0])
def test_a_rotated_pole_is_turned_back(tmp_path: Path, figure: dict[str, float], turn: float):
    rlat, rlon = np.arange(-1.5, 2.5, 0.5), np.arange(-2.0, 2.5, 0.5)
    at: Coordinates = {
        "rlat": (("rlat",), rlat, {"units": "degrees", "standard_name": "grid_latitude"}),
        "rlon": (("rlon",), rlon + turn, {"units": "degrees", "standard_name": "grid_longitude"}),
    }
    field = np.random.default_rng(1).random((1, len(rlat), len(rlon)))
    dims = ("time", "rlat", "rlon")
    one = write_field(tmp_path / "a.nc", field, dims, at, ROTATED | figure)
    across, down = np.meshgrid(edges(rlon), edges(rlat))
    lon, lat = rotated(down, across, (-162.0, 39.25))
    middle = rotated(np.zeros(1), np.zeros(1), (-162.0, 39.25))
    np.testing.assert_allclose(np.ravel(middle), [18.0, 50.75])
    shape = triangle(lon, lat)
    assert mean(one, shape) == pytest.approx(overlaid(field[0], lon, lat, shape), rel=1e-6)


def seen(y: np.ndarray, x: np.ndarray, lon_0: float) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude that GOES sees at scan angles [rad], by NOAA's product user guide."""
    big, small, height = 6378137.0, 6356752.31414, 35786023.0 + 6378137.0
    x, y = np.meshgrid(x, y)
    a = np.sin(x) ** 2 + np.cos(x) ** 2 * (np.cos(y) ** 2 + (big / small * np.sin(y)) ** 2)
    b = -2 * height * np.cos(x) * np.cos(y)
    with np.errstate(invalid="ignore"):
        r = (-b - np.sqrt(b * b - 4 * a * (height**2 - big**2))) / (2 * a)
    sx, sy, sz = r * np.cos(x) * np.cos(y), -r * np.sin(x), r * np.cos(x) * np.sin(y)
    lat = np.degrees(np.arctan((big / small) ** 2 * sz / np.hypot(height - sx, sy)))
    return lon_0 - np.degrees(np.arctan2(sy, height - sx)), lat


GOES = {
    "grid_mapping_name": "geostationary",
    "perspective_point_height": 35786023.0,
    "semi_major_axis": 6378137.0,
    "semi_minor_axis": 6356752.31414,
    "inverse_flattening": 298.2572221,
    "latitude_of_projection_origin": 0.0,
    "longitude_of_projection_origin": -75.0,
    "sweep_angle_axis": "x",
}


@pytest.mark.parametrize(("units", "factor"), [("rad", 1.0), ("microradian", 1e6)])
def test_scan_angles_of_a_satellite_are_seen_from_its_height(tmp_path: Path, units, factor):
    x, y = np.arange(-0.155, 0.156, 0.01), np.arange(0.155, -0.156, -0.01)
    field = np.random.default_rng(2).random((1, len(y), len(x)))
    at = metres(y * factor, x * factor, units)
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), at, GOES)
    lon, lat = seen(edges(y), edges(x), -75.0)
    assert np.isnan(lon).any()  # the corners of the picture see past the Earth
    shape = shapely.Polygon([(-100, -20), (-55, -10), (-80, 35)])
    assert mean(one, shape) == pytest.approx(overlaid(field[0], lon, lat, shape), rel=1e-6)
    grid = one.header().grid
    west, south, east, north = grid.bounds
    assert (west, east) == pytest.approx((-150, 0), abs=12)
    assert -82 < south < -65 < 65 < north < 82


def test_cells_beyond_the_edge_of_the_earth_have_no_place(tmp_path: Path):
    x, y = np.arange(-0.155, 0.156, 0.01), np.arange(0.155, -0.156, -0.01)
    field = np.ones((1, len(y), len(x)))
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), metres(y, x, "rad"), GOES)
    grid = one.header().grid
    assert isinstance(grid, CurvedGrid)
    found = grid.corners_of(slice(None), slice(None))
    lon, _ = seen(edges(y), edges(x), -75.0)
    known = np.isfinite(lon)
    whole = known[:-1, :-1] & known[:-1, 1:] & known[1:, 1:] & known[1:, :-1]
    np.testing.assert_array_equal(np.isfinite(found).all(axis=(2, 3)), whole)
    weights = zone_weights(grid, Area.from_box(-180, -90, 180, 90))
    assert len(weights.spans) == whole.sum()


WKT = pyproj.CRS("+proj=sinu +lon_0=0 +R=6371007.181 +units=m +type=crs").to_wkt()


@pytest.mark.parametrize(
    "mapping",
    [
        {"crs_wkt": WKT},
        {"spatial_ref": WKT, "GeoTransform": "0 1 0 0 0 -1"},
        {"grid_mapping_name": "sinusoidal", "spatial_ref": WKT},
        {"proj4": "+proj=sinu +lon_0=0 +R=6371007.181 +type=crs"},
    ],
)
def test_a_text_says_it_as_well(tmp_path: Path, mapping: dict[str, str]):
    _, proj, middle = MAPPINGS["sinusoidal"]
    y, x = lines(middle)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping)
    lon, lat = corners(proj, y, x)
    shape = triangle(lon, lat)
    assert mean(one, shape) == pytest.approx(overlaid(FIELD[0], lon, lat, shape), rel=1e-6)


@pytest.mark.parametrize(
    ("crs", "proj"),
    [
        ("EPSG:32637", "+proj=utm +zone=37 +ellps=WGS84"),
        ("+proj=utm +zone=37 +ellps=WGS84", "+proj=utm +zone=37 +ellps=WGS84"),
        (pyproj.CRS("EPSG:32637").to_wkt(), "+proj=utm +zone=37 +ellps=WGS84"),
    ],
)
@pytest.mark.parametrize("units", ["", "m", "km", "degrees_north"])
def test_the_row_says_what_the_file_does_not(tmp_path: Path, crs: str, proj: str, units: str):
    y, x = lines((4e5, 1.2e6))
    scale = 1000 if units == "km" else 1
    said = {"units": units} if units in ("m", "km") else {}
    at: Coordinates = {"y": (("y",), y / scale, said), "x": (("x",), x / scale, said)}
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), at, crs=crs)
    lon, lat = corners(proj, y, x)
    shape = triangle(lon, lat)
    assert mean(one, shape) == pytest.approx(overlaid(FIELD[0], lon, lat, shape), rel=1e-6)


@pytest.mark.parametrize("code", [32637, "32637", "EPSG:32637", "urn:ogc:def:crs:EPSG::32637"])
@pytest.mark.parametrize("key", ["epsg_code", "spatial_ref"])
def test_a_number_is_that_of_the_epsg(tmp_path: Path, key: str, code: Any):
    y, x = lines((3e5, 1e6))
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), {key: code})
    found = one.header().grid.corners_of(slice(None), slice(None))
    expected = np.stack(corners("+proj=utm +zone=37 +ellps=WGS84", y, x), axis=-1)
    np.testing.assert_allclose(found[:, :, 0], expected[:-1, :-1], atol=1e-9)


def test_units_that_are_not_said_are_taken_for_metres_and_told(tmp_path: Path):
    mapping, proj, middle = MAPPINGS["albers"]
    y, x = lines(middle)
    at: Coordinates = {"y": (("y",), y, {}), "x": (("x",), x, {"units": "m"})}
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), at, mapping)
    found = one.header()
    assert found.placing == ("its y says no units, and is taken to be in metres",)
    expected = np.stack(corners(proj, y, x), axis=-1)
    np.testing.assert_allclose(
        found.grid.corners_of(slice(None), slice(None))[:, :, 0], expected[:-1, :-1], atol=1e-9
    )


def test_the_row_counts_for_more_than_the_file(tmp_path: Path):
    mapping, _, _ = MAPPINGS["lambert conformal conic"]
    y, x = lines((4e5, 1.2e6))
    one = write_field(
        tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping, crs="EPSG:32637"
    )
    _, south, _, _ = one.header().grid.bounds
    assert south == pytest.approx(9.2, abs=0.5)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.floats(-170, 150),
    st.floats(-60, 50),
    st.sampled_from([0.05, 0.1, 0.25, 1.0]),
    st.booleans(),
)
def test_degrees_written_in_metres_give_the_same_numbers(tmp_path_factory, west, south, size, km):
    """Plate carrée on a sphere: a metre is a part of a degree."""
    folder = tmp_path_factory.mktemp("plate")
    lat = np.round(south / size) * size + size * (np.arange(7) + 0.5)
    lon = np.round(west / size) * size + size * (np.arange(8) + 0.5)
    field = np.random.default_rng(3).random((1, 7, 8))
    plain = write_field(folder / "a.nc", field, ("time", "lat", "lon"), degrees(lat, lon))
    each = np.radians(1.0) * 6371000.0 / (1000 if km else 1)
    at = metres(lat * each, lon * each, "km" if km else "m")
    crs = "+proj=eqc +R=6371000 +type=crs"
    other = write_field(folder / "b.nc", field, ("time", "y", "x"), at, {"proj4": crs})
    shape = triangle(lon, lat)
    assert isinstance(other.header().grid, Grid)
    assert mean(other, shape) == pytest.approx(mean(plain, shape), rel=1e-9)
    assert mean(other, shape, "total") == pytest.approx(mean(plain, shape, "total"), rel=1e-9)


def test_a_global_cylinder_is_a_grid_of_latitudes_and_longitudes(tmp_path: Path):
    """EASE-Grid 2.0, coarsened: its outer edges are the date line, also as float32 rounds them."""
    half = 17367530.445161372
    size = 2 * half / 96
    x = (-half + size * (np.arange(96) + 0.5)).astype("f4")
    y = (size * (20 - np.arange(40) - 0.5)).astype("f4")
    mapping = {
        "grid_mapping_name": "lambert_cylindrical_equal_area",
        "standard_parallel": 30.0,
        "longitude_of_central_meridian": 0.0,
    }
    field = np.tile(np.arange(96.0), (1, 40, 1))
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), metres(y, x), mapping)
    grid = one.header().grid
    assert isinstance(grid, Grid)
    assert grid.is_cyclic
    np.testing.assert_allclose(grid.column_lines, np.linspace(-180, 180, 97), atol=1e-4)
    _, lat = pyproj.Proj("EPSG:6933")(np.zeros(41), size * (20 - np.arange(41)), inverse=True)
    np.testing.assert_allclose(grid.row_lines, lat, atol=1e-4)
    assert mean(one, shapely.box(-180, -30, -176.25, 30)) == pytest.approx(0.0, abs=1e-3)
    assert mean(one, shapely.box(176.25, -30, 183.75, 30)) == pytest.approx(47.5, abs=1e-3)


def test_mercator_is_one_too(tmp_path: Path):
    y, x = lines((2e6, 3e6))
    mapping = {
        "grid_mapping_name": "mercator",
        "standard_parallel": 0.0,
        "longitude_of_projection_origin": 0.0,
    }
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping)
    lon, lat = corners("+proj=merc +ellps=WGS84", y, x)
    grid = one.header().grid
    assert isinstance(grid, Grid)
    np.testing.assert_allclose(grid.row_lines, lat[:, 0], atol=1e-9)
    shape = triangle(lon, lat)
    assert mean(one, shape) == pytest.approx(overlaid(FIELD[0], lon, lat, shape), rel=1e-6)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, 0.5), (0.5, 0.0), (0.0, 0.5), (0.2, 0.3)])
def test_the_cells_round_a_pole_are_whole(tmp_path: Path, shift: tuple[float, float]):
    """The pole on a corner, in the middle, on an edge: the cells fill the circle round it."""
    size = 100e3
    x = size * (np.arange(-10, 10) + 0.5 + shift[0])
    y = size * (np.arange(-10, 10) + 0.5 + shift[1])
    mapping = {
        "grid_mapping_name": "lambert_azimuthal_equal_area",
        "longitude_of_projection_origin": 0.0,
        "latitude_of_projection_origin": 90.0,
        "earth_radius": 6371007.181,
    }
    one = write_field(
        tmp_path / "a.nc", np.ones((1, 20, 20)), ("time", "y", "x"), metres(y, x), mapping
    )
    cap = Area.from_box(-180, 84, 180, 90)
    weights = zone_weights(one.header().grid, cap)
    area = 2 * np.pi * 6371.0072**2 * (1 - np.sin(np.radians(84)))
    assert weights.spans["area"].sum() == pytest.approx(area, rel=1e-4)
    assert weights.on_grid[0] == pytest.approx(1.0, abs=1e-4)
    if shift == (0.5, 0.5):
        point = Area.from_point(123.0, 89.999)
        spans = zone_weights(one.header().grid, point).spans
        assert (spans["row"][0], spans["first"][0]) == (9, 9)


def test_points_lie_in_the_cell_that_holds_them(tmp_path: Path):
    mapping, proj, middle = MAPPINGS["polar stereographic"]
    y, x = lines(middle)
    field = np.arange(float(ROWS * COLUMNS)).reshape(1, ROWS, COLUMNS)
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), metres(y, x), mapping)
    for row, column in ((0, 0), (3, 5), (8, 7)):
        lon, lat = pyproj.Proj(proj)(x[column] + SIZE / 3, y[row] - SIZE / 3, inverse=True)
        assert mean(one, shapely.Point(lon, lat)) == field[0, row, column]


def test_a_grid_over_the_date_line_is_one(tmp_path: Path):
    x, y = 50e3 * (np.arange(12) - 5.5), 50e3 * (np.arange(9) - 4.0)
    mapping = MAPPINGS["lambert azimuthal"][0] | {"longitude_of_projection_origin": 180.0}
    field = np.tile(np.arange(12.0), (1, 9, 1))
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), metres(y, x), mapping)
    west, _, east, _ = one.header().grid.bounds
    assert (west, east) == pytest.approx((177.3, 182.7), abs=0.05)
    for turn in (0, -360):
        assert mean(one, shapely.box(179 + turn, 4, 181 + turn, 6)) == pytest.approx(5.5, abs=1e-3)


REFUSED: dict[str, tuple[Coordinates, dict[str, Any] | None, str, str]] = {
    "km without a projection": (
        metres(np.arange(3.0), np.arange(4.0), "km"),
        None,
        "",
        r"its y and x \(km\) are of a projection that the file does not name; give the projection",
    ),
    "a satellite's, without units": (
        {"y": (("y",), 0.01 * np.arange(3.0), {}), "x": (("x",), 0.01 * np.arange(4.0), {})},
        GOES,
        "",
        "its y says no units: metres, or radians that a satellite sees; add them, such as with",
    ),
    "lengths that do not say which is which": (
        {
            "a": (("a",), np.arange(3.0), {"units": "m"}),
            "b": (("b",), np.arange(4.0), {"units": "m"}),
        },
        MAPPINGS["sinusoidal"][0],
        "",
        "its a and b are of a projection, and do not say which is y and which is x: give them axis",
    ),
    "names alone": (
        {"y": (("y",), np.arange(3.0), {}), "x": (("x",), np.arange(4.0), {})},
        None,
        "",
        r"its y and x \(no units\) do not say what they are; if they are degrees, give crs = ",
    ),
    "rotated degrees without a pole": (
        {
            "y": (("y",), np.arange(3.0), {"units": "degrees", "standard_name": "grid_latitude"}),
            "x": (("x",), np.arange(4.0), {"units": "degrees", "standard_name": "grid_longitude"}),
        },
        None,
        "",
        r"its y and x \(degrees\) are of a projection that the file does not name",
    ),
    "unknown": (
        metres(np.arange(3.0), np.arange(4.0)),
        {"grid_mapping_name": "waterman_butterfly"},
        "",
        r"its grid mapping crs \(waterman_butterfly\) is none that csserv knows; give the",
    ),
    "incomplete": (
        metres(np.arange(3.0), np.arange(4.0)),
        {"grid_mapping_name": "lambert_conformal_conic"},
        "",
        r"grid mapping crs .*conic\) cannot be used: it lacks 'standard_parallel'",
    ),
    "another planet": (
        metres(np.arange(3.0), np.arange(4.0)),
        MAPPINGS["sinusoidal"][0] | {"earth_radius": 6371.0},
        "",
        r"grid mapping crs \(sinusoidal\) cannot be used: it gives the Earth a radius of 6371 m",
    ),
    "off the map": (
        metres(np.arange(3.0) + 5e7, np.arange(4.0) + 5e7),
        MAPPINGS["lambert azimuthal"][0],
        "",
        r"its grid mapping crs \(lambert_azimuthal_equal_area\) shows no place where its cells are",
    ),
    "degrees for metres": (
        metres(np.arange(3.0), np.arange(4.0), "degrees"),
        MAPPINGS["lambert azimuthal"][0],
        "",
        r"its y is in 'degrees', but its grid mapping crs .* needs metres",
    ),
    "degrees north in a projection": (
        degrees(np.arange(3.0), np.arange(4.0)),
        MAPPINGS["lambert azimuthal"][0],
        "",
        r"its lat and lon are said to be degrees .* by its grid mapping crs .* they are not",
    ),
    "metres for degrees": (
        degrees(1e6 + 1000 * np.arange(3.0), 1000 * np.arange(4.0)),
        None,
        "",
        r"its lat goes from 1e\+06 to 1.002e\+06, which are no degrees of latitude",
    ),
    "no such reference system": (
        metres(np.arange(3.0), np.arange(4.0)),
        None,
        "EPSG:999999",
        r"its crs 'EPSG:999999' cannot be used: .*; give one that pyproj knows",
    ),
    "other meridian": (
        {"y": (("y",), np.arange(3.0), {}), "x": (("x",), np.arange(4.0), {})},
        {"grid_mapping_name": "latitude_longitude", "longitude_of_prime_meridian": 2.33722917},
        "",
        r"its grid mapping crs .* counts longitudes from 2.33723 degrees east",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_placed_is_refused_in_a_sentence(tmp_path: Path, name: str):
    at, mapping, crs, said = REFUSED[name]
    dims = ("time", *at)
    one = write_field(tmp_path / "a.nc", np.ones((1, 3, 4)), dims, at, mapping, crs=crs)
    with pytest.raises(GranuleError, match=said):
        one.header()


def test_a_grid_mapping_that_is_not_there_is_told(tmp_path: Path):
    at = metres(np.arange(3.0), np.arange(4.0))
    one = write_field(
        tmp_path / "a.nc", np.ones((1, 3, 4)), ("time", "y", "x"), at, grid_mapping="lcc"
    )
    with pytest.raises(GranuleError, match="have a grid mapping, lcc, that is not in the file"):
        one.header()


@pytest.mark.parametrize("said", ["wgs: lat lon crs: x y", "crs: x y wgs: lat lon", "crs:x y"])
def test_of_several_grid_mappings_that_of_the_axes_counts(tmp_path: Path, said: str):
    mapping, proj, middle = MAPPINGS["albers"]
    y, x = lines(middle)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), metres(y, x), mapping)
    with netCDF4.Dataset(one.path, "a") as data:
        data.createVariable("wgs", "i4", ()).grid_mapping_name = "latitude_longitude"
        data["rain"].grid_mapping = said
    found = one.header().grid.corners_of(slice(None), slice(None))
    expected = np.stack(corners(proj, y, x), axis=-1)
    np.testing.assert_allclose(found[:, :, 0], expected[:-1, :-1], atol=1e-9)


def test_the_only_grid_mapping_is_that_of_a_variable_that_names_none(tmp_path: Path):
    mapping, proj, middle = MAPPINGS["albers"]
    y, x = lines(middle)
    path = tmp_path / "a.nc"
    one = write_field(path, FIELD, ("time", "y", "x"), metres(y, x), mapping, grid_mapping="")
    lon, lat = corners(proj, y, x)
    shape = triangle(lon, lat)
    assert mean(one, shape) == pytest.approx(overlaid(FIELD[0], lon, lat, shape), rel=1e-6)


def test_degrees_alone_do_not_load_pyproj(tmp_path: Path):
    at = degrees(np.arange(3.0), np.arange(4.0))
    mapping = {"grid_mapping_name": "latitude_longitude", "semi_major_axis": 6378137.0}
    one = write_field(tmp_path / "a.nc", np.ones((1, 3, 4)), ("time", "lat", "lon"), at, mapping)
    script = (
        "import sys; from pathlib import Path; from csserv.catalog import Granule; "
        f"Granule(Path({str(one.path)!r}), 'rain').header(); print('pyproj' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]


def test_equal_grids_of_many_files_are_one(tmp_path: Path):
    mapping, _, middle = MAPPINGS["sinusoidal"]
    at = metres(*lines(middle))
    found = [
        write_field(tmp_path / f"{i}.nc", FIELD, ("time", "y", "x"), at, mapping).header().grid
        for i in range(2)
    ]
    assert found[0] == found[1]
    assert len(set(found)) == 1
    assert repr(found[0]) == repr(found[1])
    other = MAPPINGS["sinusoidal"][0] | {"longitude_of_projection_origin": 10.0}
    one = write_field(tmp_path / "c.nc", FIELD, ("time", "y", "x"), at, other)
    assert isinstance(one, Granule)
    assert one.header().grid != found[0]

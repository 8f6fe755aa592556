"""Latitude and longitude given cell by cell: in two dimensions or one, masked, seamed, polar."""

from __future__ import annotations

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
from csserv.catalog.read.curved_grid import MeshGrid
from csserv.catalog.read.place.cell_by_cell.mesh import mesh_grid
from csserv.errors import GranuleError
from csserv.request import Area, Zone
from csserv.zonal.weights import zone_weights
from tests.catalog.read.place.grids import (
    Coordinates,
    degrees,
    edges,
    mean,
    metres,
    overlaid,
    sphere_area,
    write_field,
)
from tests.catalog.read.place.test_projections import MAPPINGS, corners, lines

LAT, LON = np.arange(-1.5, 2), np.arange(35.5, 40)
FIELD = np.arange(20.0).reshape(1, 4, 5)
LON2, LAT2 = np.meshgrid(LON, LAT)


def cells(
    lat: Any,
    lon: Any,
    dims: tuple[str, ...] = ("y", "x"),
    names: tuple[str, str] = ("lat2", "lon2"),
) -> Coordinates:
    return {
        names[0]: (dims, lat, {"units": "degrees_north"}),
        names[1]: (dims, lon, {"units": "degrees_east"}),
    }


def turned(lat: np.ndarray, lon: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Turn places round the middle of a grid."""
    a, x, y = np.radians(degrees), lon - lon.mean(), lat - lat.mean()
    return (
        lat.mean() + x * np.sin(a) + y * np.cos(a),
        lon.mean() + x * np.cos(a) - y * np.sin(a),
    )


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("over", [("y", "x"), ("x", "y"), ("time", "y", "x")])
def test_cells_that_are_straight_are_those_of_rows_and_columns(tmp_path: Path, dtype, over):
    """As WRF on a grid of degrees, or a mesh made of two axes."""
    lat, lon = LAT2.astype(dtype), LON2.astype(dtype)
    if over == ("x", "y"):
        lat, lon = lat.T, lon.T
    if len(over) == 3:
        lat, lon = (np.broadcast_to(one, (2, 4, 5)) for one in (lat, lon))
    field = np.broadcast_to(FIELD, (2, 4, 5))
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), cells(lat, lon, over))
    assert one.header().grid == Grid(2.0, 35.0, 1.0, 1.0, 4, 5)
    assert mean(one, shapely.box(36, -1, 37, 0)) == pytest.approx(6.0)


def test_bounds_of_straight_cells_count(tmp_path: Path):
    """Places at the south-west corner of each cell, corners in the order of CF."""
    lat, lon = LAT2 - 0.5, LON2 - 0.5
    lat_b = np.stack([lat, lat, lat + 1, lat + 1], axis=-1)
    lon_b = np.stack([lon, lon + 1, lon + 1, lon], axis=-1)
    at = with_bounds(cells(lat, lon), lat_b, lon_b)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), at)
    assert one.header().grid == Grid(2.0, 35.0, 1.0, 1.0, 4, 5)


def with_bounds(at: Coordinates, lat_b: np.ndarray, lon_b: np.ndarray) -> Coordinates:
    found = dict(at)
    for name, bounds in zip(list(at), (lat_b, lon_b), strict=True):
        over, numbers, said = found[name]
        found[name] = (over, numbers, said | {"bounds": f"{name}_v"})
        found[f"{name}_v"] = ((*over, "nv"), bounds, {})
    return found


def test_given_corners_count_where_cells_are_turned(tmp_path: Path):
    """Corners half as far out as centres are apart: cells with gaps between them."""
    lat, lon = turned(LAT2, LON2, 30.0)
    a = np.radians(30.0)
    ring = 0.25 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    lon_b = lon[..., None] + ring[:, 0] * np.cos(a) - ring[:, 1] * np.sin(a)
    lat_b = lat[..., None] + ring[:, 0] * np.sin(a) + ring[:, 1] * np.cos(a)
    at = with_bounds(cells(lat, lon), lat_b, lon_b)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), at)
    shapes = shapely.polygons(np.stack([lon_b, lat_b], axis=-1)).ravel()
    zone = shapely.Polygon([(36, -1.2), (39.5, -0.4), (37, 1.4)])
    expected = np.average(FIELD.ravel(), weights=sphere_area(shapely.intersection(shapes, zone)))
    assert mean(one, zone) == pytest.approx(expected, rel=1e-7)


def test_corners_may_come_in_any_order(tmp_path: Path):
    """Row by row, the ring of a cell would cross itself, and hold half of it."""
    lat, lon = turned(LAT2, LON2, 20.0)
    ring = 0.5 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    shape = shapely.Polygon([(36, -1.2), (39.5, -0.4), (37, 1.4)])
    found = []
    for i, order in enumerate(([0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 3, 2])):
        away = turned(ring[order][:, 1], ring[order][:, 0], 20.0)
        at = with_bounds(cells(lat, lon), lat[..., None] + away[0], lon[..., None] + away[1])
        one = write_field(tmp_path / f"{i}.nc", FIELD, ("time", "y", "x"), at)
        found.append(mean(one, shape))
    assert found == pytest.approx([found[0]] * 3, rel=1e-12)


@pytest.mark.parametrize("mark", ["masked", "nan", "1e20", "spot"])
def test_cells_without_a_place_are_left_out(tmp_path: Path, mark: str):
    """Two corner cells of a turned grid, by any of the ways that files have to say so."""
    lat, lon = turned(LAT2, LON2, 20.0)
    lost = np.zeros((4, 5), bool)
    lost[0, :2] = True
    number = {"nan": np.nan, "1e20": 1e20}.get(mark, 0.0)
    lat, lon = (np.where(lost, number, one) for one in (lat, lon))
    if mark == "masked":
        lat, lon = (np.ma.masked_where(lost, one) for one in (lat, lon))
    field = np.where(lost, 1e6, 3.0)[None]
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), cells(lat, lon))
    grid = one.header().grid
    assert mean(one, shapely.box(30, -10, 45, 10)) == pytest.approx(3.0)
    assert mean(one, shapely.box(30, -10, 45, 10), "count") == 18
    assert one.header().placing == ("2 of 20 cells have no place of their own",)
    whole = mesh_grid(*turned(LAT2, LON2, 20.0))
    np.testing.assert_allclose(grid.corners[~lost], whole.corners[~lost], atol=1e-9)


def test_a_seam_that_repeats_cells_counts_them_once(tmp_path: Path):
    """Ocean grids repeat their first columns at the end, and their last row mirrored."""
    lon = np.arange(0.0, 380, 10)
    lat = np.arange(-45.0, 46, 10)
    lon2, lat2 = np.meshgrid(lon, lat)
    lat2 = lat2 + np.sin(np.radians(lon2))  # so that rows are no parallels
    lon2, lat2 = (np.concatenate([one, one[-1:, ::-1]]) for one in (lon2 % 360, lat2))
    field = np.ones((1, *lon2.shape))
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), cells(lat2, lon2))
    assert mean(one, shapely.box(-180, -60, 180, 60), "count") == 36 * len(lat)


def test_cells_that_move_with_time_are_refused(tmp_path: Path):
    lat, lon = (np.stack([one, one + 0.5]) for one in (LAT2, LON2))
    at = cells(lat, lon, ("time", "y", "x"))
    one = write_field(tmp_path / "a.nc", np.repeat(FIELD, 2, 0), ("time", "y", "x"), at)
    with pytest.raises(GranuleError, match="its lat2 changes along time: its cells move"):
        one.header()


def test_too_few_cells_to_tell_their_size_are_refused(tmp_path: Path):
    lat, lon = turned(LAT2, LON2, 20.0)
    one = write_field(tmp_path / "a.nc", FIELD[:, :1], ("time", "y", "x"), cells(lat[:1], lon[:1]))
    with pytest.raises(GranuleError, match="grid of 1 by 5 cells is too small to tell how large"):
        one.header()


def test_no_place_at_all_is_refused(tmp_path: Path):
    nothing = np.full((4, 5), np.nan)
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), cells(nothing, nothing))
    with pytest.raises(GranuleError, match="none of its cells has a place"):
        one.header()


def triangles() -> tuple[np.ndarray, np.ndarray]:
    """Corners ``(cells, 3)`` of a fan of eight triangles round 10 N 20 E."""
    angle = np.radians(np.arange(0, 361, 45))
    x, y = 20 + 4 * np.cos(angle), 10 + 4 * np.sin(angle)
    zero = np.zeros(8)
    lon = np.stack([20 + zero, x[:-1], x[1:]], axis=1)
    lat = np.stack([10 + zero, y[:-1], y[1:]], axis=1)
    return lat, lon


@pytest.mark.parametrize("units", ["radian", "degrees"])
@pytest.mark.parametrize("corners_each", [3, 5])
def test_cells_along_one_dimension_are_read_with_their_corners(tmp_path, units, corners_each):
    """ICON's: in radians; a cell of fewer corners repeats its last one."""
    lat, lon = triangles()
    lat, lon = (
        np.concatenate([one, one[:, [2] * (corners_each - 3)]], axis=1) for one in (lat, lon)
    )
    factor = np.radians(1.0) if units == "radian" else 1.0
    at: Coordinates = {}
    for name, standard, corner in (("clat", "latitude", lat), ("clon", "longitude", lon)):
        said = {"units": units, "standard_name": standard, "bounds": f"{name}_vertices"}
        at[name] = (("ncells",), corner[:, :3].mean(axis=1) * factor, said)
        at[f"{name}_vertices"] = (("ncells", "nv"), corner * factor, {"units": units})
    field = np.arange(16.0).reshape(2, 8)
    one = write_field(tmp_path / "a.nc", field, ("time", "ncells"), at)
    assert one.header().layout.order == (0, -1, 1)
    zone = shapely.box(17, 8, 22, 13)
    shapes = shapely.polygons(np.stack(triangles()[::-1], axis=-1))
    parts = sphere_area(shapely.intersection(shapes, zone))
    assert mean(one, zone) == pytest.approx(np.average(field[0], weights=parts), rel=1e-7)
    assert mean(one, shapely.Point(21, 11.5)) == 1.0
    window = one.header().grid
    assert (window.rows, window.columns) == (1, 8)


@pytest.mark.parametrize("compressed", [False, True])
def test_cells_along_one_dimension_are_read_by_chunks_too(tmp_path: Path, compressed: bool):
    lat, lon = triangles()
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as data:
        for name, length in (("time", 3), ("cell", 8), ("nv", 3)):
            data.createDimension(name, length)
        time = data.createVariable("time", "f8", ("time",))
        time.units, time[:] = "days since 2019-01-01", np.arange(3)
        for name, units, corner in (("lat", "degrees_north", lat), ("lon", "degrees_east", lon)):
            one = data.createVariable(name, "f8", ("cell",))
            one.units, one.bounds, one[:] = units, f"{name}_v", corner.mean(axis=1)
            data.createVariable(f"{name}_v", "f8", ("cell", "nv"))[:] = corner
        sizes = {"chunksizes": (2, 3), "zlib": True} if compressed else {}
        data.createVariable("rain", "f4", ("time", "cell"), **sizes)[:] = np.arange(24).reshape(
            3, 8
        )
    one = Granule(tmp_path / "a.nc", "rain")
    assert (one.header().index is not None) is compressed
    assert mean(one, shapely.box(0, 0, 40, 40), "max") == 7
    np.testing.assert_array_equal(
        one.read(range(1, 3), zone_weights(one.header().grid, Area.from_box(0, 0, 40, 40)).window),
        np.arange(8, 24).reshape(2, 1, 8),
    )


def test_cells_along_one_dimension_without_corners_are_refused_with_a_way_out(tmp_path: Path):
    at = cells(np.arange(8.0), np.arange(8.0), ("cell",), ("lat", "lon"))
    one = write_field(tmp_path / "a.nc", np.ones((1, 8)), ("time", "cell"), at)
    with pytest.raises(GranuleError, match=r"cells lie along one dimension \(cell\).*cdo remapcon"):
        one.header()


def test_points_of_stations_are_refused_as_what_they_are(tmp_path: Path):
    at = cells(np.arange(8.0), np.arange(8.0), ("station",), ("lat", "lon"))
    one = write_field(tmp_path / "a.nc", np.ones((1, 8)), ("time", "station"), at)
    with netCDF4.Dataset(one.path, "a") as data:
        data.featureType = "timeSeries"
    with pytest.raises(GranuleError, match=r"it holds points along station \(featureType timeSer"):
        one.header()


def polar(shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Places of a grid of 100 km round the north pole."""
    x = 1e5 * (np.arange(-9, 9) + 0.5 + shift)
    lon, lat = corners("+proj=laea +lat_0=90 +R=6371007.181", x - 5e4, x - 5e4)
    return lat[:-1, :-1], lon[:-1, :-1]


@pytest.mark.parametrize("shift", [0.0, 0.5, 0.2])
def test_cells_round_a_pole_without_a_projection_are_whole(tmp_path: Path, shift: float):
    lat, lon = polar(shift)
    one = write_field(tmp_path / "a.nc", np.ones((1, 18, 18)), ("time", "y", "x"), cells(lat, lon))
    spans = zone_weights(one.header().grid, Area.from_box(-180, 84, 180, 90)).spans
    whole = 2 * np.pi * 6371.0072**2 * (1 - np.sin(np.radians(84)))
    assert spans["area"].sum() == pytest.approx(whole, rel=0.003)
    side = zone_weights(one.header().grid, Area.from_box(30, 84, 150, 90)).spans
    assert side["area"].sum() == pytest.approx(whole / 3, rel=0.003)


def test_corners_of_a_projection_are_preferred_where_both_agree(tmp_path: Path):
    """Edges midway between centres would lie elsewhere at the border of the grid."""
    mapping, proj, middle = MAPPINGS["lambert conformal conic"]
    y, x = lines(middle)
    field = np.random.default_rng(8).random((1, len(y), len(x)))
    lon, lat = corners(proj, y, x)
    across, down = np.meshgrid(x, y)
    centre_lon, centre_lat = pyproj.Proj(proj)(across, down, inverse=True)
    zone = shapely.box(lon.min(), lat.min(), lon.max(), lat.max())
    both = {**metres(y, x), **cells(centre_lat.astype("f4"), centre_lon.astype("f4"))}
    one = write_field(tmp_path / "a.nc", field, ("time", "y", "x"), both, mapping)
    assert mean(one, zone) == pytest.approx(overlaid(field[0], lon, lat, zone), rel=1e-6)
    assert one.header().placing == ()
    elsewhere = {**metres(y, x), **cells(centre_lat + 5.0, centre_lon)}
    other = write_field(tmp_path / "b.nc", field, ("time", "y", "x"), elsewhere, mapping)
    assert isinstance(other.header().grid, MeshGrid)
    _, south, _, _ = other.header().grid.bounds
    assert south == pytest.approx(lat.min() + 5.0, abs=0.2)
    assert "lies elsewhere than its latitudes and longitudes" in other.header().placing[0]


def test_places_count_where_the_projection_is_not_named(tmp_path: Path):
    lat, lon = turned(LAT2, LON2, 20.0)
    at = {**metres(np.arange(4.0), np.arange(5.0), "km"), **cells(lat, lon)}
    one = write_field(tmp_path / "a.nc", FIELD, ("time", "y", "x"), at)
    assert one.header().grid == mesh_grid(lat, lon)


def test_cells_that_contradict_rows_and_columns_count_where_the_variable_names_them(tmp_path):
    lat, lon = turned(LAT2, LON2, 20.0)
    at = dict(degrees(LAT2[:, 0], LON2[0])) | cells(lat, lon, ("lat", "lon"))
    dims = ("time", "lat", "lon")
    said = "its lat and lon say other places than its lat2 and lon2: name those that count in the"
    with pytest.raises(GranuleError, match=said):
        write_field(tmp_path / "a.nc", FIELD, dims, at).header()
    named = write_field(tmp_path / "b.nc", FIELD, dims, at, coordinates="lat2 lon2")
    plain = write_field(tmp_path / "c.nc", FIELD, ("time", "y", "x"), cells(lat, lon))
    assert named.header().grid == plain.header().grid
    same = dict(degrees(LAT2[:, 0], LON2[0])) | cells(LAT2, LON2, ("lat", "lon"))
    assert isinstance(write_field(tmp_path / "d.nc", FIELD, dims, same).header().grid, Grid)


def test_true_places_count_for_more_than_nominal_axes(tmp_path: Path):
    """As in ocean models, whose axes are true at the equator only."""
    lat, lon = turned(LAT2, LON2, 20.0)
    at: Coordinates = {
        "yh": (("yh",), LAT, {"units": "degrees_north", "axis": "Y"}),
        "xh": (("xh",), LON, {"units": "degrees_east", "axis": "X"}),
        **cells(lat, lon, ("yh", "xh"), ("geolat", "geolon")),
    }
    one = write_field(
        tmp_path / "a.nc", FIELD, ("time", "yh", "xh"), at, coordinates="geolat geolon"
    )
    assert one.header().grid == mesh_grid(lat, lon)


@settings(max_examples=30, deadline=None)
@given(st.floats(-40, 40), st.sampled_from([-360.0, 0.0, 145.0, 360.0]), st.floats(0.1, 1.0))
def test_a_zone_cut_in_two_has_the_weights_of_both(angle: float, shift: float, where: float):
    lat, lon = turned(LAT2, LON2, angle)
    grid = mesh_grid(lat, lon + shift)
    west, _, east, _ = grid.bounds
    middle = west + (east - west) * where
    boxes = {"west": (west - 1, middle), "east": (middle, east + 1), "both": (west - 1, east + 1)}
    zones = [Zone(name, name, shapely.box(a, -8, b, 8)) for name, (a, b) in boxes.items()]
    spans = zone_weights(grid, Area(tuple(zones), "two parts and the whole")).spans
    found = np.bincount(spans["zone"], spans["area"], 3)
    whole = found[2]
    assert found[0] + found[1] == pytest.approx(whole, rel=1e-9)
    shapes = shapely.polygons(grid.corners.reshape(-1, 4, 2))
    assert whole == pytest.approx(np.radians(sphere_area(shapes)).sum() * 6371.0072**2, rel=1e-4)


def test_edges_of_even_cells_are_midway(tmp_path: Path):
    lat, lon = turned(LAT2, LON2, 30.0)
    grid = mesh_grid(lat, lon)
    y, x = edges(np.arange(4.0) - 1.5), edges(np.arange(5.0) - 2.0)
    expected = turned(*np.meshgrid(y, x, indexing="ij"), 30.0)
    found = grid.corners - np.array([lon.mean(), lat.mean()])
    np.testing.assert_allclose(found[:, :, 0, 1], expected[0][:-1, :-1], atol=1e-9)
    np.testing.assert_allclose(found[:, :, 2, 0], expected[1][1:, 1:], atol=1e-9)

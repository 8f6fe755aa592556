"""Weights and statistics, on grids that one can check by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule, Grid, Layers
from csserv.errors import EmptySelectionError
from csserv.request import Area, Options, Zone
from csserv.request.measures import EARTH_RADIUS
from csserv.zonal.cell_overlap import SNAP
from csserv.zonal.weights import Weights, zone_weights
from tests.engine import answer
from tests.files import Layout, write_granule

DEGREE = Grid(90.0, -180.0, 1.0, 1.0, 180, 360)
TURNED = Grid(90.0, 0.0, 1.0, 1.0, 180, 360)
SMALL = Grid(8.0, 20.0, 1.0, 1.0, 16, 20)

GRIDS = pytest.mark.parametrize("grid", [DEGREE, TURNED], ids=["-180 to 180", "0 to 360"])

SHAPES = {
    "box": Area.from_box(30.2, -2.7, 33.9, 2.4),
    "over Greenwich": Area.from_box(-3.5, 40, 2.5, 45),
    "over the antimeridian": Area.from_box(177.5, -5, -178.5, 5),
    "inside one cell": Area.from_box(30.2, 0.2, 30.4, 0.3),
    "point": Area.from_point(30.2, 0.2),
    "polar cap": Area.from_box(-180, 80, 180, 90),
    "triangle with hole": Area.from_geometry(
        shapely.Polygon([(10, 10), (30, 12), (18, 31)]) - shapely.Point(18, 17).buffer(2)
    ),
    "Kenya": Layers.bundled().find("Kenya"),
}


def value(name: str, field: np.ndarray, weights: Weights, area: Area) -> np.ndarray:
    """Values of a field over the window of some weights, through a file and the whole engine."""
    grid, window = weights.grid, weights.window
    whole = np.full((len(field), grid.rows, grid.columns), np.nan)
    rows = window.row + np.arange(window.rows)
    columns = (window.column + np.arange(window.columns)) % grid.columns
    whole[np.ix_(range(len(field)), rows, columns)] = field
    lat = (grid.row_lines[:-1] + grid.row_lines[1:]) / 2
    if grid.north > 90:  # a row centred on the pole
        lat[0], lat[-1] = 90, -90
    lon = (grid.column_lines[:-1] + grid.column_lines[1:]) / 2
    with tempfile.TemporaryDirectory() as folder:
        path = write_granule(Path(folder) / "a.nc", whole, lat, lon, Layout(dtype="f8"))
        return answer([Granule(path, "rain")], area, name)[0]


def one(name: str, field: np.ndarray, weights: Weights, area: Area) -> list[float]:
    return value(name, field, weights, area)[0].tolist()


def field_of(weights: Weights, by_lat_lon) -> np.ndarray:
    lat, lon = weights.grid.lat(weights.window), weights.grid.lon(weights.window)
    shape = (1, len(lat), len(lon))
    return np.broadcast_to(by_lat_lon(lat[:, None], lon[None, :]), shape).astype(float)


def planar_mean(grid: Grid, area: Area, by_lat_lon) -> float:
    """Σ share x value / Σ share, with shares of squares cut out by shapely."""
    total = weight = 0.0
    shape = area.zones[0].geometry
    for row in range(grid.rows):
        for column in range(grid.columns):
            west, north = grid.west + column * grid.dlon, grid.north - row * grid.dlat
            cell = shapely.box(west, north - grid.dlat, west + grid.dlon, north)
            share = shape.intersection(cell).area / cell.area
            total += share * by_lat_lon(north - grid.dlat / 2, west + grid.dlon / 2)
            weight += share
    return total / weight


def test_planar_shares_are_those_of_squares(tmp_path: Path):
    # half of the northern cell and all of the southern one: (3 / 2 + 6) / (1 / 2 + 1)
    corners = [(0, 0), (1, 0), (1, 40), (0, 80)]
    area = Area.from_geometry(shapely.Polygon(corners))
    field = np.array([[3.0, 9.0], [6.0, 9.0]])[None]
    lat, lon = np.array([60.0, 20.0]), np.array([0.5, 1.5])
    path = write_granule(tmp_path / "a.nc", field, lat, lon, Layout(dtype="f8"))
    found, _ = answer([Granule(path, "rain")], area, "mean", options=Options(weighting="share"))
    assert found == pytest.approx(5.0, rel=1e-15)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(20.5, 39.5), st.floats(-7.5, 7.5)), min_size=3, max_size=6, unique=True
    )
)
def test_mean_by_planar_shares_is_that_of_a_plane(points: list[tuple[float, float]]):
    hull = shapely.MultiPoint(points).convex_hull
    if hull.area < 1e-3:
        hull = hull.buffer(0.2)
    area = Area.from_geometry(hull)
    weights = zone_weights(SMALL, area, "share")
    cells = weights.spans

    def bowl(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return 3 + lat * lon / 50

    wanted = planar_mean(SMALL, area, bowl)
    lengths = cells["last"] - cells["first"]
    assert not weights.by_area
    lat = SMALL.north - (cells["row"] + 0.5) * SMALL.dlat
    middle = SMALL.west + (cells["first"] + lengths / 2) * SMALL.dlon
    weight = cells["coverage"] * lengths
    assert (weight * bowl(lat, middle)).sum() / weight.sum() == pytest.approx(wanted, rel=1e-9)


@GRIDS
@pytest.mark.parametrize("area", SHAPES.values(), ids=SHAPES)
def test_field_of_ones_is_one_on_any_area(grid: Grid, area: Area):
    weights = zone_weights(grid, area)
    ones = field_of(weights, lambda lat, lon: 1 + 0 * lat * lon)
    for name in ("mean", "max", "min", "median"):
        assert one(name, ones, weights, area) == pytest.approx([1.0])
    for name in ("range", "std"):
        assert one(name, ones, weights, area) == pytest.approx([0.0])


@pytest.mark.parametrize("area", SHAPES.values(), ids=SHAPES)
def test_longitudes_of_the_grid_do_not_matter(area: Area):
    means = []
    for grid in (DEGREE, TURNED):
        weights = zone_weights(grid, area)
        field = field_of(weights, lambda lat, lon: np.cos(np.radians(lon)) + lat / 10)
        means += one("mean", field, weights, area)
    assert means[0] == pytest.approx(means[1], rel=1e-12)


def test_windows_are_small_where_the_zone_is():
    for area, columns in ((SHAPES["over Greenwich"], 7), (SHAPES["over the antimeridian"], 5)):
        assert {zone_weights(g, area).window.columns for g in (DEGREE, TURNED)} <= {
            columns - 1,
            columns,
        }


def test_half_covered_cell_counts_half():
    # rows of 1 N to 0 (value 1) and 0 to 1 S (value 2); the box covers all of the first and, by
    # area, half of the second; the cells of both rows are equally large
    half = np.degrees(np.arcsin(np.sin(np.radians(1)) / 2))
    area = Area.from_box(30, -half, 31, 1)
    weights = zone_weights(SMALL, area)
    field = field_of(weights, lambda lat, lon: np.where(lat > 0, 1.0, 2.0) + 0 * lon)
    assert one("mean", field, weights, area) == pytest.approx([(1 * 1 + 2 * 0.5) / 1.5])
    assert one("sum", field, weights, area) == pytest.approx([2.0])
    assert one("count", field, weights, area) == pytest.approx([1.5])
    assert one("median", field, weights, area) == pytest.approx([1.0])
    assert one("std", field, weights, area) == pytest.approx([np.sqrt(2 / 9)])
    assert one("variance", field, weights, area) == pytest.approx([2 / 9])
    cell = weights.grid.row_areas[8]  # of one degree by one degree [km2]
    assert one("total", field, weights, area) == pytest.approx([2 * cell])
    assert one("coverage", field, weights, area) == pytest.approx([100.0])


def test_cells_count_by_their_area_on_the_sphere():
    area = Area.from_box(0, 0, 1, 90)
    weights = zone_weights(DEGREE, area)
    field = field_of(weights, lambda lat, lon: lat + 0 * lon)
    edges = np.sin(np.radians(np.arange(91)))
    expected = ((np.arange(90) + 0.5) * np.diff(edges)).sum() / edges[-1]
    assert one("mean", field, weights, area) == pytest.approx([expected], rel=1e-12)


def test_areas_of_the_globe_add_up():
    weights = zone_weights(DEGREE, Area.from_box(-180, -90, 180, 90))
    assert weights.totals["area"].sum() == pytest.approx(4 * np.pi * EARTH_RADIUS**2, rel=1e-14)


def test_row_centred_on_the_pole_is_half_a_row():
    grid = Grid(90.5, -180.0, 1.0, 1.0, 181, 360)
    weights = zone_weights(grid, Area.from_box(-180, -90, 180, 90))
    assert weights.spans["coverage"] == pytest.approx(np.ones(len(weights.spans)))
    assert weights.totals["cells"].tolist() == [181 * 360]
    assert weights.totals["area"].sum() == pytest.approx(4 * np.pi * EARTH_RADIUS**2, rel=1e-14)


def test_units_of_a_country_add_up_to_it():
    layers = Layers.bundled()
    units = layers.find("Kenya/*")
    union = shapely.union_all([zone.geometry for zone in units.zones])
    grid = Grid(6.0, 32.0, 0.25, 0.25, 48, 48)
    totals = {}
    for area in (units, Area((Zone("all", "all", union),), "all")):
        weights = zone_weights(grid, area)
        field = field_of(weights, lambda lat, lon: 10 + lat + lon / 7)
        for name in ("sum", "count"):
            totals.setdefault(name, []).append(sum(one(name, field, weights, area)))
    for name in ("sum", "count"):
        assert totals[name][0] == pytest.approx(totals[name][1], rel=1e-9)


def test_zone_in_one_cell_and_point_give_that_cell():
    for area in (SHAPES["inside one cell"], SHAPES["point"]):
        weights = zone_weights(SMALL, area)
        field = field_of(weights, lambda lat, lon: 100 * lat + lon)
        assert one("mean", field, weights, area) == pytest.approx([80.5])
    assert one("count", field, weights, area) == [1.0]


def test_missing_cells_take_no_part_and_are_told():
    area = Area.from_box(30, 0, 32, 1)
    weights = zone_weights(SMALL, area)
    field = np.array([[[1.0, 3.0]], [[np.nan, 3.0]], [[np.nan, np.nan]]])
    for name, expected in {
        "mean": [2, 3, np.nan],
        "max": [3, 3, np.nan],
        "median": [2, 3, np.nan],
        "sum": [4, 3, np.nan],
        "count": [2, 1, 0],
        "std": [1, 0, np.nan],
        "variance": [1, 0, np.nan],
        "range": [2, 0, np.nan],
        "p0": [1, 3, np.nan],
        "p100": [3, 3, np.nan],
        "coverage": [100, 50, 0],
    }.items():
        np.testing.assert_allclose(value(name, field, weights, area)[:, 0], expected, atol=1e-12)


def test_part_off_the_grid_is_told():
    area = Area.from_box(39, 0, 41, 1)
    weights = zone_weights(SMALL, area)
    assert weights.on_grid.tolist() == pytest.approx([0.5])
    assert one("coverage", np.ones((1, 1, 1)), weights, area) == pytest.approx([50])


def test_zone_off_the_grid_among_others_has_no_data():
    zones = tuple(Zone(str(lon), str(lon), shapely.box(lon, 0, lon + 1, 1)) for lon in (10, 25, 50))
    area = Area(zones, "three")
    weights = zone_weights(SMALL, area)
    ones = np.ones((1, 1, 1))
    np.testing.assert_array_equal(value("mean", ones, weights, area), [[np.nan, 1, np.nan]])
    np.testing.assert_allclose(value("coverage", ones, weights, area), [[0, 100, 0]])
    with pytest.raises(EmptySelectionError, match="longitude 20 to 40"):
        zone_weights(SMALL, Area.from_box(0, 0, 1, 1))


def moved(*edges: float) -> float:
    """How far edges are moved altogether, as those nearest to a line of ``SMALL`` are [degrees]."""
    away = [abs(edge - round(edge)) for edge in edges]
    return sum(distance for distance in away if distance < 1.01 * SNAP)


@pytest.mark.slow
@example(22 - 7.7e-10, -2.0, 0.01, 12.5, 0.01)  # all of it is snapped, and its western part is not
@example(25.0, 3 - 9.9e-10, 7.5, 0.01, 0.5)
@given(
    st.floats(20, 39),
    st.floats(-8, 7),
    st.floats(0.01, 20),
    st.floats(0.01, 15),
    st.floats(0.01, 0.99),
)
def test_parts_of_a_split_box_add_up_but_for_what_is_snapped(west, south, width, height, share):
    east, north = min(40.0, west + width), min(8.0, south + height)
    middle = west + share * (east - west)
    if not west < middle < east:
        return
    pieces = (Area.from_box(west, south, middle, north), Area.from_box(middle, south, east, north))
    whole = zone_weights(SMALL, Area.from_box(west, south, east, north)).totals["area"][0]
    parts = sum(zone_weights(SMALL, piece).totals["area"][0] for piece in pieces)
    snapped = moved(west, middle, middle, east) * (north - south)
    snapped += moved(south, north) * (east - west)
    assert abs(parts - whole) <= 1e-9 * whole + snapped * np.deg2rad(1) ** 2 * EARTH_RADIUS**2


@pytest.mark.slow
@settings(max_examples=50)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12))
def test_median_of_equal_cells_is_the_plain_median(numbers):
    count = len(numbers)
    area = Area.from_box(20, 0, 20 + count, 1)
    weights = zone_weights(SMALL, area)
    field = np.array(numbers).reshape(1, 1, count)
    assert one("median", field, weights, area) == pytest.approx([np.median(numbers)])
    assert one("mean", field, weights, area) == pytest.approx([np.mean(numbers)], abs=1e-9)
    assert one("std", field, weights, area) == pytest.approx([np.std(numbers)], abs=1e-9)

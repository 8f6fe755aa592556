"""Zones far smaller or thinner than a cell: the cells they lie in, in the right shares."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csserv.catalog import Grid
from csserv.catalog.read.curved_grid import MeshGrid
from csserv.request import Area, Zone
from csserv.request.measures import EARTH_RADIUS
from csserv.zonal.weights import Weights, zone_weights

#: latitudes of a Gaussian grid (T21), about: uneven, and none of them round
GAUSSIAN = 5.5376 * (np.arange(17) - 8.0) + 0.001 * np.sin(np.arange(17))

GRIDS = {
    "0.05": Grid(50.0, -180.0, 0.05, 0.05, 2000, 7200),
    "0.1 from 0 to 360": Grid(90.0, 0.0, 0.1, 0.1, 1800, 3600),
    "0.25": Grid(90.0, -180.0, 0.25, 0.25, 720, 1440),
    "0.5": Grid(90.0, -180.0, 0.5, 0.5, 360, 720),
    "1": Grid(90.0, -180.0, 1.0, 1.0, 180, 360),
    "Gaussian": Grid.from_centres(GAUSSIAN[::-1], np.arange(64) * 5.625),
}


def turned_grid() -> MeshGrid:
    """Cells of half a degree round 36.8 E, 1.3 S, turned by 30 degrees."""
    y, x = np.meshgrid(0.5 * np.arange(-4, 5), 0.5 * np.arange(-5, 6), indexing="ij")
    a = np.radians(30.0)
    lon, lat = 36.8 + x * np.cos(a) - y * np.sin(a), -1.3 + x * np.sin(a) + y * np.cos(a)
    nodes = np.stack([lon, lat], axis=-1)
    corners = np.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]], axis=2)
    centres = corners.mean(axis=2)
    return MeshGrid(centres[..., 1], centres[..., 0], corners)


#: half widths of buffers [degrees]; 9e-11 is what R's sf makes of 0.00001 m
WIDTHS = (1e-3, 1e-6, 1e-7, 1e-8, 9e-11, 1e-12)


def overlaps(lines: np.ndarray, low: Fraction, high: Fraction) -> dict:
    """Number of each gap between rising lines → the part of a range that lies in it."""
    first = max(int(np.searchsorted(lines, float(low))) - 2, 0)
    last = int(np.searchsorted(lines, float(high))) + 2
    gaps = enumerate(pairwise(map(Fraction, lines[first:last].tolist())), first)
    return {i: (max(low, a), min(high, b)) for i, (a, b) in gaps if max(low, a) < min(high, b)}


def exact_parts(grid: Grid, box: tuple[float, float, float, float], turn: int) -> dict:
    """(row, column) → area of a box in the cell [km2], from exact differences of coordinates."""
    west, south, east, north = map(Fraction, box)
    columns = overlaps(grid.column_lines, west + turn, east + turn)
    rows = overlaps(grid.row_lines[::-1], south, north)
    parts = {}
    for row, (low, high) in rows.items():
        middle, half = np.radians(float((low + high) / 2)), np.radians(float(high - low) / 2)
        height = 2 * np.cos(middle) * np.sin(half)
        for column, (west, east) in columns.items():
            width = np.radians(float(east - west))
            parts[grid.rows - 1 - row, column] = EARTH_RADIUS**2 * width * height
    return parts


def found_parts(weights: Weights) -> dict:
    spans = weights.spans
    return {
        (int(one["row"]), column): float(one["area"])
        for one in spans
        for column in range(one["first"], one["last"])
    }


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["0.05", "0.1 from 0 to 360", "0.5", "Gaussian"]),
    st.tuples(st.integers(10, 30), st.integers(3, 12)),
    st.tuples(*[st.floats(0.0, 1.0)] * 2),
    st.tuples(*[st.floats(-12, 0)] * 2),
)
@example("0.5", (10, 10), (0.5, 0.5), (-12, -6))
@example("0.05", (10, 10), (1.0, 0.0), (-7, -7))
@example("Gaussian", (11, 3), (0.25, 1.0), (-9.7, -12))
@example("0.05", (10, 10), (0.3, 0.7), (0, -12))
def test_parts_are_those_of_exact_arithmetic(
    name: str,
    corner: tuple[int, int],
    shift: tuple[float, float],
    exponents: tuple[float, float],
):
    grid, size = GRIDS[name], [10.0**one for one in exponents]
    rows = 0 if name == "Gaussian" else 30  # a degree and more from the edges of the grid
    lon, lat = grid.column_lines[corner[0] + 30], grid.row_lines[corner[1] + rows]
    west, south = lon - shift[0] * size[0], lat - shift[1] * size[1]
    box = (west, south, west + size[0], south + size[1])
    if not (box[0] < box[2] and box[1] < box[3]):
        return
    area = Area.from_geometry(shapely.box(*box))
    weights = zone_weights(grid, area)
    turn = 360 if lon > 180 else 0
    wanted, found = exact_parts(grid, area.bounds, turn), found_parts(weights)
    whole = sum(wanted.values())
    # parts of less than a millionth may be those of an edge that is meant to be on the line
    for cell in wanted.keys() | found.keys():
        assert found.get(cell, 0.0) == pytest.approx(wanted.get(cell, 0.0), abs=1e-6 * whole)
    # an edge within 1e-7 of the zone's width is moved onto a line of the grid
    assert sum(found.values()) == pytest.approx(whole, rel=4e-7)
    assert weights.on_grid == pytest.approx([1.0], rel=4e-7)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("place", ["inside", "edge", "corner"])
def test_buffer_of_a_point_gives_the_cells_it_lies_in(name: str, place: str, width: float):
    grid = GRIDS[name]
    lines = grid.column_lines[30:32], grid.row_lines[10:12]
    lon = lines[0][0] if place != "inside" else 0.7 * lines[0][0] + 0.3 * lines[0][1]
    lat = lines[1][0] if place == "corner" else 0.4 * lines[1][0] + 0.6 * lines[1][1]
    polygon = shapely.Point(lon - 360 * (lon > 180), lat).buffer(width, quad_segs=2)
    weights = zone_weights(grid, Area.from_geometry(polygon))
    cells = {"inside": 1, "edge": 2, "corner": 4}[place]
    assert len(weights.spans) == cells
    whole = EARTH_RADIUS**2 * np.radians(1) ** 2 * polygon.area * np.cos(np.radians(lat))
    assert weights.totals["area"] == pytest.approx([whole], rel=1e-3 if width > 1e-4 else 1e-4)
    assert weights.on_grid == pytest.approx([1.0])
    planar = zone_weights(grid, Area.from_geometry(polygon), "share").spans
    sizes = np.diff(grid.column_lines)[planar["first"]] * -np.diff(grid.row_lines)[planar["row"]]
    assert (planar["coverage"] * sizes).sum() == pytest.approx(polygon.area, rel=1e-4)


@pytest.mark.parametrize("width", WIDTHS)
def test_half_of_a_small_zone_off_the_grid_is_told(width: float):
    grid = Grid(8.0, 20.0, 1.0, 1.0, 16, 20)
    for lon, lat in ((20.0, 3.5), (40.0, 3.5), (30.5, 8.0), (30.5, -8.0)):
        weights = zone_weights(grid, Area.from_geometry(shapely.Point(lon, lat).buffer(width)))
        assert len(weights.spans) == 1
        assert weights.on_grid == pytest.approx([0.5], rel=1e-2)


@pytest.mark.parametrize("width", [1e-6, 1e-9, 1e-11])
def test_sliver_counts_each_cell_by_its_length_in_it(width: float):
    grid = GRIDS["0.5"]
    lengths = np.array([0.4, 0.5, 0.5, 0.5, 0.35])
    along = zone_weights(grid, Area.from_box(30.1, 2.2, 32.35, 2.2 + width), "share").spans
    down = zone_weights(grid, Area.from_box(30.1, 0.1, 30.1 + width, 2.35), "share").spans
    for spans, wanted in ((along, lengths), (down, lengths[::-1])):
        share = spans["coverage"] / spans["coverage"].sum()
        assert share == pytest.approx(wanted / lengths.sum(), rel=1e-6)


@pytest.mark.parametrize("width", [1e-6, 1e-9, 1e-11])
def test_slanting_sliver_counts_each_cell_by_its_length_in_it(width: float):
    corners = [(30.0, 0.0), (31.0, 2.0), (31.0 + width, 2.0), (30.0 + width, 0.0)]
    spans = zone_weights(GRIDS["1"], Area.from_geometry(shapely.Polygon(corners)), "share").spans
    large = spans["coverage"] > 0.1 * spans["coverage"].max()
    assert spans["coverage"][large] == pytest.approx([width, width], rel=1e-3)


@pytest.mark.parametrize("width", WIDTHS)
def test_buffer_on_a_curved_grid_gives_the_cells_it_lies_in(width: float):
    grid = turned_grid()
    corners = grid.corners_of(slice(2, 3), slice(3, 4))[0, 0]
    for (lon, lat), cells in ((corners[0], 4), (corners.mean(axis=0), 1)):
        polygon = shapely.Point(lon, lat).buffer(width, quad_segs=2)
        for weighting in ("area", "share"):
            weights = zone_weights(grid, Area.from_geometry(polygon), weighting)
            assert len(weights.spans) == cells
            assert weights.on_grid == pytest.approx([1.0], rel=1e-2)  # slanting edges are rounded
        whole = EARTH_RADIUS**2 * np.radians(1) ** 2 * polygon.area * np.cos(np.radians(lat))
        assert weights.totals["area"] == pytest.approx([whole], rel=1e-2)


def test_many_small_polygons_of_a_zone_add_up():
    points = [(30.5, 0.5), (30.50001, 0.5), (31.0, 1.0), (35.5, 0.5)]
    shapes = [shapely.Point(one).buffer(1e-7, quad_segs=2) for one in points]
    both = Area(
        (Zone("a", "a", shapely.MultiPolygon(shapes)), Zone("b", "b", shapely.box(30, 0, 31, 1))),
        "two",
    )
    weights = zone_weights(GRIDS["1"], both)
    spans = weights.spans[weights.spans["zone"] == 0]
    alone = zone_weights(GRIDS["1"], Area.from_geometry(shapes[0])).spans
    assert len(spans) == 5
    assert spans["area"].max() == pytest.approx(2.25 * alone["area"][0], rel=1e-3)
    assert weights.totals["cells"].tolist() == [5, 1]

"""The numbers are right: against another method, real data, and what others have published."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule, Grid
from csserv.catalog.read.curved_grid import MeshGrid
from csserv.catalog.read.place.cell_by_cell.mesh import mesh_grid
from csserv.request import Area, Options, Zone
from csserv.zonal.cell_overlap import SNAP
from csserv.zonal.operations import OPERATIONS, operation
from csserv.zonal.weights import zone_weights
from tests.accuracy.independent import cell_areas, covered_areas, statistics
from tests.engine import answer
from tests.files import Layout, write_granule

DATA = Path(__file__).parent / "data"


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Polygon:
    """Stars around a place, some of them with a hole."""
    count = draw(st.integers(3, 9))
    reach = [draw(st.floats(0.2, 3.0)) for _ in range(count)]
    lon, lat = draw(st.floats(23, 33)), draw(st.floats(-4, 74))
    angles = np.sort(np.array([draw(st.floats(0, 2 * np.pi)) for _ in range(count)]))
    assume((np.diff(angles) > 0.05).all() and np.ptp(angles) > 3)
    star = shapely.Polygon(
        [(lon + r * np.cos(a), lat + r * np.sin(a)) for r, a in zip(reach, angles, strict=True)]
    )
    assume(star.is_valid and star.area > 0.01)
    hole = shapely.affinity.scale(star, 0.3, 0.3) if draw(st.booleans()) else shapely.Polygon()
    found = star - hole
    assume(found.geom_type == "Polygon" and found.is_valid)
    return found


@st.composite
def grids(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Cell edges of grids around those polygons: rows from north to south, columns eastwards."""
    size = draw(st.sampled_from([0.5, 0.7, 1.0, 1.9]))
    # thousandths: what is within float32 rounding of a round number is taken for it
    shift = draw(st.integers(0, 1000)) / 1000
    if draw(st.booleans()):
        return np.arange(80.0, -10 - size, -size) + shift, np.arange(18.0, 40, size) + shift
    rows = np.cumsum(draw(st.lists(st.floats(0.4, 2.0), min_size=90, max_size=90)))
    return 80.0 - rows[rows < 88], np.arange(18.0, 40, size) + shift


@pytest.mark.slow
@settings(max_examples=20)
@given(polygons(), grids(), st.integers(0, 2**32 - 1), st.sampled_from(["f4", "f8", ">f4"]))
def test_statistics_agree_with_cells_cut_out_one_by_one(zone, edges, seed, dtype):
    lat_edges, lon_edges = edges
    near = np.abs((lat_edges[:-1] + lat_edges[1:]) / 2 - zone.centroid.y) < 12
    rows = np.flatnonzero(near)
    assume(len(rows) > 1)
    lat_edges = lat_edges[rows[0] : rows[-1] + 2]
    random = np.random.default_rng(seed)
    field = random.gamma(0.7, 9, (2, len(lat_edges) - 1, len(lon_edges) - 1)).astype("f4")
    field[random.random(field.shape) < 0.1] = np.nan
    field[random.random(field.shape) < 0.02] = np.inf  # no value either
    lat, lon = (lat_edges[:-1] + lat_edges[1:]) / 2, (lon_edges[:-1] + lon_edges[1:]) / 2
    given_edges = midway(lat), midway(lon)  # what a reader can know: the file has no bounds
    area = covered_areas(zone, *given_edges)
    cell = cell_areas(*given_edges)
    assume(((area > 1e-9 * cell) & np.isfinite(field)).any(axis=(1, 2)).all())
    assume(not ((area > 0) & (area < 1e-9 * cell)).any())  # a touch: which side is a matter of bits
    # vertices are moved onto lines of the grid that are nearer than SNAP, so that shares are right
    # to about as much of a cell: of a sliver of 4e-4, on which a variance hangs, to 2e-6
    touched = area > 0
    allowed = 1e-6 + 2 * SNAP / (area[touched] / cell[touched]).min()
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(dtype=dtype, storage={"zlib": True, "chunksizes": (1, 5, 7)})
        path = write_granule(Path(folder) / "a.nc", field, lat, lon, layout)
        for name in statistics(field[0], area, cell):
            values, _ = answer([Granule(path, "rain")], Area.from_geometry(zone), name)
            expected = [statistics(one, area, cell)[name] for one in field]
            # the variance of a single cell is nothing, or what rounding leaves of it
            np.testing.assert_allclose(values[:, 0], expected, allowed, atol=1e-12, err_msg=name)


def midway(centres: np.ndarray) -> np.ndarray:
    inner = (centres[:-1] + centres[1:]) / 2
    return np.concatenate([[2 * centres[0] - inner[0]], inner, [2 * centres[-1] - inner[-1]]])


@pytest.mark.slow
@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.25, 0.4, 1.0]))
def test_zones_that_tile_a_region_add_up_to_it(seed, size):
    random = np.random.default_rng(seed)
    box = shapely.box(20.1, -7.3, 31.7, 5.9)
    sites = shapely.MultiPoint(random.uniform((20, -8), (32, 6), (40, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=box))
    tiles = [shapely.intersection(one, box) for one in cells]
    zones = [Zone(str(i), str(i), one) for i, one in enumerate(tiles) if one.area > 0]
    lat, lon = np.arange(9, -10, -size), np.arange(18, 35, size)
    field = random.gamma(0.7, 9, (1, len(lat), len(lon))).astype("f4")
    with tempfile.TemporaryDirectory() as folder:
        path = write_granule(Path(folder) / "a.nc", field, lat, lon)
        for name in ("sum", "count", "total"):
            parts, _ = answer([Granule(path, "rain")], Area(tuple(zones), "tiles"), name)
            whole, _ = answer([Granule(path, "rain")], Area.from_geometry(box), name)
            assert np.nansum(parts) == pytest.approx(whole[0, 0], rel=1e-9), name


def test_weights_take_the_exact_part_of_every_cell():
    """A triangle whose edges bend on the map, at 60 degrees north, where that counts."""
    zone = shapely.Polygon([(20.3, 58.1), (29.7, 60.2), (22.2, 66.9)])
    grid = Grid(70.0, 18.0, 0.5, 0.5, 30, 26)
    weights = zone_weights(grid, Area.from_geometry(zone))
    number, row, column = weights.cells()
    found = np.zeros((grid.rows, grid.columns))
    found[row + weights.window.row, column + weights.window.column] = weights.spans["area"][number]
    expected = covered_areas(zone, grid.row_lines, grid.column_lines)
    np.testing.assert_allclose(found, expected, atol=1e-6)  # of some 1,500 km2 a cell
    assert weights.totals["area"][0] == pytest.approx(expected.sum(), rel=1e-8)


def centred_cells(zone: shapely.Polygon, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # regionmask's, of affine, and of an empty mask
        import regionmask  # takes a second, in each process that finds tests

        return regionmask.Regions([zone]).mask_3D(lon, lat, drop=False).values[0]


@pytest.mark.slow
@settings(max_examples=30)
@given(polygons(), st.sampled_from([0.25, 0.5, 1.0]), st.booleans())
def test_weighting_by_centres_is_regionmask_s(zone, size, rounded):
    if rounded:  # corners and edges on the centres of cells
        zone = shapely.set_precision(zone, size)
        assume(zone.geom_type == "Polygon" and zone.area > 0)
    south, north = np.floor(zone.bounds[1]) - 2, np.ceil(zone.bounds[3]) + 2
    lat, lon = np.arange(north, south, -size), np.arange(18, 42, size)
    mask = centred_cells(zone, lat, lon)
    assume(mask.any())
    grid = Grid.from_centres(lat.astype(float), lon.astype(float))
    weights = zone_weights(grid, Area.from_geometry(zone), "centre")
    _, row, column = weights.cells()
    found = np.zeros((grid.rows, grid.columns), bool)
    found[row + weights.window.row, column + weights.window.column] = True
    np.testing.assert_array_equal(found, mask)


def test_mean_by_centres_is_the_plain_mean_of_regionmask_s_cells():
    zone = shapely.Polygon([(20.3, -3.2), (29.7, 1.1), (22.2, 6.9)])
    lat, lon = np.arange(9.5, -10, -1.0), np.arange(18.5, 35)
    field = np.random.default_rng(3).gamma(0.7, 9, (4, len(lat), len(lon))).astype("f4")
    mask = centred_cells(zone, lat, lon)
    with tempfile.TemporaryDirectory() as folder:
        path = write_granule(Path(folder) / "a.nc", field, lat, lon)
        options = Options(weighting="centre")
        values, percent = answer(
            [Granule(path, "rain")], Area.from_geometry(zone), "mean", options=options
        )
    np.testing.assert_allclose(values[:, 0], field[:, mask].mean(axis=1, dtype="f8"), rtol=1e-12)
    np.testing.assert_allclose(percent, 100)


def curved(lat: np.ndarray, lon: np.ndarray) -> MeshGrid:
    lons, lats = np.meshgrid(lon, lat)
    return mesh_grid(lats, lons)


@settings(max_examples=25)
@given(polygons())
def test_curved_grid_that_is_straight_has_the_weights_of_a_straight_one(zone):
    size = 0.7
    lat = np.arange(np.ceil(zone.bounds[3]) + 3, np.floor(zone.bounds[1]) - 3, -size)
    lon = np.arange(18, 40, size)
    area = Area.from_geometry(zone)
    straight, bent = (
        zone_weights(grid, area) for grid in (Grid.from_centres(lat, lon), curved(lat, lon))
    )
    for name in ("area", "coverage"):
        np.testing.assert_allclose(bent.totals[name], straight.totals[name], rtol=1e-9)
    assert bent.window == straight.window


def test_rotated_grid_gives_the_mean_of_its_cells(tmp_path):
    """Cells turned by 30 degrees; a zone of four whole cells, one of them counted by hand."""
    y, x = np.meshgrid(np.arange(8.0), np.arange(8.0), indexing="ij")
    turn = np.radians(30)
    lon, lat = 20 + x * np.cos(turn) - y * np.sin(turn), 10 + x * np.sin(turn) + y * np.cos(turn)
    field = (10 * y + x)[None]
    path = write_granule(tmp_path / "a.nc", field, lat, lon)
    grid = Granule(path, "rain").header().grid
    corners = grid.corners[3:5, 3:5].reshape(-1, 4, 2)
    zone = shapely.union_all(shapely.polygons(corners)).buffer(-1e-9)
    # the two southern cells, 33 and 34, are larger than the two northern ones
    for name, expected in {"min": 33, "max": 44, "count": 4, "median": 34}.items():
        values, _ = answer([Granule(path, "rain")], Area.from_geometry(zone), name)
        assert values[0, 0] == pytest.approx(expected, rel=1e-7)
    areas = zone_weights(grid, Area.from_geometry(zone)).spans["area"]
    mean, _ = answer([Granule(path, "rain")], Area.from_geometry(zone), "mean")
    assert mean[0, 0] == pytest.approx(np.average([33, 34, 43, 44], weights=areas))
    point = Area.from_point(float(lon[2, 5]), float(lat[2, 5]))
    assert answer([Granule(path, "rain")], point, "mean")[0][0, 0] == 25


@pytest.mark.parametrize(("name", "tolerance"), [("mean", 2e-6), ("std", 4e-5), ("min", 1e-7)])
def test_terraclimate_over_basins_is_what_gdptools_published(name: str, tolerance: float):
    """36 basins of Cape Cod, evapotranspiration of June 1980; see data/README.md.

    gdptools cuts cells out on a polar equal-area map with the edges straight there, so means agree
    to a part in a million and not to the last digit.
    """
    expected = json.loads((DATA / "published.json").read_text())[name]
    area = Area.from_geojson((DATA / "cape_cod_basins.geojson").read_text())
    granule = Granule(DATA / "terraclimate_aet_cape_cod.nc", "aet")
    values, _ = answer([granule], area, name, period="1980-06")
    np.testing.assert_allclose(values[0], expected, rtol=tolerance)


def test_every_statistic_is_checked_here():
    checked = set(statistics(np.ones((1, 1)), np.ones((1, 1)), np.ones((1, 1))))
    elsewhere = {"median", "coverage", "geotiff", "netcdf", "csv"}
    assert checked | elsewhere == set(OPERATIONS)


@pytest.mark.parametrize("name", [*OPERATIONS, "p90"])
def test_every_statistic_says_what_it_is_and_who_defined_it_so(name: str):
    assert "Source: " in str(operation(name).finish.__doc__)


def test_slope_in_polygons_and_at_points_is_what_rasterstats_published():
    """Two polygons by cell centres, three points; see data/README.md."""
    area = Area.from_geojson((DATA / "rasterstats_zones.geojson").read_text())
    granule = Granule(DATA / "rasterstats_slope.nc", "slope")
    centre = Options(weighting="centre")
    count, _ = answer([granule], area, "count", options=centre)
    mean, _ = answer([granule], area, "mean", options=centre)
    assert count[0].tolist() == [75, 50, 1, 1, 1]
    assert round(mean[0, 0], 2) == 14.66
    assert mean[0, 2:4].round(3).tolist() == [11.386, 35.547]


#: how terra takes the cells of a zone, and how near our means of them come to its own [1]
TERRA = {"centre": 2e-8, "exact": 1e-7, "weights": 1e-4}


@pytest.mark.parametrize(("how", "tolerance"), TERRA.items())
def test_elevation_of_districts_is_what_terra_published(how: str, tolerance: float):
    """Two districts of Luxembourg; see data/README.md.

    terra's means take a cell by its covered share of degrees, not by its area. Means by centres
    agree to the last digit that is published (467.10517), exact ones to 8e-8. terra's weights are
    an estimate of the shares, up to 9.1e-5 from its own exact means.
    """
    expected = json.loads((DATA / "published.json").read_text())["terra"][f"extract {how}"]
    area = Area.from_geojson((DATA / "terra_zones.geojson").read_text())
    granule = Granule(DATA / "terra_elev.nc", "elevation")
    options = Options(weighting="centre" if how == "centre" else "share")
    mean, _ = answer([granule], area, "mean", options=options)
    np.testing.assert_allclose(mean[0], expected, rtol=tolerance)


def test_elevation_of_southern_luxembourg_is_what_terra_published():
    """All but the 50 northern rows; terra's deviation is that of a sample, ours of all cells."""
    expected = json.loads((DATA / "published.json").read_text())["terra"]["global"]
    granule = Granule(DATA / "terra_elev.nc", "elevation")
    grid = granule.header().grid
    west, east = grid.column_lines[[0, -1]]
    south, north = grid.row_lines[[-1, 50]]
    area = Area.from_box(west, south, east, north)
    found = {
        name: answer([granule], area, name, options=Options(weighting="centre"))[0][0, 0]
        for name in ("sum", "mean", "min", "max", "std", "count")
    }
    found["sd"] = found.pop("std") * np.sqrt(found["count"] / (found["count"] - 1))
    for name, value in expected.items():
        assert round(found[name], 5) == value, name

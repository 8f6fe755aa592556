"""The cells of a grid round the globe are the sphere, each once, wherever its lines are drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule
from csserv.request import Area
from csserv.request.measures import EARTH_RADIUS
from csserv.zonal.weights import zone_weights
from tests.catalog.read.place.grids import Coordinates, metres, write_field
from tests.catalog.read.place.test_projections import MAPPINGS, ROTATED
from tests.catalog.read.place.test_straight_degrees import bounded, pairs

GLOBE = Area.from_box(-180, -90, 180, 90)
R = 6371007.181


def counted(granule: Granule) -> tuple[float, int, bool]:
    """Area of all cells, as a share of the sphere; how many there are; whether each is whole."""
    weights = zone_weights(granule.header().grid, GLOBE)
    lengths = weights.spans["last"] - weights.spans["first"]
    number, row, column = weights.cells()
    assert len({*zip(row.tolist(), column.tolist(), strict=True)}) == len(number)
    area = (weights.spans["area"] * lengths).sum() / (4 * np.pi * EARTH_RADIUS**2)
    return float(area), len(number), bool((np.abs(weights.spans["coverage"] - 1) < 1e-9).all())


def cuts(low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    """Edges between two ends: one cell or more, of any size."""
    within = st.lists(st.integers(1, 99), max_size=6, unique=True)
    shares = within.map(lambda found: np.array([0, *sorted(found), 100]) / 100)
    return shares.map(lambda found: low + (high - low) * found)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(cuts(-90, 90), cuts(0, 360), st.integers(-360, 180), st.booleans(), st.booleans())
def test_rows_and_columns_of_any_size(tmp_path_factory, lat, lon, west, falls, leftwards):
    lat_b, lon_b = pairs(lat), pairs(lon + west)
    if falls:
        lat_b = lat_b[::-1]
    if leftwards:
        lon_b = lon_b[::-1]
    rows, columns = len(lat_b), len(lon_b)
    at = bounded(lat_b.mean(axis=1), lon_b.mean(axis=1), lat_b, lon_b)
    path = tmp_path_factory.mktemp("globe") / "a.nc"
    one = write_field(path, np.ones((1, rows, columns)), ("time", "lat", "lon"), at)
    assert counted(one) == (pytest.approx(1.0, rel=1e-12), rows * columns, True)


@pytest.mark.parametrize("pole", [(-162.0, 39.25), (0.0, 90.0), (30.0, 0.0), (10.0, -89.0)])
def test_a_rotated_pole_wherever_it_is(tmp_path: Path, pole: tuple[float, float]):
    rlat, rlon = np.arange(-82.5, 90, 15), np.arange(-172.5, 180, 15)
    at: Coordinates = {
        "rlat": (("rlat",), rlat, {"units": "degrees", "standard_name": "grid_latitude"}),
        "rlon": (("rlon",), rlon, {"units": "degrees", "standard_name": "grid_longitude"}),
    }
    mapping = ROTATED | {"grid_north_pole_longitude": pole[0], "grid_north_pole_latitude": pole[1]}
    one = write_field(
        tmp_path / "a.nc", np.ones((1, 12, 24)), ("time", "rlat", "rlon"), at, mapping
    )
    assert counted(one) == (pytest.approx(1.0, rel=1e-8), 288, True)


def test_a_cylinder_of_equal_areas(tmp_path: Path):
    """EASE-Grid's; its cells are of one size on the Earth, whatever they are in degrees."""
    mapping = {
        "grid_mapping_name": "lambert_cylindrical_equal_area",
        "standard_parallel": 0.0,
        "longitude_of_central_meridian": 0.0,
        "earth_radius": R,
    }
    y, x = R / 9 * (np.arange(18) - 8.5), np.pi * R / 18 * (np.arange(36) - 17.5)
    one = write_field(
        tmp_path / "a.nc", np.ones((1, 18, 36)), ("time", "y", "x"), metres(y, x), mapping
    )
    assert counted(one) == (pytest.approx(1.0, rel=1e-12), 648, True)
    areas = zone_weights(one.header().grid, GLOBE).spans["area"]
    np.testing.assert_allclose(areas, areas[0], rtol=1e-9)


def test_half_a_sphere_round_its_pole(tmp_path: Path):
    """The square round the circle of the equator; cells on that circle count with their part."""
    mapping = MAPPINGS["lambert azimuthal"][0] | {
        "latitude_of_projection_origin": 90.0,
        "earth_radius": R,
    }
    x = np.sqrt(2) * R / 10 * (np.arange(20) - 9.5)
    one = write_field(
        tmp_path / "a.nc", np.ones((1, 20, 20)), ("time", "y", "x"), metres(x, x), mapping
    )
    weights = zone_weights(one.header().grid, Area.from_box(-180, 0, 180, 90))
    area = weights.spans["area"].sum() / (4 * np.pi * EARTH_RADIUS**2)
    assert area == pytest.approx(0.5, rel=1e-9)
    assert weights.on_grid[0] == pytest.approx(1.0, rel=1e-9)

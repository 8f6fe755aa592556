"""The latest steps of a dataset, and where it lies on the map."""

from __future__ import annotations

import numpy as np
import pytest

from csserv import Service
from csserv.catalog.read.grid import Grid
from csserv.views.maps.extent_map import extent_svg
from csserv.views.maps.latest_steps import LatestSteps, map_bounds
from csserv.views.maps.scene import extent_columns
from tests.files import LAT, LON


def test_latest_steps_are_the_last_of_all_files_in_order(service: Service):
    frames = LatestSteps.of(service.catalog["rain"])
    assert len(frames) == 30
    assert (frames.label(0), frames.label(29)) == ("2019-01-30", "2019-02-28")
    assert (frames.bounds, frames.units) == ((20.0, -8.0, 40.0, 8.0), "mm/day")
    assert frames.values(1).shape == (len(LAT), len(LON))
    assert np.unique(frames.values(1)).tolist() == [31.0]
    assert np.unique(frames.values(2)).tolist() == [0.0]


def test_large_grid_is_read_as_fine_as_a_screen(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("csserv.views.maps.latest_steps.MOST_CELLS", 20)
    monkeypatch.setattr("csserv.views.maps.latest_steps.MOST_READ", 60)
    frames = LatestSteps.of(service.catalog["rain"])
    assert frames.values(0).shape == (4, 5)


@pytest.mark.parametrize(
    ("west", "columns", "bounds", "first"),
    [
        (0.0, 36, (-180.0, 180.0), 18),
        (-180.0, 36, (-180.0, 180.0), 0),
        (-5.0, 36, (-185.0, 175.0), 18),
        (280.0, 2, (-80.0, -60.0), 0),
        (170.0, 3, (170.0, 200.0), 0),
    ],
)
def test_grid_is_brought_to_the_longitudes_of_a_map(
    west: float, columns: int, bounds: tuple[float, float], first: int
):
    grid = Grid(north=90.0, west=west, dlat=10.0, dlon=10.0, rows=18, columns=columns)
    (left, _, right, _), column = map_bounds(grid)
    assert ((left, right), column) == (bounds, first)


def test_extent_is_drawn_on_both_sides_of_180_degrees():
    assert extent_svg((170.0, -20.0, 200.0, 0.0)).count("<rect") == 1
    assert extent_svg((-180.0, -50.0, 180.0, 50.0)).count("<rect") == 1
    assert [len(values) for values in extent_columns((170, -20, 200, 0)).values()] == [2] * 4

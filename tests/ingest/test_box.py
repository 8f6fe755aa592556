from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog.read.grid import Grid
from csserv.errors import InvalidRequestError
from csserv.ingest.stored.box import Box

#: 4 rows of 10 degrees from 20 N, 6 columns of 10 degrees from 0 E
SMALL = Grid(north=20.0, west=0.0, dlat=10.0, dlon=10.0, rows=4, columns=6)
#: round the globe, from 0 to 360
ROUND = Grid(north=90.0, west=0.0, dlat=10.0, dlon=10.0, rows=18, columns=36)


@pytest.mark.parametrize(
    ("grid", "edges", "window"),
    [
        (SMALL, (10, 0, 30, 10), (1, 1, 1, 2)),  # on the lines: no cell more
        (SMALL, (9, -1, 31, 11), (0, 0, 3, 4)),
        (SMALL, (11, 1, 12, 2), (1, 1, 1, 1)),  # within a cell
        (SMALL, (-50, -80, 170, 80), (0, 0, 4, 6)),
        (ROUND, (-20, 0, 20, 10), (8, 34, 1, 4)),  # over 0 degrees
        (ROUND, (170, 0, -170, 10), (8, 17, 1, 2)),  # over 180 degrees
        (ROUND, (-180, -90, 180, 90), (0, 0, 18, 36)),
    ],
)
def test_the_cells_that_a_box_touches(
    grid: Grid, edges: tuple[float, ...], window: tuple[int, int, int, int]
) -> None:
    found = Box.of(edges).window(grid)
    assert (found.row, found.column, found.rows, found.columns) == window


@pytest.mark.parametrize(
    "edges", [(0, 10, 10, 0), (0, -100, 10, 0), (5, 0, 5, 10), (0, 0, 200, 10), (np.nan, 0, 1, 1)]
)
def test_a_box_that_is_none_is_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(InvalidRequestError, match="box"):
        Box.of(edges)


def test_a_box_elsewhere_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="cover longitude 0 to 60, latitude -20 to 20"):
        Box(100, 0, 110, 10).window(SMALL)


WEST = st.floats(-180, 180)
SOUTH = st.floats(-90, 80)


@given(WEST, SOUTH, st.floats(0.5, 300), st.floats(0.5, 10), st.sampled_from([-180.0, 0.0, -5.0]))
def test_a_window_holds_the_whole_box_and_no_row_or_column_in_vain(
    west: float, south: float, width: float, height: float, first: float
) -> None:
    east = west + width
    box = Box(west, south, east - 360 if east > 180 else east, south + height)
    grid = Grid(north=90.0, west=first, dlat=2.5, dlon=2.5, rows=72, columns=144)
    window = box.window(grid)
    lat, lon = grid.lat_bounds(window), grid.lon_bounds(window)
    slack = 1e-5
    assert lat[0, 0] >= box.north - slack
    assert lat[-1, 1] <= box.south + slack
    assert lat[0, 1] <= box.north + slack
    assert lat[-1, 0] >= box.south - slack
    if window.columns < 144:
        turn = 360.0 * np.round((west - lon[0, 0]) / 360.0)
        assert lon[0, 0] + turn <= west + slack
        assert lon[-1, 1] + turn >= east - slack
        assert lon[0, 1] + turn >= west - slack
        assert lon[-1, 0] + turn <= east + slack

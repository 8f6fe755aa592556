"""The map of a result's zones shows the numbers of the step and the member that are chosen."""

from __future__ import annotations

import cftime
import numpy as np
import pytest
import shapely

from csserv import Area, Zone
from csserv.request import Period
from csserv.views.maps import outlines
from csserv.views.maps.zone_map import ZoneMap
from csserv.views.parts.series_table import SeriesTable

TWO = Area(
    (Zone("w", "West", shapely.box(0, 0, 1, 1)), Zone("e", "East", shapely.box(2, 0, 3, 1))), "both"
)


def table(members: tuple[str, ...]) -> SeriesTable:
    """Two days; zone, member and step make the hundreds, tens and ones of each number."""
    each = [(zone, member) for zone in (1, 2) for member in range(max(len(members), 1))]
    values = np.array([[100.0 * z + 10 * m + step for z, m in each] for step in (0, 1)])
    names = ("West", "East")
    zones = tuple(f"{names[z - 1]}, {members[m]}" if members else names[z - 1] for z, m in each)
    return SeriesTable(
        times=tuple(cftime.datetime(2019, 1, day) for day in (1, 2)),
        lengths=np.ones(2),
        zones=zones,
        values=values,
        percent=np.full(values.shape, 100.0),
        complete=np.ones(2, dtype=bool),
        units="mm",
        rule="sum",
        title="mean of rain",
        period=Period.parse("2019-01"),
        selections=members,
    )


def shown(view: ZoneMap) -> list[float]:
    """The values that the polygons are coloured by."""
    drawn = [one.data_source.data for one in view.figure.renderers]
    polygons = next(data for data in drawn if "said" in data and "xs" in data)
    return list(polygons["value"])


def test_each_step_has_its_colours():
    view = ZoneMap(TWO, table(()))
    assert not view.selection.visible
    view.slider.value = 1
    assert shown(view) == [101.0, 201.0]


def test_member_that_is_chosen_is_drawn_at_the_same_step():
    view = ZoneMap(TWO, table(("member 1", "member 2", "member 5")))
    assert view.selection.visible
    assert shown(view) == [100.0, 200.0]
    view.slider.value = 1
    view.selection.choose("2")
    assert shown(view) == [121.0, 221.0]


def test_outlines_that_are_simplified_say_so(monkeypatch: pytest.MonkeyPatch):
    assert not ZoneMap(TWO, table(())).told.visible
    round_ones = [shapely.Point(x, 0).buffer(0.5, quad_segs=2000) for x in (0, 2)]
    two = Area(tuple(Zone(str(i), str(i), one) for i, one in enumerate(round_ones)), "two")
    for most in (outlines.MOST_SHARED, 10):  # whether edges are compared or not
        monkeypatch.setattr(outlines, "MOST_SHARED", most)
        view = ZoneMap(two, table(()))
        assert view.told.visible
        drawn = outlines.simplified(round_ones)
        lost = shapely.area(shapely.symmetric_difference(drawn, round_ones))
        assert (lost < 0.01).all()
        assert shapely.get_num_coordinates(drawn).max() < 1000


def test_zone_smaller_than_a_pixel_is_drawn_as_its_frame(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outlines, "MOST_SHARED", 0)
    small = shapely.Point(1, 1).buffer(1e-5)
    _, drawn = outlines.simplified([shapely.box(0, 0, 10, 10), small])
    assert drawn.equals(shapely.envelope(small)) or drawn.within(shapely.envelope(small))

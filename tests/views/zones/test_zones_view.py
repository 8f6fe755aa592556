"""The map of a result's zones shows the numbers of the step and the member that are chosen."""

from __future__ import annotations

from dataclasses import replace

import cftime
import numpy as np
import pytest
import shapely

from csserv import Area, Zone
from csserv.request import Period
from csserv.views.maps import outlines
from csserv.views.parts.series_table import SeriesTable
from csserv.views.zones import zones_view
from csserv.views.zones.zone_map import ZoneMap
from csserv.views.zones.zones_view import ONE_STEP, ZonesView

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
        period=Period.parse("2019-01-01/2019-01-02"),
        selections=members,
    )


def shown(view: ZonesView) -> list[float]:
    """The numbers that the polygons are coloured by."""
    drawn = [one.data_source.data for one in view.map.figure.renderers]
    polygons = next(data for data in drawn if "shade" in data and "xs" in data)
    return list(polygons["number"])


def test_the_whole_period_is_shown_at_first_and_then_any_step():
    view = ZonesView(TWO, table(()))
    assert shown(view) == [201.0, 401.0]
    assert [column[3] for column in view.grid.columns] == [[201.0, 401.0]]
    view.time.choose(ONE_STEP)
    view.slider.value = 0
    assert shown(view) == [100.0, 200.0]
    view.slider.value = 1
    assert shown(view) == [101.0, 201.0]
    assert "2019-01-02" in view.step_text.object


def test_what_is_chosen_on_the_map_is_told_and_chosen_again_as_in_an_address():
    view = ZonesView(TWO, table(()))
    assert view.chosen == ("", "", "")
    seen: list[object] = []
    view.param.watch(seen.append, "seen")
    view.time.choose(ONE_STEP)
    assert view.chosen == ("", "2019-01-02", "")
    view.slider.value = 0  # while it moves, nothing is told
    assert len(seen) == 1
    again = ZonesView(TWO, table(()), True, view.chosen)
    assert (again.chosen, shown(again)) == (("", "2019-01-01", ""), [100.0, 200.0])
    again.choose("percent_of_normal", "2019-01-31")  # it has neither
    assert (again.chosen, shown(again)) == (("", "", ""), [201.0, 401.0])


def test_an_index_is_shown_at_its_latest_step_as_it_has_no_mean_over_time():
    known = table(())
    values = np.vstack([known.values, np.full((1, 2), np.nan)])
    days = tuple(cftime.datetime(2019, 1, day) for day in (1, 2, 3))
    index = replace(
        known,
        times=days,
        lengths=np.ones(3),
        complete=np.ones(3, dtype=bool),
        values=values,
        percent=np.isfinite(values) * 100.0,
        of_index=True,
    )
    view = ZonesView(TWO, index)
    assert (view.time.visible, view.slider.visible, view.slider.value) == (False, True, 1)
    assert (shown(view), view.chosen) == ([101.0, 201.0], ("", "", ""))
    assert "2019-01-02" in view.step_text.object
    view.choose("", "2019-01-01")
    assert (shown(view), view.chosen) == ([100.0, 200.0], ("", "2019-01-01", ""))
    view.choose("", "")
    assert (shown(view), view.slider.value) == ([101.0, 201.0], 1)


def test_many_zones_are_coloured_anew_where_an_address_names_another_step(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(zones_view, "MOST_AT_ONCE", 1)
    view = ZonesView(TWO, table(()), shown=("", "2019-01-01", ""))
    assert shown(view) == [100.0, 200.0]
    view.choose("", "2019-01-02")
    assert shown(view) == [101.0, 201.0]


def test_too_few_days_for_a_value_of_the_whole_period_are_told():
    whole = table(())
    assert not ZonesView(TWO, whole).too_few.visible
    gappy = replace(whole, values=np.array([[np.nan, 1.0], [2.0, 3.0]]))
    view = ZonesView(TWO, gappy)
    assert np.isnan(shown(view)[0])
    assert view.too_few.visible
    assert "less than 80 % of its days" in view.too_few.object
    view.choose("", "2019-01-02")
    assert not view.too_few.visible


def test_member_that_is_chosen_is_drawn_at_the_same_step():
    view = ZonesView(TWO, table(("member 1", "member 2", "member 5")))
    assert view.selection.visible
    view.time.choose(ONE_STEP)
    view.slider.value = 1
    assert shown(view) == [101.0, 201.0]
    view.selection.choose("2")
    assert shown(view) == [121.0, 221.0]
    assert view.chosen == ("", "2019-01-02", "member 5")
    again = ZonesView(TWO, table(("member 1", "member 2", "member 5")), True, view.chosen)
    assert (again.chosen, shown(again)) == (view.chosen, [121.0, 221.0])
    again.choose("", "", "member 9")  # it has no such
    assert (again.chosen, again.selection.value) == (("", "", ""), "0")


def test_zone_that_is_tapped_is_marked_on_the_map_and_in_the_table():
    view = ZonesView(TWO, table(()))
    _, source = view.map._parts[0]
    assert (source.selected.indices, view.grid.marked) == ([0], [0])
    source.selected.indices = [1]  # as a tap does
    assert (view.marked, view.grid.marked) == ([1], [1])
    source.selected.indices = []  # beside all zones
    assert source.selected.indices == [1]
    view.grid.marked = [1, 0]  # as the boxes do
    assert (view.marked, sorted(source.selected.indices)) == ([1, 0], [0, 1])


def test_outlines_that_are_simplified_say_so(monkeypatch: pytest.MonkeyPatch):
    assert not ZoneMap(TWO).is_simpler
    round_ones = [shapely.Point(x, 0).buffer(0.5, quad_segs=2000) for x in (0, 2)]
    two = Area(tuple(Zone(str(i), str(i), one) for i, one in enumerate(round_ones)), "two")
    for most in (outlines.MOST_SHARED, 10):  # whether edges are compared or not
        monkeypatch.setattr(outlines, "MOST_SHARED", most)
        assert ZoneMap(two).is_simpler
        drawn = outlines.simplified(round_ones)
        lost = shapely.area(shapely.symmetric_difference(drawn, round_ones))
        assert (lost < 0.01).all()
        assert shapely.get_num_coordinates(drawn).max() < 1000


def test_islands_smaller_than_a_pixel_are_drawn_where_they_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outlines, "MOST_SHARED", 0)
    islands = shapely.union_all([shapely.Point(x, 1).buffer(1e-5) for x in (1, 9)])
    _, drawn = outlines.simplified([shapely.box(0, 0, 10, 10), islands])
    assert len(drawn.geoms) == 2
    assert drawn.within(islands.buffer(1e-6))

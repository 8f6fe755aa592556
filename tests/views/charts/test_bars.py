"""Amounts of one zone are bars over their steps, which stand on zero, before what is normal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
from bokeh.models import VBar
from bokeh.models.renderers import GlyphRenderer

from csserv.views.charts.series_chart import MOST_BARS, SeriesChart
from csserv.views.charts.series_view import SeriesView
from csserv.views.parts.series_table import SeriesTable
from tests.outputs.compared import document, series_of

DAY = 86_400_000.0


def months(zones: int = 1, **more: Any) -> SeriesTable:
    """2025, of which June has no value: 5 mm in West, 10 mm in East, a month."""
    years = np.repeat(np.arange(35) % 30 + 1.0, 12)
    values = np.stack([years, 2 * years], axis=1)[:, :zones]
    values[34 * 12 + 5] = np.nan
    series = series_of(values, range(2025, 2026))
    return replace(SeriesTable.of_json(document(series) | {"series": series.to_list()}), **more)


def bars_of(chart: SeriesChart) -> list[GlyphRenderer]:
    return [one for one in chart.figure.renderers if isinstance(one.glyph, VBar)]


def test_a_bar_lies_in_its_step_and_stands_on_zero():
    chart = SeriesChart([months()], bars=True)
    (bars,) = bars_of(chart)
    glyph, data = bars.glyph, bars.data_source.data
    assert (glyph.x, glyph.width, glyph.top, glyph.bottom) == ("middle", "width", "value", 0)
    np.testing.assert_array_equal(data["value"], [5.0] * 5 + [np.nan] + [5.0] * 6)
    january, february = data["middle"][:2] - data["time"][:2]
    assert (january, february) == (15.5 * DAY, 14 * DAY)
    assert np.all(data["width"] < np.diff([*data["time"], data["time"][-1] + 31 * DAY]))
    assert not any(one.visible for one in chart.figure.renderers[:2])  # its line and its marks
    assert chart.figure.yaxis.axis_label == "monthly rainfall, averaged over the area [mm]"
    outer = next(
        one
        for one in chart.figure.renderers
        if one.glyph.name is None
        and "x" in one.glyph.properties()
        and type(one.glyph).__name__ == "Patch"
    )
    assert np.nanmin(outer.data_source.data["time"]) == data["time"][0]


def test_lines_are_for_several_zones_for_states_and_for_very_many_steps():
    assert not bars_of(SeriesChart([months(2)], bars=True))
    assert not bars_of(SeriesChart([months(is_amount=False, rule="mean")], bars=True))
    assert not bars_of(SeriesChart([months()]))
    one = months()
    long = np.tile(one.values, (MOST_BARS, 1))
    times = tuple(
        one.times[0].replace(year=1000 + n // 12, month=n % 12 + 1) for n in range(len(long))
    )
    many = replace(
        one,
        times=times,
        values=long,
        percent=0 * long + 100,
        normals=None,
        lengths=np.full(len(long), 28.0),
        complete=np.ones(len(long), bool),
    )
    assert not bars_of(SeriesChart([many], bars=True))


def test_a_result_of_many_zones_is_shown_with_one_that_has_values():
    table = months(2)
    empty = table.values.copy()
    empty[:, 0] = np.nan
    view = SeriesView()
    asyncio.run(view.show(replace(table, values=empty), {}))
    assert view.zones == ["East"]
    assert [one.zones for one in view.tables()] == [("East",)]

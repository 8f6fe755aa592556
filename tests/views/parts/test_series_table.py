"""Series for charts: gaps, months and years, key figures; numbers one can work out by hand."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cftime
import numpy as np
import pytest
from bokeh.core.property.bases import validation_on
from bokeh.document import Document
from hypothesis import given
from hypothesis import strategies as st

from csserv.language import Language, speaking
from csserv.request import Period
from csserv.views.charts.chart_lines import MOST_LINES, lines_of
from csserv.views.charts.series_chart import SeriesChart, series_chart
from csserv.views.parts.key_figures import key_figures
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import colours
from csserv.views.zones.zone_numbers import numbers_at


def daily(values: list[float], calendar: str = "standard", **changes: object) -> SeriesTable:
    """Days from 1 January 2019 on."""
    start = cftime.datetime(2019, 1, 1, calendar=calendar)
    times = tuple(cftime.num2date(range(len(values)), f"days since {start}", calendar=calendar))
    column = np.array(values, dtype=float)[:, None]
    table = SeriesTable(
        times=times,
        lengths=np.ones(len(values)),
        zones=("Kenya",),
        values=column,
        percent=np.where(np.isnan(column), 0.0, 100.0),
        complete=np.ones(len(values), dtype=bool),
        units="mm/day",
        rule="rate",
        title="mean of rain",
        period=Period.parse("2019-01/2019-02"),
    )
    return replace(table, **changes)


def test_rates_are_summed_over_their_days_and_states_are_not():
    table = daily([2.0] * 31 + [1.0] * 28)
    months = table.resampled("monthly", "sum")
    assert months.values[:, 0].tolist() == [62.0, 28.0]
    assert months.units == "mm"
    assert months.labels == ["2019-01", "2019-02"]
    assert table.resampled("monthly", "mean").values[:, 0].tolist() == [2.0, 1.0]
    assert table.adds_up
    assert not daily([280.0], rule="mean", units="K").adds_up


def test_a_step_in_part_is_called_so_in_the_language_that_is_spoken():
    table = daily([3.0, 2.0], complete=np.array([True, False]))
    with speaking(Language.of("fr")):
        assert table.step_in_words(0) == "1 janvier 2019"
        assert key_figures(table)[3].note == "2 janvier 2019 (en partie)"
        assert numbers_at(table, 1).when == "2 janvier 2019 (en partie)"
    assert table.step_in_words(1) == table.labels[1] == "2019-01-02 (in part)"


def test_sums_that_hold_the_steps_before_are_not_added_up_again():
    plain = {
        "request": {"dataset": "rain", "operation": "mean", "period": "2019-01/2019-02"},
        "units": "mm",
        "calendar": "standard",
        "series": [
            {
                "zone": {"id": "k", "name": "Kenya"},
                "time": ["2019-01-01", "2019-02-01"],
                "value": [1.0, 2.0],
                "valid_percent": [100.0, 100.0],
            }
        ],
        "steps": {"end": ["2019-01-31", "2019-02-28"], "complete": [True, True]},
    }
    for step, adds_up in (({}, True), ({"accumulate": 3}, False)):
        assert SeriesTable.of_json(plain | {"time_step": step}).adds_up is adds_up


def test_valid_days_stand_for_missing_ones_up_to_a_fifth():
    few, many = [2.0] * 25 + [np.nan] * 6, [2.0] * 24 + [np.nan] * 7
    period = Period.parse("2019-01")
    assert daily(few, period=period).resampled("monthly", "sum").values[0, 0] == pytest.approx(62.0)
    assert np.isnan(daily(many, period=period).resampled("monthly", "sum").values[0, 0])


def test_a_month_that_the_period_cuts_says_so():
    table = daily([1.0] * 40, period=Period.parse("2019-01-01/2019-02-09"))
    months = table.resampled("monthly", "sum")
    assert months.labels == ["2019-01", "2019-02 (in part)"]
    assert months.values[:, 0].tolist() == [31.0, 9.0]


@given(st.lists(st.floats(0, 100), min_size=59, max_size=59))
def test_months_add_up_to_the_whole(values: list[float]):
    total = daily(values).resampled("monthly", "sum").values.sum()
    assert total == pytest.approx(sum(values), abs=1e-9)


def test_steps_that_are_not_there_are_a_gap():
    table = daily([1.0] * 10)
    kept = [0, 1, 2, 6, 7]
    table = replace(
        table,
        times=tuple(table.times[i] for i in kept),
        lengths=table.lengths[kept],
        values=table.values[kept],
        percent=table.percent[kept],
        complete=table.complete[kept],
    )
    frame = table.frame()
    assert frame["value"].isna().tolist() == [False] * 3 + [True] + [False] * 2
    assert str(frame["time"][3])[:10] == "2019-01-04"
    assert frame["label"][3] == "no data"


def test_days_that_no_real_year_has_stand_in_order():
    table = daily([1.0] * 360, calendar="360_day", period=Period.parse("2019"))
    assert table.labels[59] == "2019-02-30"
    assert (np.diff(table.positions.astype(float)) >= 0).all()
    assert len(table.frame()) == 360


def test_key_figures_are_those_of_the_values():
    figures = {one.name: one for one in key_figures(daily([1.0, 4.0, np.nan, 0.5]))}
    assert figures["Mean"].value == "1.83 mm/day"
    assert figures["Total"].value == "5.5 mm"
    assert (figures["Highest"].value, figures["Highest"].note) == ("4 mm/day", "2019-01-02")
    assert figures["Lowest"].note == "2019-01-04"
    assert figures["With data"].value == "75 %"
    [nothing] = key_figures(daily([np.nan, np.nan]))
    assert nothing.value == "none"


def test_other_units_have_an_axis_of_their_own():
    rain = daily([1.0, 2.0])
    heat = daily([280.0, 281.0], units="K", rule="mean", title="mean of heat")
    chart = series_chart([rain, heat])
    assert list(chart.extra_y_ranges) == ["right"]
    labels = [axis.axis_label for axis in chart.yaxis]
    assert labels == ["mean of rain [mm/day]", "mean of heat [K]"]
    assert len(chart.legend) == 1
    left, right = chart.y_range.renderers, chart.extra_y_ranges["right"].renderers
    assert not {one.id for one in left} & {one.id for one in right}
    assert list(series_chart([rain, rain]).extra_y_ranges) == []
    assert list(series_chart([rain, rain], two_axes=True).extra_y_ranges) == ["right"]
    third = daily([1.0], units="%", title="share")
    drawn = lines_of([rain, heat, rain, third], two_axes=True)
    assert [(line.table.units, line.on_right) for line in drawn] == [
        ("mm/day", False),
        ("K", True),
        ("mm/day", False),
    ]


def many(count: int, **changes: object) -> SeriesTable:
    names = tuple(f"Zone {place}" for place in range(count))
    table = daily([1.0, np.nan, 3.0])
    copies = {name: np.repeat(getattr(table, name), count, 1) for name in ("values", "percent")}
    return replace(table, zones=names, **copies, **changes)


def test_five_results_share_the_lines_that_one_can_tell_apart():
    assert len(lines_of([many(500)])) == MOST_LINES
    lines = lines_of([many(500)] + [many(3)] * 4)
    assert len(lines) == 10
    assert {line.table.zones[line.zone] for line in lines} == {"Zone 0", "Zone 1"}
    years = [many(1, period=Period.parse(year)) for year in ("2018", "2019")]
    names = [line.name for line in lines_of(years)]
    assert names[0] == "Zone 0: mean of rain, 2018-01-01 to 2018-12-31"
    assert len(set(names)) == 2


def test_a_line_grows_where_it_stands_by_the_rows_that_are_new():
    chart = SeriesChart([daily([1.0, 2.0])])
    line, marks = (one.data_source for one in chart.figure.renderers)
    streamed: list[object] = []
    document = Document()
    document.add_root(chart.figure)
    document.on_change(lambda event: streamed.append((event.kind, len(event.data["value"]))))
    assert chart.extend([daily([1.0, 2.0, 3.0])])
    assert chart.extend([daily([1.0, 2.0, 3.0])])
    assert streamed == [("ColumnsStreamed", 1)] * 2
    assert line.data["value"].tolist() == marks.data["value"].tolist() == [1.0, 2.0, 3.0]
    assert not chart.extend([many(2)])


def test_steps_that_come_between_others_find_their_place():
    days = daily([1.0, 2.0, 3.0, 4.0])
    early = replace(
        days,
        times=days.times[::3],
        lengths=days.lengths[::3],
        values=days.values[::3],
        percent=days.percent[::3],
        complete=days.complete[::3],
    )
    chart = SeriesChart([early])
    line = chart.figure.renderers[0].data_source
    np.testing.assert_array_equal(line.data["value"], [1.0, np.nan, 4.0])
    assert chart.extend([days])
    assert line.data["value"].tolist() == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.slow
def test_charts_made_at_the_same_time_keep_their_own_colours():
    darks = [False, True] * 4
    with ThreadPoolExecutor(4) as threads:
        charts = list(threads.map(lambda dark: series_chart([many(9)], dark), darks))
    for dark, chart in zip(darks, charts, strict=True):
        lines = chart.renderers[::2]
        wanted = [*colours(dark).lines, colours(dark).lines[0]]
        assert [line.glyph.line_color for line in lines] == wanted
        assert [bool(line.glyph.line_dash) for line in lines] == [False] * 8 + [True]


def test_checks_of_bokeh_stay_on_in_a_chart_so_that_others_can_draw_beside_it():
    seen: set[bool] = set()
    sys.setprofile(lambda *call: seen.add(validation_on()))
    try:
        series_chart([many(2)])
    finally:
        sys.setprofile(None)
    assert seen == {True}


def test_steps_of_no_real_day_keep_their_labels():
    assert daily([1.0]).has_exact_dates
    odd = daily([1.0] * 60, calendar="360_day")
    assert not odd.has_exact_dates
    assert lines_of([odd])[0].columns()["label"][59] == "2019-02-30"
    assert not daily([1.0] * 31).resampled("monthly", "sum").has_exact_dates

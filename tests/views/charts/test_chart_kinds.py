"""One series answers several questions: over the years, added up, against normal, how often."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import cftime
import numpy as np
import panel as pn
import pytest
from bokeh.models import Legend, MultiLine, VBar
from bokeh.plotting import figure

from csserv.request import Period
from csserv.views.charts.chart_figure import LONGEST_LABEL
from csserv.views.charts.chart_kinds import CHART_KINDS, STEPS, first_kind, kinds_for
from csserv.views.charts.common_legend import common_legend
from csserv.views.charts.series_chart import SeriesChart
from csserv.views.charts.series_view import SeriesView
from csserv.views.charts.small_multiples import MOST_CHARTS, small_multiples
from csserv.views.charts.years import Years
from csserv.views.parts.series_table import SeriesTable
from tests.outputs.compared import document, series_of
from tests.views.parts.test_series_table import daily


def months(asked: range = range(2025, 2026), zones: int = 1, **more: Any) -> SeriesTable:
    """Months of some years against 1991 to 2020: n mm in the nth year, of 30 after which 1 follows.

    East has twice as much.
    """
    years = np.repeat(np.arange(35) % 30 + 1.0, 12)
    series = series_of(np.stack([years, 2 * years], axis=1)[:, :zones], asked)
    table = SeriesTable.of_json(document(series) | {"series": series.to_list()})
    period = Period.parse(f"{asked[0]}/{asked[-1]}")
    return replace(table, period=period, **more)


def drawn(table: SeriesTable, kind: str, begin: int = 1) -> figure:
    return CHART_KINDS[kind].draw(table, False, 300, begin)


def data_of(f: figure, *names: str) -> dict[str, Any]:
    """The first columns that have all these names."""
    every = (dict(one.data_source.data) for one in f.renderers)
    return next(data for data in every if set(names) <= set(data))


def days(years: int) -> SeriesTable:
    period = Period.parse(f"2019/{2018 + years}")
    return daily([2.0] * 365 * years, calendar="noleap", is_amount=True, period=period)


@pytest.mark.parametrize(
    ("table", "first", "others"),
    [
        (months(), STEPS, ["totals", "anomalies", "distribution"]),
        (months(range(2018, 2026)), "years", ["years", "totals", "anomalies", "distribution"]),
        (months(range(2018, 2026), rule="mean"), "years", ["years", "anomalies", "distribution"]),
        (days(1), "totals", ["totals", "distribution"]),
        (days(6), "totals", ["years", "totals", "anomalies", "distribution"]),
        (days(6).resampled("yearly", "sum"), "anomalies", ["anomalies"]),
        (daily([1.0]), STEPS, []),
        (daily([np.nan] * 90), STEPS, []),
        (months(range(2018, 2026), of_index=True), STEPS, ["distribution"]),
        (
            months(range(2018, 2026), of_index=True, is_score=True, normals=None),
            "scores",
            ["scores", "distribution"],
        ),
    ],
)
def test_the_chart_that_fits_is_first(table: SeriesTable, first: str, others: list[str]):
    assert kinds_for(table) == [STEPS, *others]
    assert first_kind(table) == first
    for kind in others:
        assert drawn(table, kind).renderers


def test_scores_are_bars_on_both_sides_of_normal():
    scores = daily([-1.5, 0.0, 0.5, np.nan], of_index=True, is_score=True, units="1")
    f = drawn(scores, "scores")
    high, low = [one for one in f.renderers if isinstance(one.glyph, VBar)]
    np.testing.assert_equal(list(low.data_source.data["low"]), [-1.5, np.nan, np.nan, np.nan])
    np.testing.assert_equal(list(high.data_source.data["high"]), [np.nan, np.nan, 0.5, np.nan])
    (legend,) = f.select(Legend)
    assert [one.label.value for one in legend.items] == ["wetter", "drier"]
    assert high.glyph.fill_color != low.glyph.fill_color


def test_this_year_is_bold_the_others_are_grey_and_normal_is_dashed():
    f = drawn(months(range(2020, 2024)), "years")
    (grey,) = [one for one in f.renderers if isinstance(one.glyph, MultiLine)]
    assert grey.data_source.data["year"] == ["2020", "2021", "2022"]
    assert [set(ys) for ys in grey.data_source.data["ys"]] == [{30.0}, {1.0}, {2.0}]
    assert set(data_of(f, "day")["value"]) == {3.0}
    (dashed,) = [one for one in f.renderers if getattr(one.glyph, "line_dash", []) == [6]]
    np.testing.assert_allclose(dashed.data_source.data["value"], 15.5)  # of 1 to 30


def test_years_begin_in_any_month_and_are_named_by_both_parts():
    years = Years(months(range(2020, 2024)), begin=10)
    assert list(years.names.values()) == ["2019/20", "2020/21", "2021/22", "2022/23", "2023/24"]
    sizes = [steps.stop - steps.start for _, steps in years.each()]
    assert sizes == [9, 12, 12, 12, 3]
    places, _, _ = years.usual()
    assert str(places[0])[5:10] == "10-01"
    assert str(places[-1])[5:10] == "09-01"
    assert (np.diff(places).astype(float) > 0).all()


def test_what_adds_up_begins_at_nothing_and_ends_with_the_total():
    whole = data_of(drawn(months(range(2020, 2024)), "totals"), "day")["value"]
    np.testing.assert_allclose(whole, 3.0 * np.arange(13))
    rates = data_of(drawn(days(6), "totals"), "day")["value"]
    assert (rates[0], rates[-1]) == (0.0, 730.0)  # of 2 mm/day, some steps left out
    assert len(rates) < 130


def test_a_step_without_a_value_adds_nothing_and_is_a_gap():
    table = daily([1.0, np.nan, 1.0])
    np.testing.assert_array_equal(
        data_of(drawn(table, "totals"), "day")["value"], [0.0, 1.0, np.nan, 2.0]
    )


def test_anomalies_are_bars_on_both_sides_of_normal():
    f = drawn(months(range(2019, 2023)), "anomalies")  # 29, 30, 1 and 2 mm; normal is 15.5
    bars = [one for one in f.renderers if isinstance(one.glyph, VBar)]
    assert [one.glyph.top for one in bars] == ["high", "low"]
    data = bars[0].data_source.data
    np.testing.assert_array_equal(data["high"][::12], [13.5, 14.5, np.nan, np.nan])
    np.testing.assert_array_equal(data["low"][::12], [np.nan, np.nan, -14.5, -13.5])


def test_without_normals_the_mean_of_the_years_stands_and_says_so():
    table = replace(months(range(2018, 2026)), normals=None)
    years = Years(table)
    assert years.normal is not None
    np.testing.assert_allclose(years.normal, table.values.mean())
    assert years.normal_words == "mean of 2018 to 2025"
    assert Years(replace(months(range(2022, 2026)), normals=None)).normal is None


def test_leap_days_and_those_of_other_calendars_have_a_place():
    times = (cftime.datetime(2020, 2, 29), cftime.datetime(2019, 2, 30, calendar="360_day"))
    for time in times:
        table = daily([1.0], calendar=time.calendar)
        assert str(Years(replace(table, times=(time,))).places[0])[:10] == "2004-02-29"


def shown(view: SeriesView, kind: str) -> list[figure]:
    """The figures in the place of a kind of chart."""
    return [pane.object for pane in view.charts._places[kind].select(pn.pane.Bokeh)]


async def until(view: SeriesView, kind: str, count: int) -> None:
    """Wait: choices are drawn by tasks of their own."""
    async with asyncio.timeout(60):
        while len(shown(view, kind)) != count:
            await asyncio.sleep(0.01)


def test_all_kinds_are_in_the_page_before_somebody_chooses_one():
    view = SeriesView()

    async def run() -> None:
        await view.show(months(range(2018, 2026)), {})
        await until(view, "distribution", 1)  # the last one

    asyncio.run(run())
    assert view.charts.kind == "years"
    assert [kind for kind, place in view.charts._places.items() if place.visible] == ["years"]
    before = {kind: shown(view, kind) for kind in view.charts.offered}
    assert all(len(figures) == 1 for figures in before.values())
    view.charts.tabs.value = "anomalies"
    assert [kind for kind, place in view.charts._places.items() if place.visible] == ["anomalies"]
    assert {kind: shown(view, kind) for kind in before} == before


def test_zones_and_kind_that_are_wanted_are_seen_first_and_others_are_left_out():
    names = ("West", "East")
    table = months(range(2018, 2026), zones=2)
    view = SeriesView()

    async def run() -> list[tuple[str, tuple[str, ...]]]:
        seen = []
        for zones, kind in (
            ((), ""),
            (("East",), "anomalies"),
            (("Atlantis", "East"), "no such kind"),
            (("East", "West"), "years"),
        ):
            await view.show(replace(table, zones=names), {}, zones, kind)
            while not view.kind:
                await asyncio.sleep(0.01)
            await until(view, view.kind, max(len(view.zones), 1))
            assert [one for one, p in view.charts._places.items() if p.visible] == [view.kind]
            seen.append(view.chosen)
        view.choose("anomalies", ["East"])
        await until(view, "distribution", 1)
        seen.append(view.chosen)
        view.choose("", [])
        seen.append(view.chosen)
        return seen

    assert asyncio.run(run()) == [
        ("", ()),
        ("anomalies", ("East",)),
        ("", ("East",)),
        ("", ("East", "West")),
        ("anomalies", ("East",)),
        ("", ()),
    ]


def test_several_zones_have_a_small_chart_each_on_the_same_axes():
    names = tuple(f"Zone {n}" for n in range(12))
    table = months(range(2018, 2026), zones=2)
    copies = {one: np.repeat(getattr(table, one), 6, axis=1) for one in ("values", "percent")}
    view = SeriesView()

    async def run() -> None:
        await view.show(replace(table, zones=names, normals=None, **copies), {})
        view.zones = list(names)[:MOST_CHARTS]
        await until(view, "years", MOST_CHARTS)

    asyncio.run(run())
    figures = shown(view, "years")
    assert [one.above[-1].text for one in figures] == list(names)[:MOST_CHARTS]
    assert len({one.y_range.id for one in figures}) == 1
    assert entries(view, "years") == ["2025", "mean of 2018 to 2025", "2018 to 2024"]


def entries(view: SeriesView, kind: str) -> list[str]:
    """What the legend of small charts says."""
    (legend,) = view.charts._places[kind].select(pn.pane.HTML)
    return re.findall("([^<>]+)</li>", legend.object)


def test_small_charts_have_one_legend_in_words_that_fit_each_of_them():
    table = months(range(2018, 2026), zones=2)
    zones = [table.select_zones([name]) for name in table.zones]
    other = [replace(one, title="Rain of another archive") for one in zones]
    for kind, shown, said in (
        (STEPS, [[one] for one in zones], "each step|10 to 90 %|33 to 67 %|median, 1991 to 2020"),
        ("distribution", [[one] for one in zones], "median|latest value"),
        (STEPS, list(zip(zones, other, strict=True)), "mean of rain|Rain of another archive"),
    ):
        pane = common_legend(small_multiples(shown, kind, False, 1)).object
        assert re.findall("([^<>]+)</li>", pane) == said.split("|")
        assert pane.count("<svg") == len(said.split("|"))
    escaped = replace(table, zones=("<b>West", "East"), title="<i>")
    many = SeriesChart([escaped]).figure
    assert "&lt;b&gt;West</li>" in common_legend([many]).object


def test_series_without_any_value_is_said_to_have_none_until_there_is_one():
    full = months()
    none = replace(full, values=np.full_like(full.values, np.nan))
    view = SeriesView()
    place = view.charts._places[STEPS]

    async def run() -> None:
        await view.show(none, {})
        async with asyncio.timeout(60):
            while place.min_height:
                await asyncio.sleep(0.01)
        assert "No step of this period has data here." in place[0].object
        assert shown(view, STEPS) == []
        await view.show(full, {})
        await until(view, STEPS, 1)
        assert place.min_height

    asyncio.run(run())


def test_a_long_name_of_values_stands_beside_its_axis_in_lines():
    name = "wet spells of 7 days or more of at least 12.5 mm, by season"
    table = daily([-1.0, 1.0] * 10, quantity=name, axis_quantity=name, is_score=True, units="d")
    whole = [SeriesChart([table], bars=True).figure, drawn(table, "scores")]
    for f in whole:
        lines = str(f.yaxis[0].axis_label).splitlines()
        assert all(len(line) <= LONGEST_LABEL for line in lines)
        assert lines[0].startswith("wet spells of 7 days")
        assert lines[-1].endswith("[d]")

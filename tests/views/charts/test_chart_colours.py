"""What a legend names, everybody tells apart by colour or form, with all kinds of cones or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, LegendItem
from bokeh.plotting import figure

from csserv.tasks.log.usage import Usage
from csserv.views.charts.chart_kinds import CHART_KINDS
from csserv.views.charts.common_legend import Mark, marks_of
from csserv.views.charts.series_chart import SeriesChart
from csserv.views.outlooks.season_chart import season_chart
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import DARK, LIGHT, Colours, colours
from csserv.views.workers.usage_chart import usage_chart
from tests.views.charts.test_chart_kinds import months
from tests.views.colours_seen import SEEN, apart, contrast, over, rgb
from tests.views.outlooks.test_season_views import answer

#: least distance of the colours of lines, and of areas, in CIE Lab; 2.3 is just noticed
APART = {"line": 15.0, "area": 9.0}

#: least contrast of what one must see to understand a chart (WCAG 1.4.11)
CONTRAST = 3.0


def compared(dark: bool) -> figure:
    tables = [replace(months(), title=f"result {number}") for number in range(5)]
    return SeriesChart(tables, dark).figure


def many_zones(dark: bool) -> figure:
    table = months()
    copies = {name: np.repeat(getattr(table, name), 12, 1) for name in ("values", "percent")}
    zones = tuple(f"Zone {number}" for number in range(12))
    return SeriesChart([replace(table, zones=zones, normals=None, **copies)], dark).figure


def usage(dark: bool) -> figure:
    counts = {f"dataset {number}": (1, 2) for number in range(11)}
    shown = Usage((date(2025, 1, 1), date(2025, 1, 2)), counts)
    columns = {f"d{number}": list(one) for number, one in enumerate(counts.values())}
    days = np.array(shown.days, "datetime64[ms]")
    return usage_chart(shown, ColumnDataSource({"day": days} | columns), dark)


def of_kind(kind: str, table: SeriesTable) -> Callable[[bool], figure]:
    return lambda dark: CHART_KINDS[kind].draw(table, dark, 300, 1)


YEARS = months(range(2018, 2026))

#: name → draws a chart in the light or the dark scheme
CHARTS: dict[str, Callable[[bool], figure]] = {
    "bars": lambda dark: SeriesChart([months()], dark, bars=True).figure,
    "line": lambda dark: SeriesChart([months(is_amount=False, rule="mean")], dark).figure,
    "compared": compared,
    "many zones": many_zones,
    "rain anomalies": of_kind("anomalies", YEARS),
    "warm and cold": of_kind("anomalies", replace(YEARS, units="degC", rule="mean")),
    **{kind: of_kind(kind, YEARS) for kind in ("years", "totals", "distribution")},
    "season": lambda dark: season_chart(answer(), 0, dark),
    "usage": usage,
}


def look_alike(one: LegendItem, other: LegendItem, c: Colours, seen: str) -> bool:
    """Whether the marks of two entries of a legend look the same to somebody, each as its pair."""
    pairs = zip(marks_of(one), marks_of(other), strict=False)
    return all(_are_alike(*pair, c, seen) for pair in pairs)


def _are_alike(one: Mark, other: Mark, c: Colours, seen: str) -> bool:
    if (one.form, one.dashes, one.hatch) != (other.form, other.dashes, other.hatch):
        return False
    paper = rgb(c.background)
    first, second = (over(each.colour, each.opacity, paper) for each in (one, other))
    return apart(first, second, seen) < APART[one.form]


def entries(f: figure) -> Iterator[LegendItem]:
    for legend in f.legend:
        yield from legend.items


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", CHARTS)
def test_no_two_entries_of_a_legend_look_alike_to_anybody(name: str, dark: bool):
    items, c = list(entries(CHARTS[name](dark))), colours(dark)
    assert len(items) > 1
    alike = [
        (seen, one.label, other.label)
        for seen in SEEN
        for one, other in combinations(items, 2)
        if look_alike(one, other, c, seen)
    ]
    assert alike == []


@pytest.mark.parametrize("c", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_stand_out_of_the_paper_and_of_each_other(c: Colours):
    lines = [rgb(colour) for colour in c.lines]
    assert min(contrast(one, rgb(c.background)) for one in lines) > CONTRAST
    for seen in SEEN:
        assert min(apart(*pair, seen) for pair in combinations(lines, 2)) > APART["line"]

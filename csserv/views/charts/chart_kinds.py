"""The kinds of charts of one series: which fit it, and which answers at first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from bokeh.plotting import figure

from csserv.language import mark, tr
from csserv.views.charts.anomaly_bars import anomaly_bars, score_bars
from csserv.views.charts.distribution import distribution
from csserv.views.charts.year_lines import totals_since, year_lines
from csserv.views.charts.years import Years
from csserv.views.parts.series_table import SeriesTable

#: the chart of steps: bars of amounts with what is normal behind, else lines
STEPS = "steps"

#: a year is longer than this, and steps shorter, where years are laid over one another [days]
NEARLY_A_YEAR = 300.0

#: fewest values that have a distribution
FEWEST_VALUES = 8

#: more steps than these hide each other side by side: years over one another answer first
MOST_STEPS = 72

#: draws a table of one zone: dark, height, month in which years begin
Draw = Callable[[SeriesTable, bool, int, int], figure]


@dataclass(frozen=True)
class ChartKind:
    """A kind of chart.

    Attributes
    ----------
    title : on its tab
    fits : whether a table of one zone can be drawn so
    draw : draws it
    has_years : whether it lays years over one another
    """

    title: str
    fits: Callable[[SeriesTable], bool]
    draw: Draw
    has_years: bool = False


def kinds_for(table: SeriesTable) -> list[str]:
    """Return the kinds that a table of one zone can be drawn as, that of the steps first."""
    known = np.isfinite(table.values).any()
    return [STEPS, *(name for name, kind in CHART_KINDS.items() if known and kind.fits(table))]


def first_kind(table: SeriesTable) -> str:
    """Return the kind that answers at first, by what the values are and how long steps are.

    Of more steps than can be told apart: years over one another, of which days of rain are totals;
    of a few years with one value each, and of scores, what they are more or less than usual.
    """
    kinds, many = kinds_for(table), len(table.times) > MOST_STEPS
    if "scores" in kinds:
        return "scores"
    if many and "totals" in kinds and float(np.median(table.lengths)) < 4:
        return "totals"
    if many and "years" in kinds:
        return "years"
    if "anomalies" in kinds and not _within_a_year(table) and len(table.times) > 1:
        return "anomalies"
    return STEPS


def tab_titles() -> Mapping[str, str]:
    """Return kind → title of its tab."""
    titles = {name: tr(kind.title) for name, kind in CHART_KINDS.items()}
    return {STEPS: tr("Step by step")} | titles


def _within_a_year(table: SeriesTable) -> bool:
    """Whether steps are parts of years."""
    return bool(float(np.median(table.lengths)) < NEARLY_A_YEAR)


def _has_years(table: SeriesTable) -> bool:
    return _within_a_year(table) and not table.of_index and len(Years(table).names) > 1


def _adds_up(table: SeriesTable) -> bool:
    is_mean = table.rule == "sum" and table.summary.startswith("mean")
    return table.adds_up and not is_mean and _within_a_year(table) and len(table.times) > 1


def _has_normal(table: SeriesTable) -> bool:
    normal = None if table.of_index else Years(table).normal
    return normal is not None and bool(np.isfinite(table.values[:, 0] - normal).any())


def _has_values(table: SeriesTable) -> bool:
    return int(np.isfinite(table.values).sum()) >= FEWEST_VALUES


def _is_score(table: SeriesTable) -> bool:
    return table.is_score


CHART_KINDS: Mapping[str, ChartKind] = {
    "scores": ChartKind(mark("Drier and wetter"), _is_score, score_bars),
    "years": ChartKind(mark("Year over year"), _has_years, year_lines, True),
    "totals": ChartKind(mark("Adding up"), _adds_up, totals_since, True),
    "anomalies": ChartKind(mark("Anomalies"), _has_normal, anomaly_bars),
    "distribution": ChartKind(mark("Distribution"), _has_values, distribution),
}

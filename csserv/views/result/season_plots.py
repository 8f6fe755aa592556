"""Plots for notebooks of the years of one zone beside each other, and of several results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models.formatters import DatetimeTickFormatter
from hvplot import hvPlotTabular
from numpy.typing import NDArray

from csserv.errors import InvalidRequestError
from csserv.name_folding import fold_name
from csserv.outputs.questions.compared_results import Comparison
from csserv.request.coordinate_labels import listed
from csserv.units import over_days, over_steps, titled
from csserv.views.charts.chart_lines import isolated
from csserv.views.charts.kind_figure import value_label
from csserv.views.maps.zone_plots import FRAME
from csserv.views.parts.offline import load_plotting
from csserv.views.parts.plot_titles import title_of
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import LIGHT

#: height of the plots, which use all the width [pixels]
HEIGHT = 340

#: looks of the lines: other years, what is normal, and the last year
OTHERS = {"color": "#8f9ba3", "line_width": 1, "alpha": 0.6}
USUAL = {"color": LIGHT.text, "line_width": 2, "line_dash": "dashed"}
LAST = {"color": LIGHT.lines[0], "line_width": 3}

#: size of a step that has no neighbours
DOT = 6

Floats = NDArray[np.float64]


def draw_season(
    table: SeriesTable, zone: str | None, start: int, cumulative: bool, options: dict[str, Any]
) -> hv.Overlay:
    """Draw each year as a line over the months; see ``Plots.season``."""
    if start not in range(1, 13):
        raise InvalidRequestError(f"start is {start!r}; allowed are the months, 1 to 12")
    shown = one_zone(table, zone)
    series = {"value": shown.values[:, 0]}
    if shown.normals:
        series["normal"] = shown.normals.numbers["normal"][:, 0]
    units = shown.units
    if cumulative:
        units = _units_of_amounts(shown)
        series = {name: _amounts(shown, one) for name, one in series.items()}
    years = np.array([one.year - (one.month < start) for one in shown.times])
    days = _days_of_year(shown, start)

    def line(name: str, year: int, label: str, look: dict[str, Any]) -> list[hv.Element]:
        rows = years == year
        values = np.cumsum(series[name][rows]) if cumulative else series[name][rows]
        curve = hv.Curve({"day": days[rows], "amount": values}, "day", "amount", label=label)
        drawn = [curve.opts(**look, backend="bokeh")]
        if (alone := isolated(values)).any():
            columns = {"day": days[rows][alone], "amount": values[alone]}
            dots = hv.Scatter(columns, "day", "amount", label=label)
            drawn.append(dots.opts(color=look["color"], size=DOT, backend="bokeh"))
        return drawn

    load_plotting()
    *before, last = sorted(set(years.tolist()))
    if cumulative:
        before = [year for year in before if _begins_in_time(days, years == year, shown)]
    lines = [one for year in before for one in line("value", year, "other years", OTHERS)]
    if shown.normals:
        lines += line("normal", last, f"normal, {shown.normals.reference}", USUAL)
    lines += line("value", last, str(last) if start == 1 else f"{last}-{last + 1}", LAST)
    frame = "sum of {quantity}" if cumulative else "{quantity}"
    label = value_label(replace(shown, units=units), frame)
    return hv.Overlay(lines).opts(
        **_around(days, shown),
        **plot_options(title_of(f"{shown.title}, {shown.zones[0]}", shown.values), label, options),
        xformatter=DatetimeTickFormatter(months="%b", days="%d %b"),
        backend="bokeh",
    )


def draw_comparison(
    compared: Comparison, zone: str | None, options: dict[str, Any]
) -> hv.NdOverlay:
    """Draw a line for each result of a comparison, of one zone."""
    frame = compared.to_dataframe()
    zones = list(dict.fromkeys(frame["zone"]))
    chosen = chosen_zone(zones, zone)
    units = next(iter(compared.results.values())).json["units"]
    load_plotting()
    rows = frame[frame["zone"] == chosen]
    look = plot_options(chosen, titled("value", units), options) | {"legend": "bottom"}
    plain = {name: one for name, one in look.items() if not name.startswith(("legend_", "show_"))}
    return hvPlotTabular(rows).line(
        x="time", y=list(compared.results), color=list(LIGHT.lines), **plain
    )


def one_zone(table: SeriesTable, zone: str | None) -> SeriesTable:
    """Return the table of one zone.

    Raises
    ------
    InvalidRequestError : no such zone, or several; says what there is
    """
    return table.select_zones([chosen_zone(list(table.zones), zone)])


def chosen_zone(zones: list[str], zone: str | None) -> str:
    """Return the zone that is named, in any case, or the only one; see ``one_zone``."""
    if zone is None and len(zones) == 1:
        return zones[0]
    if zone not in zones:
        alike = [one for one in zones if fold_name(one) == fold_name(str(zone))]
        if len(alike) == 1:
            return alike[0]
        said = "say which zone" if zone is None else f"no zone {zone!r}"
        raise InvalidRequestError(f"{said}, of {listed(zones)}")
    return zone


def plot_options(title: str, ylabel: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return options of a plot that uses all the width, and those that were given."""
    common: dict[str, Any] = {
        "title": title,
        "xlabel": "",
        "ylabel": ylabel,
        "height": HEIGHT,
        "legend_position": "bottom",
        "legend_cols": 3,
        "show_grid": True,
    }
    wide = {} if "width" in options else {"responsive": True}
    return common | wide | FRAME | options


def _units_of_amounts(table: SeriesTable) -> str:
    if not table.adds_up:
        raise InvalidRequestError(
            f"{table.title} does not add up over time; leave out cumulative=True"
        )
    return over_days(table.units)[0] if table.rule == "rate" else over_steps(table.units)


def _amounts(table: SeriesTable, values: Floats) -> Floats:
    """Turn rates into the amounts of their steps; amounts stay."""
    if table.rule != "rate":
        return values
    return np.asarray(values * table.lengths * over_days(table.units)[1])


def _around(days: NDArray[np.datetime64], table: SeriesTable) -> dict[str, Any]:
    """Return limits around a single day, where the axis would count milliseconds."""
    if days.min() < days.max():
        return {}
    step = np.timedelta64(round(table.lengths.max() * 86400), "s")
    return {"xlim": (days[0] - step, days[0] + step)}


def _begins_in_time(
    days: NDArray[np.datetime64], rows: NDArray[np.bool_], table: SeriesTable
) -> bool:
    """Whether a year has its first step: what fell since its start is not known without it."""
    late = (days[rows][0] - days.min()) / np.timedelta64(1, "D")
    return bool(late < max(table.lengths.max(), 1.0))


def _days_of_year(table: SeriesTable, start: int) -> NDArray[np.datetime64]:
    """Put each step into one and the same year, with a February of 29 days, from ``start`` on."""
    first = 2000 if start <= 2 else 1999
    days = []
    for time in table.times:
        year = first + (time.month < start)
        month = np.datetime64(f"{year}-{time.month:02}", "M")
        last = (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
        days.append(min(month.astype("datetime64[D]") + (time.day - 1), last))
    return np.array(days, dtype="datetime64[ns]")

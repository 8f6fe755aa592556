"""Plots for notebooks against what is normal: bars up and down, and maps of a statistic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np

from csserv.errors import InvalidRequestError
from csserv.outputs.questions.ranked_zones import units_of_values, zone_values
from csserv.outputs.series_result import SeriesResult
from csserv.outputs.several_operations import choose_operation
from csserv.outputs.words.quantity_words import is_amount
from csserv.outputs.words.rank_words import Words, comparison_words
from csserv.units import titled
from csserv.views.parts.normals_table import TITLES
from csserv.views.parts.offline import load_plotting
from csserv.views.parts.plot_titles import NOTHING_COMPARED, title_of
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import LIGHT
from csserv.views.result.season_plots import one_zone, plot_options
from csserv.views.zones.shades import DIVERGING, kind_of

#: statistic → the value that is neither more nor less than normal
MIDDLES = {"anomaly": 0.0, "percent_of_normal": 100.0, "percentile_rank": 50.0}

#: statistic → half of the range of colours; of others, the largest distance from the middle
HALVES = {"percent_of_normal": 100.0, "percentile_rank": 50.0}

#: share of a step that its bar takes
BAR = 0.82


def draw_anomaly(
    answer: SeriesResult, zone: str | None, value: str, options: dict[str, Any]
) -> hv.Overlay:
    """Draw how far values are from normal, as bars up and down; see ``Plots.anomaly``."""
    if value not in ("anomaly", "percent_of_normal"):
        raise InvalidRequestError(f"value is {value!r}; allowed are anomaly, percent_of_normal")
    shown = one_zone(of_statistic(answer, value), zone)
    words, colours = words_of(answer), diverging_of(answer)
    base, numbers = MIDDLES[value], shown.values[:, 0]
    load_plotting()
    bars = [
        _bars(shown, rows, base, f"{word} than normal").opts(
            color=colour, line_color=colour, backend="bokeh"
        )
        for word, colour, rows in (
            (words[0], colours[0], numbers < base),
            (words[1], colours[-1], numbers >= base),
        )
    ]
    line = hv.HLine(base).opts(color=LIGHT.text, line_width=1, backend="bokeh")
    title = title_of(f"{shown.title}, {shown.zones[0]}", shown.values, NOTHING_COMPARED)
    label = titled(TITLES[value][0], shown.units)
    span = shown.positions[0], shown.positions[-1] + np.timedelta64(round(shown.lengths[-1]), "D")
    look = {"xlim": span} | plot_options(title, label, options)
    return (hv.Overlay(bars) * line).opts(**look, backend="bokeh")


def of_statistic(answer: SeriesResult, value: str) -> SeriesTable:
    """Return the table of a result with a statistic in place of its values.

    Raises
    ------
    InvalidRequestError : the result has no such statistic; says what it has
    """
    plain = choose_operation(answer.json)
    table = SeriesTable.of_json(plain)
    numbers = zone_values(plain, value).reshape(len(table.zones), -1).T
    title = f"{TITLES[value][0].lower() if value in TITLES else value}, {table.title}"
    units = units_of_values(plain, value)
    return replace(
        table,
        values=numbers,
        units=units,
        title=title,
        normals=None,
        quantity="",
        axis_quantity="",
        is_amount=False,
    )


def colours_of(answer: SeriesResult, table: SeriesTable, value: str) -> dict[str, Any]:
    """Return palette and range of colours of a statistic, with what is normal in the middle."""
    if value not in MIDDLES:
        return {}
    middle = MIDDLES[value]
    away = np.abs(table.values - middle)
    farthest = float(np.nanmax(away)) if np.isfinite(away).any() else 1.0
    half = HALVES.get(value, farthest or 1.0)
    return {"cmap": list(diverging_of(answer)), "clim": (middle - half, middle + half)}


def diverging_of(answer: SeriesResult) -> tuple[str, ...]:
    """Return the colours from less to more of a result, those of the map on its page."""
    return DIVERGING[kind_of(answer.json["units"], is_amount(answer.json))]


def words_of(answer: SeriesResult) -> Words:
    """Return the words of less and more of the variable of a result."""
    said = answer.json.get("variable", {})
    return comparison_words(said.get("standard_name"), said.get("long_name"))


def _bars(table: SeriesTable, rows: Any, base: float, label: str) -> hv.Rectangles:
    """Return bars from what is normal to the value, in the middle of their steps."""
    length = table.lengths * 86_400_000.0
    start = table.positions.astype("datetime64[ms]")
    edges = [
        (start + (share * length).astype("timedelta64[ms]"))[rows]
        for share in ((1 - BAR) / 2, (1 + BAR) / 2)
    ]
    value = table.values[rows, 0]
    level = np.full(len(value), base)
    columns = (edges[0], np.minimum(value, level), edges[1], np.maximum(value, level), value)
    return hv.Rectangles(columns, vdims=["value"], label=label)

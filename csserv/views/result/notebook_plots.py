"""Plots for notebooks: series as lines over time, zones coloured by value on a map."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import pandas as pd
from bokeh.models.formatters import CONTEXTUAL_DATETIME_FORMATTER, DatetimeTickFormatter
from hvplot import hvPlotTabular

from csserv.errors import TaskNotFinishedError
from csserv.outputs.series_result import SeriesResult
from csserv.views.charts.chart_lines import MOST_LINES, marked
from csserv.views.maps.zone_plots import FRAME, ZoneMaps
from csserv.views.parts.offline import load_drawing
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import LIGHT

#: of lines, which are as wide as there is room [pixels]
HEIGHT = 340


class Plots:
    """Draws an answer: called, as lines over time; by ``map``, as zones coloured by value.

    Both give HoloViews objects: ``*`` lays one over another, ``+`` puts them side by side, and
    ``.opts(...)`` changes how they look.
    """

    def __init__(self, answer: SeriesResult) -> None:
        self._answer = answer

    def __call__(self, **options: Any) -> hv.Overlay | hv.NdOverlay | hv.Curve:
        """Draw a line a zone; steps without data are gaps.

        Parameters
        ----------
        options : of hvPlot: ``title``, ``width``, ``height``, ``color``, ``logy``, ``legend``, …

        Raises
        ------
        TaskNotFinishedError : no step is known yet
        """
        table = self._table()
        load_drawing()
        return _lines(table, {"title": f"{table.title}, {self._answer.area.title}"} | options)

    def map(self, step: Any = None, *, slider: bool = False, **options: Any) -> Any:
        """Draw the zones of the area, coloured by value.

        Parameters
        ----------
        step : which one, as it is written in the result or a beginning of it: ``"2019-03-07"``,
            ``"2019-03"``; the mean over all steps unless given
        slider : with a slider of all steps, that starts at ``step``; needs a running kernel
        options : of HoloViews' polygons: ``title``, ``cmap``, ``clim``, ``width``, …

        Raises
        ------
        InvalidRequestError : there is no such step; says what there is
        TaskNotFinishedError : no step is known yet
        """
        table = self._table()
        load_drawing()
        zones = ZoneMaps(self._answer, table, options)
        if slider:
            return zones.sliding(0 if step is None else zones.place(step))
        return zones.mean() if step is None else zones.at(zones.place(step))

    def _table(self) -> SeriesTable:
        if not self._answer.json["series"][0]["time"]:
            raise TaskNotFinishedError("no step is known yet; ask again in a moment")
        return SeriesTable.of(self._answer)


def _lines(table: SeriesTable, options: dict[str, Any]) -> Any:
    frame = pd.concat(
        [table.frame(i).assign(zone=name) for i, name in enumerate(table.zones)], ignore_index=True
    )
    several = len(table.zones) > 1
    common: dict[str, Any] = {
        "x": "time",
        "y": "value",
        "by": "zone" if several else None,
        "hover_cols": ["label", "percent", "zone"],
        "hover_tooltips": [
            ("", "@zone"),
            ("Time", "@label"),
            ("Value", f"@value{{0,0.[000]}} {table.units}"),
            ("With data", "@percent{0.[0]} %"),
        ],
        "xlabel": "",
        "ylabel": f"{table.title} [{table.units}]",
        "legend": "right" if several and len(table.zones) <= MOST_LINES else False,
        "color": _line_colours(len(table.zones)),
        "padding": (0.02, 0.1),
        "xformatter": _short_dates(),
        "height": HEIGHT,
        "responsive": "width" not in options,
        **FRAME,
    }
    lines = hvPlotTabular(frame).line(**common | options)
    alone = frame.groupby("zone", sort=False)["value"].transform(lambda one: marked(one.to_numpy()))
    dots = frame[alone.astype(bool)]
    if dots.empty:
        return lines
    return lines * hvPlotTabular(dots).scatter(**common | {"size": 16} | options)


def _short_dates() -> DatetimeTickFormatter:
    """Write a year below its first month: on a phone, labels as "Jan 2019" run into each other."""
    dates = CONTEXTUAL_DATETIME_FORMATTER()
    dates.months = "%b"
    dates.context = DatetimeTickFormatter(
        **dict.fromkeys(("seconds", "minsec", "minutes", "hourmin", "hours"), "%b %d, %Y"),
        **dict.fromkeys(("days", "months"), "%Y"),
        years="",
        hide_repeats=True,
        boundary_scaling=False,
        context_which="all",
    )
    return dates


def _line_colours(count: int) -> Any:
    return list(LIGHT.lines) if count > 1 else LIGHT.lines[0]

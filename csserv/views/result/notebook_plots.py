"""Plots for notebooks: series over time, and zones coloured by value on a map."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import pandas as pd
from bokeh.models.formatters import CONTEXTUAL_DATETIME_FORMATTER, DatetimeTickFormatter
from hvplot import hvPlotTabular

from csserv.errors import TaskNotFinishedError
from csserv.outputs.further_dimensions import check_one_selection
from csserv.outputs.lookup import find_step
from csserv.outputs.series_result import SeriesResult
from csserv.units import with_units
from csserv.views.charts.chart_figure import pointed_at
from csserv.views.charts.chart_lines import MOST_LINES, with_marker
from csserv.views.charts.kind_figure import value_label
from csserv.views.charts.normal_bands import BAND_ALPHAS, band_names, band_rows
from csserv.views.maps.zone_plots import FRAME, ZonePlots
from csserv.views.parts.normals_table import INNER, MIDDLE, OUTER, POINTED, Normals
from csserv.views.parts.offline import load_plotting
from csserv.views.parts.plot_titles import NOTHING, NOTHING_COMPARED, title_of
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import LIGHT

#: height of plots of lines, which use all the width [pixels]
LINE_PLOT_HEIGHT = 340


class Plots:
    """Plots an answer: ``plot()`` as lines over time, ``plot.map()`` as zones coloured by value.

    Both return HoloViews objects: ``*`` overlays them, ``+`` puts them side by side, and
    ``.opts(...)`` changes their look.
    """

    def __init__(self, answer: SeriesResult) -> None:
        self._answer = answer

    def __call__(
        self, zone: str | None = None, **options: Any
    ) -> hv.Overlay | hv.NdOverlay | hv.Curve:
        """Draw a line for each zone, or for one; steps without data are gaps.

        The line of one zone that is compared with what is normal has that behind it: a band where
        8 of 10 years of the reference were, one of the middle third, and the median.

        Parameters
        ----------
        zone : name of the only one to be drawn
        options : of hvPlot, such as ``title``, ``width``, ``height``, ``color``, ``legend``

        Raises
        ------
        InvalidRequestError : no such zone; says what there is
        TaskNotFinishedError : no step is computed yet
        """
        table = self._table()
        load_plotting()
        where = self._answer.area.title
        if zone is not None:
            from csserv.views.result.season_plots import one_zone

            table = one_zone(table, zone)
            where = table.zones[0]
        title = title_of(f"{_said(table)}, {where}", table.values)
        return _lines(table, {"title": title} | options)

    def season(
        self,
        zone: str | None = None,
        *,
        start: int = 1,
        cumulative: bool = False,
        **options: Any,
    ) -> hv.Overlay:
        """Draw the years of one zone as lines above each other: the last one bold, others grey.

        What is normal is dashed, where the result is compared with it.

        Parameters
        ----------
        zone : name; needed only if there are several
        start : month that a year begins with, such as 10 for seasons over the turn of the year
        cumulative : whether to add up the amounts since the year began; a gap ends the line, and
            other years without their first step are left out
        options : of HoloViews' overlays: ``title``, ``width``, ``height``, …

        Raises
        ------
        InvalidRequestError : no such zone, or several, or values do not add up; says what there is
        TaskNotFinishedError : no step is computed yet
        """
        from csserv.views.result.season_plots import draw_season

        check_one_selection(self._answer.json, "result.select({name}='{label}').plot.season()")
        return draw_season(self._table(), zone, start, cumulative, options)

    def anomaly(
        self, zone: str | None = None, *, value: str = "anomaly", **options: Any
    ) -> hv.Overlay:
        """Draw how far each step of one zone is from normal, as bars up and down.

        Parameters
        ----------
        zone : name; needed only if there are several
        value : "anomaly", or "percent_of_normal"
        options : of HoloViews' overlays: ``title``, ``width``, ``height``, …

        Raises
        ------
        InvalidRequestError : no such zone, or several; or the result is compared with nothing
        TaskNotFinishedError : no step is computed yet
        """
        from csserv.views.result.anomaly_plots import draw_anomaly

        check_one_selection(self._answer.json, "result.select({name}='{label}').plot.anomaly()")
        self._table()
        return draw_anomaly(self._answer, zone, value, options)

    def map(
        self, step: Any = None, *, value: str = "value", slider: bool = False, **options: Any
    ) -> Any:
        """Draw the zones of the area, coloured by value, or by a statistic against what is normal.

        Parameters
        ----------
        step : time of the step as in the result, the start of it that no other has, such as
            ``"2019-03"`` of months, or a day that lies in it; unless given, the mean over all
            steps is drawn, of a statistic the last step that has one
        value : "value", "percent_of_normal", "anomaly", "percentile_rank" or another statistic of
            the result; these three in two colours, with what is normal between them
        slider : whether to add a slider of all steps, which starts at ``step``; it needs a running
            kernel
        options : options of HoloViews' polygons: ``title``, ``cmap``, ``clim``, ``width``, …; with
            a width or a height, the other follows from the area

        Raises
        ------
        InvalidRequestError : there is no such step, or several; says what there is. Or zones have
            several series, of members perhaps
        TaskNotFinishedError : no step is computed yet
        """
        check_one_selection(self._answer.json, "result.select({name}='{label}').plot.map()")
        table, look = self._table(), {}
        load_plotting()
        if value != "value":
            from csserv.views.result.anomaly_plots import colours_of, of_statistic

            table = of_statistic(self._answer, value)
            look = colours_of(self._answer, table, value)
        nothing = NOTHING if value == "value" else NOTHING_COMPARED
        plots = ZonePlots(self._answer, table, options, look, nothing)
        if slider:
            return plots.with_slider(0 if step is None else find_step(self._answer.json, step))
        if step is not None:
            return plots.at_step(find_step(self._answer.json, step))
        return plots.mean() if value == "value" else plots.at_step(table.last_known)

    def _table(self) -> SeriesTable:
        if not self._answer.json["series"][0]["time"]:
            raise TaskNotFinishedError("no step is known yet; ask again in a moment")
        return SeriesTable.of(self._answer)


def _lines(table: SeriesTable, options: dict[str, Any]) -> Any:
    frame = pd.concat(
        [table.frame(i).assign(zone=name) for i, name in enumerate(table.zones)], ignore_index=True
    )
    many = len(table.zones) > 1
    common: dict[str, Any] = {
        "x": "time",
        "y": "value",
        "by": "zone" if many else None,
        "sort_date": False,  # steps are in order, and sorted anew zones would not be
        "hover_cols": ["label", "percent", "zone", *(POINTED if table.normals else ())],
        "hover_tooltips": [
            ("", "@zone"),
            ("Time", "@label"),
            ("Value", with_units("@value{0,0.[000]}", table.units)),
            *(pointed_at(table.units) if table.normals else ()),
            ("With data", "@percent{0.[0]} %"),
        ],
        "xlabel": "",
        "ylabel": value_label(table),
        "legend": "right" if many and len(table.zones) <= MOST_LINES else False,
        "color": _line_colours(len(table.zones)),
        "padding": (0.02, 0.1),
        "xformatter": _short_dates(),
        "height": LINE_PLOT_HEIGHT,
        "responsive": "width" not in options,
        **FRAME,
    }
    lines = hvPlotTabular(frame).line(**common | options)
    bands = _bands(table, table.normals) if table.normals and not many else None
    alone = frame.groupby("zone", sort=False)["value"].transform(
        lambda one: with_marker(one.to_numpy())
    )
    dots = frame[alone.astype(bool)]
    if not dots.empty:
        lines = lines * hvPlotTabular(dots).scatter(**common | {"size": 16} | options)
    if bands is None:
        return lines
    return (bands * lines).opts(legend_position="bottom", legend_cols=3, backend="bokeh")


def _bands(table: SeriesTable, normals: Normals) -> hv.Overlay:
    """Draw what is normal: the outer band, the inner one, and the median."""
    rows = band_rows(table, normals)
    outer, inner, middle = band_names(normals)
    areas = [
        hv.Area(rows, "time", list(pair), label=name).opts(
            color=LIGHT.band, alpha=alpha, line_alpha=0, backend="bokeh"
        )
        for name, pair, alpha in zip((outer, inner), (OUTER, INNER), BAND_ALPHAS, strict=True)
    ]
    line = hv.Curve(rows, "time", MIDDLE, label=middle)
    line = line.opts(color=LIGHT.band, line_dash="dotted", backend="bokeh")
    return hv.Overlay([*areas, line])


def _short_dates() -> DatetimeTickFormatter:
    """Return labels of months with the year below: labels as "Jan 2019" overlap on phones."""
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


def _said(table: SeriesTable) -> str:
    """Return what the values are, in words that people use where they are known."""
    return table.quantity or table.title

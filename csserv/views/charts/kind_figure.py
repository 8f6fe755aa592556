"""What the figures of all kinds of charts have in common: axes, tools, colours, names."""

from __future__ import annotations

from typing import Any

from bokeh.models import BoxZoomTool, DataRange1d, DatetimeTickFormatter, NoOverlap, SaveTool
from bokeh.plotting import figure

from csserv.language import listed, tr
from csserv.units import titled
from csserv.views.charts.chart_figure import FIGURE_NAME, apply_colours, in_lines
from csserv.views.charts.local_dates import name_times
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import Colours


def kind_figure(kind: str, c: Colours, height: int, x_label: str, y_label: str) -> figure:
    """Return an empty figure.

    Parameters
    ----------
    kind : of the chart, part of the figure's name
    height : [pixels]; the width is that of the page
    """
    is_time = kind not in ("distribution",)
    f = figure(
        name=f"{FIGURE_NAME}_{kind}",
        height=height,
        width=None,
        sizing_mode="stretch_width",
        x_axis_type="datetime" if is_time else "linear",
        x_range=DataRange1d(syncable=False),
        y_range=DataRange1d(syncable=False),
        toolbar_location="above",
        output_backend="canvas",
        tools="",
    )
    box = BoxZoomTool()
    f.add_tools("xpan", "xwheel_zoom", box, "reset", SaveTool(filename=kind))
    f.toolbar.update(logo=None, autohide=True, active_drag=box)
    f.xaxis.update(axis_label=x_label, major_label_policy=NoOverlap(min_distance=8))
    f.yaxis.axis_label = y_label
    if is_time:
        name_times(f)
    apply_colours(f, c)
    return f


def year_axis(f: figure) -> None:
    """Name the months of a year, whichever it is."""
    words: dict[str, Any] = {"days": "%d %b", "months": "%b", "years": "%b", "hours": "%d %b %Hh"}
    f.xaxis.formatter = DatetimeTickFormatter(**words)
    name_times(f, with_year=False)


def value_label(table: SeriesTable, frame: str = "{quantity}") -> str:
    """Return the label of an axis of values: what they are, and their units."""
    # where in the area it is from stands above the chart
    said = table.axis_quantity or table.title
    if table.summary:
        said = listed([said, tr(table.summary)])
    return in_lines(titled(tr(frame, quantity=said), table.units))

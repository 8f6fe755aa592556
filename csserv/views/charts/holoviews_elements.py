"""Lines and markers over time, drawn by HoloViews; safe to call in several threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import holoviews as hv
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
from holoviews.plotting.bokeh import CurvePlot, PointPlot
from holoviews.plotting.bokeh.renderer import BokehRenderer
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]

#: columns of a line, and of its markers
LineParts = tuple[Columns, Columns]


def draw_lines(parts: Sequence[LineParts], colours: Sequence[str]) -> figure:
    """Draw lines, each with its markers.

    Parameters
    ----------
    parts : columns of each line and its markers, of which ``time`` and ``value`` are drawn
    colours : of the lines, in turn; further lines repeat them dashed

    Returns
    -------
    figure : its renderers are each line followed by its markers
    """
    layers = [
        kind(columns, "time", "value")
        for part in parts
        for kind, columns in zip((SeriesLine, SeriesMarks), part, strict=True)
    ]
    # the browser computes the ranges of axes: HoloViews would go through all values for that
    common = {"normalize": False, "backend": "bokeh"}
    look = common | {"color": hv.Cycle(list(colours)), "apply_ranges": False, "default_tools": []}
    dashes = hv.Cycle([dash for dash in ("solid", "dashed") for _ in colours])
    overlay = hv.Overlay(layers).opts(
        hv.Options("SeriesLine", line_width=1.8, line_dash=dashes, **look),
        hv.Options("SeriesMarks", size=6, **look),
        hv.Options("Overlay", show_legend=False, show_grid=True, **common),
    )
    # a document of its own, as the plot would else belong to that of any session
    plot = BokehRenderer.instance(mode="server").get_plot(overlay, doc=Document())
    made: figure = plot.state
    return made


class SeriesLine(hv.Curve):
    """A line over time."""


class SeriesMarks(hv.Scatter):
    """The markers of a line."""


class _Validated:
    """Fills a data source without turning off bokeh's validation, as HoloViews 1.23 does.

    That turns it off in all threads: a map drawn by another thread then takes the name of its
    column of colours for a colour, and does not appear, in one visit of four.
    """

    def _update_datasource(self, source: ColumnDataSource, data: dict[str, Any]) -> None:
        source.data = dict(data)


class SeriesLinePlot(_Validated, CurvePlot):
    """Draws a line."""


class SeriesMarksPlot(_Validated, PointPlot):
    """Draws markers."""


hv.Store.register({SeriesLine: SeriesLinePlot, SeriesMarks: SeriesMarksPlot}, "bokeh")

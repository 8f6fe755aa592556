"""Lines and marks over time as HoloViews draws them, in a thread beside others."""

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

#: of a line itself, and of its marks
Parts = tuple[Columns, Columns]


def drawn(parts: Sequence[Parts], colours: Sequence[str]) -> figure:
    """Draw lines, each with its marks.

    Parameters
    ----------
    parts : of each line; ``time`` and ``value`` are drawn
    colours : in the order of the lines; when all are taken, lines are dashed

    Returns
    -------
    figure : its renderers are each line, followed by its marks
    """
    layers = [
        kind(columns, "time", "value")
        for part in parts
        for kind, columns in zip((SeriesLine, SeriesMarks), part, strict=True)
    ]
    # axes find their ranges in the browser: HoloViews would look through all values for them
    common = {"normalize": False, "backend": "bokeh"}
    look = common | {"color": hv.Cycle(list(colours)), "apply_ranges": False, "default_tools": []}
    dashes = hv.Cycle([dash for dash in ("solid", "dashed") for _ in colours])
    overlay = hv.Overlay(layers).opts(
        hv.Options("SeriesLine", line_width=1.8, line_dash=dashes, **look),
        hv.Options("SeriesMarks", size=6, **look),
        hv.Options("Overlay", show_legend=False, show_grid=True, **common),
    )
    # without a document of its own, the plot would hang on that of any session
    plot = BokehRenderer.instance(mode="server").get_plot(overlay, doc=Document())
    made: figure = plot.state
    return made


class SeriesLine(hv.Curve):
    """A line over time."""


class SeriesMarks(hv.Scatter):
    """The steps of a line that have a mark."""


class _Checked:
    """Fills a source without what HoloViews 1.23 does meanwhile: to turn off bokeh's checks.

    They are off for all threads then. A map that another thread draws has the column of its colours
    taken for a colour, and never shows; in one visit of four.
    """

    def _update_datasource(self, source: ColumnDataSource, data: dict[str, Any]) -> None:
        source.data = dict(data)


class SeriesLinePlot(_Checked, CurvePlot):
    """Draws a line."""


class SeriesMarksPlot(_Checked, PointPlot):
    """Draws marks."""


hv.Store.register({SeriesLine: SeriesLinePlot, SeriesMarks: SeriesMarksPlot}, "bokeh")

"""Charts of series: one line a zone, gaps where data are missing; they grow where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import holoviews as hv
from bokeh.document import Document
from bokeh.models import ColumnDataSource, LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure
from holoviews.plotting.bokeh.renderer import BokehRenderer
from numpy.typing import NDArray

from csserv.views.chart_figure import RIGHT, add_legend, furnish, hover, when_of
from csserv.views.lines import Line, lines_of, marked
from csserv.views.series import SeriesTable
from csserv.views.theme import Colours, colours

#: columns of a line itself, and of its marks
Parts = tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]


class SeriesChart:
    """A figure with a line for each zone of some tables.

    Parameters
    ----------
    tables : those to compare
    two_axes : whether the others have an axis on the right; those of other units have anyway
    """

    def __init__(
        self,
        tables: Sequence[SeriesTable],
        dark: bool = False,
        height: int = 340,
        two_axes: bool = False,
    ) -> None:
        c = colours(dark)
        lines = lines_of(tables, two_axes)
        parts = [_parts(line) for line in lines]
        self.figure = _drawn(parts, c)
        furnish(self.figure, lines, c, height)
        self._keys = [line.key for line in lines]
        self._sources = []
        items = []
        drawn = self.figure.renderers
        for line, part, *pair in zip(lines, parts, drawn[::2], drawn[1::2], strict=True):
            for renderer, columns in zip(pair, part, strict=True):
                renderer.update(name=line.name, y_range_name=RIGHT if line.right else "default")
                renderer.data_source.data = columns  # HoloViews drops what it does not draw
            self._sources.append([renderer.data_source for renderer in pair])
            items.append(LegendItem(label=line.name, renderers=pair))
        _follow_own_lines(self.figure, lines, items)
        self._add_hover(lines, items)
        if len(items) > 1:
            add_legend(self.figure, items, c)

    def grown(self, tables: Sequence[SeriesTable]) -> list[tuple[ColumnDataSource, dict[str, Any]]]:
        """Prepare what the sources of the lines are to hold; nothing where lines are others."""
        lines = lines_of(tables)
        if [line.key for line in lines] != self._keys:
            return []
        return [
            (source, part)
            for line, sources in zip(lines, self._sources, strict=True)
            for source, part in zip(sources, _parts(line), strict=True)
        ]

    def _add_hover(self, lines: Sequence[Line], items: Sequence[LegendItem]) -> None:
        """Tell what the pointer is on; lines of other units, or other labels, apart."""
        kinds: dict[tuple[str, str], list[GlyphRenderer]] = {}
        for line, item in zip(lines, items, strict=True):
            kind = (line.table.units, when_of(line.table))
            kinds.setdefault(kind, []).append(item.renderers[0])
        for (units, when), renderers in kinds.items():
            self.figure.add_tools(hover(renderers, units, when))


def series_chart(
    tables: Sequence[SeriesTable], dark: bool = False, two_axes: bool = False
) -> figure:
    """Draw series as lines over time."""
    return SeriesChart(tables, dark, two_axes=two_axes).figure


def _parts(line: Line) -> Parts:
    columns = line.columns()
    chosen = marked(columns["value"])
    return columns, {name: column[chosen] for name, column in columns.items()}


def _drawn(parts: Sequence[Parts], c: Colours) -> figure:
    """Draw each line, then its marks; when all colours are taken, lines are dashed."""
    layers = [
        kind(columns, "time", "value")
        for part in parts
        for kind, columns in zip((hv.Curve, hv.Scatter), part, strict=True)
    ]
    # axes find their ranges in the browser: HoloViews would look through all values for them
    common = {"normalize": False, "backend": "bokeh"}
    look = common | {"color": hv.Cycle(list(c.lines)), "apply_ranges": False, "default_tools": []}
    dashes = hv.Cycle([dash for dash in ("solid", "dashed") for _ in c.lines])
    overlay = hv.Overlay(layers).opts(
        hv.Options("Curve", line_width=1.8, line_dash=dashes, **look),
        hv.Options("Scatter", size=6, **look),
        hv.Options("Overlay", show_legend=False, show_grid=True, **common),
    )
    # without a document of its own, the plot would hang on that of any session
    plot = BokehRenderer.instance(mode="server").get_plot(overlay, doc=Document())
    drawn: figure = plot.state
    return drawn


def _follow_own_lines(f: figure, lines: Sequence[Line], items: Sequence[LegendItem]) -> None:
    """Have each axis show its own lines: bokeh would make it fit those of both."""
    if any(line.right for line in lines):
        for right, span in ((False, f.y_range), (True, f.extra_y_ranges[RIGHT])):
            pairs = zip(lines, items, strict=True)
            span.renderers = [
                one for line, item in pairs if line.right is right for one in item.renderers
            ]

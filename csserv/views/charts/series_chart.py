"""Charts of series: one line a zone, gaps where data are missing; they grow where they stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.models import ColumnDataSource, LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure
from bokeh.util.serialization import convert_datetime_array

from csserv.views.charts.chart_figure import RIGHT, add_legend, furnish, hover, when_of
from csserv.views.charts.chart_lines import Line, lines_of, marked
from csserv.views.charts.holoviews_elements import Columns, Parts, drawn
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import colours


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
        self.figure = drawn(parts, c.lines)
        furnish(self.figure, lines, c, height)
        self._keys = [line.key for line in lines]
        self._sources = []
        items = []
        made = self.figure.renderers
        for line, part, *pair in zip(lines, parts, made[::2], made[1::2], strict=True):
            for renderer, columns in zip(pair, part, strict=True):
                renderer.update(name=line.name, y_range_name=RIGHT if line.right else "default")
                # HoloViews drops what it does not draw
                renderer.data_source.data = _numbers(columns)
            self._sources.append([renderer.data_source for renderer in pair])
            items.append(LegendItem(label=line.name, renderers=pair))
        _follow_own_lines(self.figure, lines, items)
        self._add_hover(lines, items)
        if len(items) > 1:
            add_legend(self.figure, items, c)

    def grow(self, tables: Sequence[SeriesTable]) -> bool:
        """Make the lines longer where they stand; false, and nothing done, if they are others."""
        lines = lines_of(tables)
        if [line.key for line in lines] != self._keys:
            return False
        for line, sources in zip(lines, self._sources, strict=True):
            for source, columns in zip(sources, _parts(line), strict=True):
                _extend(source, _numbers(columns))
        return True

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


def _numbers(columns: Columns) -> Columns:
    """Write times as the browser has them [ms]: so they can be compared with those it has."""
    return columns | {"time": convert_datetime_array(columns["time"])}


def _extend(source: ColumnDataSource, columns: Columns) -> None:
    """Send the rows that are new; where the others have not stayed as they were, all of them."""
    there = source.data["time"]
    count = len(there)
    if not np.array_equal(columns["time"][:count], there):
        source.data = columns
    elif len(columns["time"]) > count:
        source.stream({name: column[count:] for name, column in columns.items()})


def _follow_own_lines(f: figure, lines: Sequence[Line], items: Sequence[LegendItem]) -> None:
    """Have each axis show its own lines: bokeh would make it fit those of both."""
    if any(line.right for line in lines):
        for right, span in ((False, f.y_range), (True, f.extra_y_ranges[RIGHT])):
            pairs = zip(lines, items, strict=True)
            span.renderers = [
                one for line, item in pairs if line.right is right for one in item.renderers
            ]

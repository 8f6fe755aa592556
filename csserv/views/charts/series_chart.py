"""A chart of series: a line for each zone, with gaps, which can be extended in place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.models import ColumnDataSource, LegendItem
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure
from bokeh.util.serialization import convert_datetime_array

from csserv.language import tr
from csserv.views.charts.chart_figure import (
    RIGHT_RANGE,
    add_legend,
    hover_time_format,
    hover_tool,
    set_up_figure,
)
from csserv.views.charts.chart_lines import Line, lines_of, with_marker
from csserv.views.charts.holoviews_elements import Columns, LineParts, draw_lines
from csserv.views.charts.normal_bands import APART_ALPHAS, band_names, band_rows, bands_apart
from csserv.views.parts.normals_table import MIDDLE, Normals
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import Colours, colours

#: most steps that are drawn as bars
MOST_BARS = 2000


class SeriesChart:
    """A chart with a line for each zone of some tables.

    Parameters
    ----------
    tables : the series, the first one first
    dark : whether to use the dark colour scheme
    height : [pixels], without the legend
    two_axes : whether the others have an axis on the right; tables of other units have one anyway
    bars : whether a single series of amounts has bars in place of its line
    """

    def __init__(
        self,
        tables: Sequence[SeriesTable],
        dark: bool = False,
        height: int = 340,
        two_axes: bool = False,
        bars: bool = False,
    ) -> None:
        c = colours(dark)
        lines = lines_of(tables, two_axes)
        bars = bars and len(lines) == 1 and _has_bars(lines[0].table)
        parts = [_parts(line, bars) for line in lines]
        self.figure = draw_lines(parts, c.lines)
        set_up_figure(self.figure, lines, c, height)
        self._keys = [line.key for line in lines]
        self._sources = []
        items = []
        made = self.figure.renderers
        for line, part, *pair in zip(lines, parts, made[::2], made[1::2], strict=True):
            for renderer, columns in zip(pair, part, strict=True):
                renderer.update(
                    name=line.name, y_range_name=RIGHT_RANGE if line.on_right else "default"
                )
                # HoloViews drops what it does not draw
                renderer.data_source.data = _numbers(columns)
            self._sources.append([renderer.data_source for renderer in pair])
            common = line.title or (tr("value") if len(lines) == 1 else None)
            items.append(LegendItem(name=common, label=line.name, renderers=pair))
        if bars:
            items = [_draw_bars(self.figure, lines[0], self._sources[0][0], c)]
        if len(lines) == 1 and (
            normals := lines[0].table.normals
        ):  # bands of several hide each other
            items += _draw_bands(self.figure, lines[0], normals, c, bars)
        _follow_own_lines(self.figure, lines, items)
        self._add_hover(lines, items)
        if len(items) > 1:
            add_legend(self.figure, items, c)

    def extend(self, tables: Sequence[SeriesTable]) -> bool:
        """Extend the lines by new steps; return False, and change nothing, for other lines."""
        lines = lines_of(tables)
        if [line.key for line in lines] != self._keys:
            return False
        for line, sources in zip(lines, self._sources, strict=True):
            for source, columns in zip(sources, _parts(line), strict=True):
                _send_new_rows(source, _numbers(columns))
        return True

    def _add_hover(self, lines: Sequence[Line], items: Sequence[LegendItem]) -> None:
        """Add a hover tool for each kind of units and labels."""
        kinds: dict[tuple[str, str, bool], list[GlyphRenderer]] = {}
        for line, item in zip(lines, items[: len(lines)], strict=True):
            kind = (line.table.units, hover_time_format(line.table), bool(line.table.normals))
            kinds.setdefault(kind, []).append(item.renderers[0])
        for kind, renderers in kinds.items():
            self.figure.add_tools(hover_tool(renderers, *kind))


def series_chart(
    tables: Sequence[SeriesTable], dark: bool = False, two_axes: bool = False
) -> figure:
    """Return the figure of a ``SeriesChart``."""
    return SeriesChart(tables, dark, two_axes=two_axes).figure


def _has_bars(table: SeriesTable) -> bool:
    return (table.is_amount or table.adds_up) and len(table.times) <= MOST_BARS


def _draw_bars(f: figure, line: Line, source: ColumnDataSource, c: Colours) -> LegendItem:
    """Draw bars in place of a line and its marks; return what the legend has of them."""
    for renderer in f.renderers:
        renderer.visible = False
    drawn = f.vbar(
        x="middle",
        width="width",
        top="value",
        bottom=0,
        source=source,
        color=c.lines[0],
        line_color=None,
        name=line.name,
    )
    return LegendItem(name=tr("each step"), label=line.name, renderers=[drawn])


def _draw_bands(
    f: figure, line: Line, normals: Normals, c: Colours, bars: bool
) -> list[LegendItem]:
    """Draw behind a line what is normal; return what the legend has of it."""
    rows = band_rows(line.table, normals, line.zone, bars)
    *bands, middle = band_names(normals)
    items = []
    for name, outline, alpha in zip(bands, bands_apart(rows), APART_ALPHAS, strict=True):
        drawn = f.patch(
            "time",
            "value",
            source=ColumnDataSource(outline),
            color=c.band,
            line_color=None,
            alpha=alpha,
            level="underlay",
        )
        items.append(LegendItem(label=name, renderers=[drawn]))
    source = ColumnDataSource({"time": rows["time"], "value": rows[MIDDLE]})
    look = {"color": c.band, "line_dash": "dotted", "line_width": 1.5, "level": "underlay"}
    drawn = f.line("time", "value", source=source, **look)
    return [*items, LegendItem(label=middle, renderers=[drawn])]


def _parts(line: Line, bars: bool = False) -> LineParts:
    columns = line.columns(bars)
    chosen = with_marker(columns["value"])
    return columns, {name: column[chosen] for name, column in columns.items()}


def _numbers(columns: Columns) -> Columns:
    """Write times as the browser has them [ms], to compare them with those sent."""
    times = ("time", "middle") if "middle" in columns else ("time",)
    return columns | {name: convert_datetime_array(columns[name]) for name in times}


def _send_new_rows(source: ColumnDataSource, columns: Columns) -> None:
    """Send the new rows, or all of them if the earlier ones have changed."""
    there = source.data["time"]
    count = len(there)
    if not np.array_equal(columns["time"][:count], there):
        source.data = columns
    elif len(columns["time"]) > count:
        source.stream({name: column[count:] for name, column in columns.items()})


def _follow_own_lines(f: figure, lines: Sequence[Line], items: Sequence[LegendItem]) -> None:
    """Fit each axis to its own lines; bokeh would fit it to those of both."""
    if any(line.on_right for line in lines):
        for right, span in ((False, f.y_range), (True, f.extra_y_ranges[RIGHT_RANGE])):
            pairs = zip(lines, items, strict=True)
            span.renderers = [
                one for line, item in pairs if line.on_right is right for one in item.renderers
            ]

"""Charts of series: one line a zone, gaps where data are missing.

They are bokeh's own figures: for eight zones HoloViews takes six times as long (0.75 s, 0.12 s).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from bokeh.models import (
    ColumnDataSource,
    DataRange1d,
    HoverTool,
    Legend,
    LegendItem,
    LinearAxis,
    NoOverlap,
    SaveTool,
)
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure
from numpy.typing import NDArray

from csserv.views.series import SeriesTable
from csserv.views.theme import Colours, colours

#: lines that one can tell apart
MOST_LINES = 12

#: with fewer steps, each is marked
FEW = 60

#: the name of the figure, by which the browser finds it to save it
FIGURE = "series_chart"

#: of the legend: as many as a phone is wide enough for
COLUMNS = 3

#: the range of the axis on the right
RIGHT = "right"


def series_chart(tables: Sequence[SeriesTable], dark: bool = False, height: int = 340) -> figure:
    """Draw series as lines over time.

    Parameters
    ----------
    tables : those to compare; where units differ, the others have an axis on the right
    """
    c = colours(dark)
    f = figure(
        name=FIGURE,
        x_axis_type="datetime",
        height=height,
        sizing_mode="stretch_width",
        tools="xpan,xwheel_zoom,box_zoom,reset",
        active_drag="box_zoom",
        toolbar_location="above",
        output_backend="canvas",
    )
    units = list(dict.fromkeys(table.units for table in tables))
    _dress(f, c, units)
    lines = [(table, zone) for table in tables for zone in range(len(table.zones))][:MOST_LINES]
    items = []
    for number, (table, zone) in enumerate(lines):
        name = table.zones[zone] if len(tables) == 1 else f"{table.zones[zone]}: {table.title}"
        side = RIGHT if units.index(table.units) else "default"
        colour = c.lines[number % len(c.lines)]
        items.append(LegendItem(label=name, renderers=_draw(f, table, zone, name, colour, side)))
    first = [item.renderers[0] for item in items]
    f.add_tools(_hover(first))
    if len(items) > 1:
        f.add_layout(_legend(items, c), "below")
        f.height += 24 * -(-len(items) // COLUMNS)
    return f


def marked(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Choose the steps that get a mark: all of a few; of many those that no line reaches.

    >>> marked(np.array([1.0] + 60 * [2.0] + [np.nan, 3.0])).nonzero()[0].tolist()
    [62]
    """
    there = ~np.isnan(values)
    if len(values) <= FEW:
        return there
    padded = np.concatenate([[False], there, [False]])
    alone: NDArray[np.bool_] = there & ~padded[:-2] & ~padded[2:]
    return alone


def _draw(
    f: figure, table: SeriesTable, zone: int, name: str, colour: str, side: str
) -> list[GlyphRenderer]:
    frame = table.frame(zone)
    columns = _columns(frame, name, table.units)
    look = {"color": colour, "y_range_name": side}
    line = f.line("time", "value", source=columns, line_width=1.8, **look)
    chosen = frame[marked(frame["value"].to_numpy())]
    if not len(chosen):
        return [line]
    dots = f.scatter("time", "value", source=_columns(chosen, name, table.units), size=6, **look)
    return [line, dots]


def _columns(frame: pd.DataFrame, name: str, units: str) -> ColumnDataSource:
    columns = {key: frame[key].to_numpy() for key in ("time", "value", "percent", "label")}
    same = {"zone": [name] * len(frame), "units": [units] * len(frame)}
    return ColumnDataSource(columns | same)


def _hover(renderers: list[GlyphRenderer]) -> HoverTool:
    return HoverTool(
        renderers=renderers,
        tooltips=[
            ("", "@zone"),
            ("Time", "@label"),
            ("Value", "@value{0,0.[000]} @units"),
            ("With data", "@percent{0.[0]} %"),
        ],
        mode="mouse",
        line_policy="nearest",
    )


def _dress(f: figure, c: Colours, units: Sequence[str]) -> None:
    """Give a figure its axes and colours."""
    f.yaxis.axis_label = units[0]
    if len(units) > 1:
        f.extra_y_ranges = {RIGHT: DataRange1d()}
        label = ", ".join(units[1:])
        f.add_layout(LinearAxis(y_range_name=RIGHT, axis_label=label), "right")
    f.add_tools(SaveTool(filename="series"))
    f.update(
        background_fill_alpha=0.0,
        border_fill_alpha=0.0,
        outline_line_color=None,
        min_border_right=16,
    )
    f.toolbar.update(logo=None, autohide=True)
    f.xaxis.major_label_policy = NoOverlap(min_distance=8)
    f.xgrid.grid_line_color = None
    f.ygrid.grid_line_color = c.faint
    for axis in f.axis:
        axis.update(
            axis_line_color=c.faint,
            major_tick_line_color=c.faint,
            minor_tick_line_color=None,
            major_label_text_color=c.ink,
            axis_label_text_color=c.ink,
            axis_label_text_font_style="normal",
        )


def _legend(items: list[LegendItem], c: Colours) -> Legend:
    return Legend(
        items=items,
        orientation="horizontal",
        ncols=COLUMNS,
        border_line_color=None,
        background_fill_alpha=0.0,
        label_text_color=c.ink,
        label_text_font_size="12px",
        click_policy="hide",
        spacing=12,
        padding=2,
    )

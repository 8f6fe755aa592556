"""How often which values occur: a histogram, in which the latest value is marked."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, LegendItem
from bokeh.plotting import figure

from csserv.language import tr
from csserv.units import with_units
from csserv.views.charts.chart_figure import add_legend
from csserv.views.charts.kind_figure import kind_figure, value_label
from csserv.views.parts.key_figures import value_text
from csserv.views.parts.local_tips import name_numbers
from csserv.views.parts.normals_table import Floats
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import colours

#: most bars
MOST_BINS = 40


def distribution(table: SeriesTable, dark: bool, height: int, begin: int) -> figure:
    """Draw how many steps have which value.

    Parameters
    ----------
    table : of one zone
    height : [pixels]
    begin : not used here
    """
    c = colours(dark)
    there = np.flatnonzero(np.isfinite(table.values[:, 0]))
    known = table.values[there, 0]
    counts, edges = np.histogram(known, bins=_bins(known))
    source = ColumnDataSource({"left": edges[:-1], "right": edges[1:], "steps": counts})
    f = kind_figure("distribution", c, height, value_label(table), tr("number of steps"))
    f.y_range.start = 0
    f.quad(
        left="left",
        right="right",
        top="steps",
        bottom=0,
        source=source,
        color=c.lines[0],
        line_color=c.background,
    )
    between = tr("{low} to {high}", low="@left{0,0.[00]}", high="@right{0,0.[00]}")
    tips = [(tr("Value"), with_units(between, table.units)), (tr("Steps"), "@steps")]
    f.add_tools(name_numbers(HoverTool(tooltips=tips)))
    marks = [
        (
            tr("median"),
            tr("median: {value}", value=value_text(float(np.median(known)), table.units)),
            float(np.median(known)),
        ),
        (
            tr("latest value"),
            f"{table.said_labels[there[-1]]}: {value_text(float(known[-1]), table.units)}",
            float(known[-1]),
        ),
    ]
    items = []
    looks: tuple[dict[str, Any], ...] = (
        {"line_color": c.text, "line_dash": "dashed"},
        {"line_color": c.lines[1]},
    )
    for (name, text, place), look in zip(marks, looks, strict=True):
        drawn = f.vspan(x=[place], line_width=2.5, **look)
        items.append(LegendItem(name=name, label=text, renderers=[drawn]))
    add_legend(f, items, c)
    return f


def _bins(known: Floats) -> int:
    """Return the number of bars: about the root of the number of values, twice."""
    return int(np.clip(2 * np.sqrt(len(known)), 5, MOST_BINS))

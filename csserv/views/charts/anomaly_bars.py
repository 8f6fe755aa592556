"""Anomalies, and scores such as SPI, as bars on both sides of what is normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, LegendItem, Span
from bokeh.plotting import figure

from csserv.language import mark, tr
from csserv.units import is_temperature, with_units
from csserv.views.charts.chart_figure import add_legend
from csserv.views.charts.kind_figure import kind_figure, value_label
from csserv.views.charts.local_dates import name_pointed_time
from csserv.views.charts.years import Years, coarser
from csserv.views.parts.local_tips import name_numbers
from csserv.views.parts.normals_table import Floats
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import Colours, colours

#: [ms]
DAY = 86_400_000.0

#: more steps than these are taken together by month
MOST_BARS = 800


def anomaly_bars(table: SeriesTable, dark: bool, height: int, begin: int) -> figure:
    """Draw each value less what is normal.

    Parameters
    ----------
    table : of one zone
    height : [pixels], without the legend
    begin : not used here
    """
    if len(table.times) > MOST_BARS:
        table = coarser(table, "monthly")
    years, c = Years(table), colours(dark)
    assert years.normal is not None  # noqa: S101  # the kind is offered where there is one
    anomaly = table.values[:, 0] - years.normal
    columns = {"normal": years.normal, "whole": table.values[:, 0]}
    label = value_label(table, mark("anomaly of {quantity}"))
    f = kind_figure("anomalies", c, height, tr("Time (UTC)"), label)
    sides = {
        tr("above {normal}", normal=years.normal_words): "high",
        tr("below {normal}", normal=years.normal_words): "low",
    }
    tips = [
        (tr("Anomaly"), with_units("@value{+0,0.[00]}", table.units)),
        (tr("Value"), with_units("@whole{0,0.[00]}", table.units)),
        (tr("Normal"), with_units("@normal{0,0.[00]}", table.units)),
    ]
    return _two_sided(f, table, anomaly, columns, sides, tips, c)


def score_bars(table: SeriesTable, dark: bool, height: int, begin: int) -> figure:
    """Draw a standardized index, which is the distance from normal itself.

    Parameters
    ----------
    table : of one zone
    height : [pixels], without the legend
    begin : not used here
    """
    c = colours(dark)
    f = kind_figure("scores", c, height, tr("Time (UTC)"), value_label(table))
    sides = {tr("wetter"): "high", tr("drier"): "low"}
    tips = [(tr("Value"), "@value{+0,0.00}")]
    return _two_sided(f, table, table.values[:, 0], {}, sides, tips, c)


def _two_sided(
    f: figure,
    table: SeriesTable,
    values: Floats,
    columns: Mapping[str, Floats],
    sides: Mapping[str, str],
    tips: Sequence[tuple[str, str]],
    c: Colours,
) -> figure:
    """Draw bars up and down from 0.

    Parameters
    ----------
    columns : further ones, for what stands under the pointer
    sides : name in the legend → "high" or "low", the one above first
    """
    left = table.positions.astype("datetime64[ms]")
    source = ColumnDataSource(
        {
            "middle": left + (table.lengths * DAY / 2).astype("timedelta64[ms]"),
            "width": 0.86 * DAY * table.lengths,
            "high": np.where(values > 0, values, np.nan),
            "low": np.where(values < 0, values, np.nan),
            "value": values,
            "label": table.labels,
            **columns,
        }
    )
    below, above = _sides(table.units, c)
    items = []
    for (name, top), colour in zip(sides.items(), (above, below), strict=True):
        drawn = f.vbar(
            x="middle",
            width="width",
            top=top,
            bottom=0,
            source=source,
            color=colour,
            line_color=None,
        )
        items.append(LegendItem(label=name, renderers=[drawn]))
    f.add_layout(Span(location=0, dimension="width", line_color=c.text, line_width=1))
    hover = HoverTool(tooltips=[(tr("Time (UTC)"), "@label"), *tips])
    name_pointed_time(hover, "label")
    f.add_tools(name_numbers(hover))
    add_legend(f, items, c)
    return f


def _sides(units: str, c: Colours) -> tuple[str, str]:
    """Return the colours below and above: dry and wet, or cold and warm."""
    cool, brown, red = c.lines[0], c.lines[1], c.lines[6]
    return (cool, red) if is_temperature(units) else (brown, cool)

"""Anomalies as bars on both sides of what is normal."""

from __future__ import annotations

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
    left = table.positions.astype("datetime64[ms]")
    source = ColumnDataSource(
        {
            "middle": left + (table.lengths * DAY / 2).astype("timedelta64[ms]"),
            "width": 0.86 * DAY * table.lengths,
            "high": np.where(anomaly > 0, anomaly, np.nan),
            "low": np.where(anomaly < 0, anomaly, np.nan),
            "value": anomaly,
            "normal": years.normal,
            "whole": table.values[:, 0],
            "label": table.labels,
        }
    )
    label = value_label(table, mark("anomaly of {quantity}"))
    f = kind_figure("anomalies", c, height, tr("Time (UTC)"), label)
    below, above = _sides(table.units, c)
    items = []
    for name, colour, top in (
        (mark("above {normal}"), above, "high"),
        (mark("below {normal}"), below, "low"),
    ):
        drawn = f.vbar(
            x="middle",
            width="width",
            top=top,
            bottom=0,
            source=source,
            color=colour,
            line_color=None,
        )
        items.append(LegendItem(label=tr(name, normal=years.normal_words), renderers=[drawn]))
    f.add_layout(Span(location=0, dimension="width", line_color=c.text, line_width=1))
    tips = [
        (tr("Time (UTC)"), "@label"),
        (tr("Anomaly"), with_units("@value{+0,0.[00]}", table.units)),
        (tr("Value"), with_units("@whole{0,0.[00]}", table.units)),
        (tr("Normal"), with_units("@normal{0,0.[00]}", table.units)),
    ]
    hover = HoverTool(tooltips=tips)
    name_pointed_time(hover, "label")
    f.add_tools(name_numbers(hover))
    add_legend(f, items, c)
    return f


def _sides(units: str, c: Colours) -> tuple[str, str]:
    """Return the colours below and above: dry and wet, or cold and warm."""
    cool, brown, red = c.lines[0], c.lines[1], c.lines[6]
    return (cool, red) if is_temperature(units) else (brown, cool)

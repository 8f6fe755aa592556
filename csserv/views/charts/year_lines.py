"""Season lines year over year: this year bold, the others grey, what is normal dashed."""

from __future__ import annotations

import calendar
from dataclasses import replace

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, LegendItem
from bokeh.plotting import figure
from numpy.typing import NDArray

from csserv.language import mark, month_names, tr
from csserv.units import with_units
from csserv.views.charts.chart_figure import add_legend
from csserv.views.charts.kind_figure import kind_figure, value_label, year_axis
from csserv.views.charts.years import Times, Years, as_amounts, coarser
from csserv.views.parts.local_tips import name_numbers
from csserv.views.parts.normals_table import Floats
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import Colours, colours

#: steps shorter than this are taken together to dekads, as lines of days hide each other [days]
SHORTEST = 4.0

#: most steps of a line of totals; of longer ones, some are left out
MOST_PLACES = 120

#: names of months
MONTH_NAMES = calendar.month_name[1:]

#: a line: its name, and its places and values
Line = tuple[str, Times, Floats]


def year_lines(table: SeriesTable, dark: bool, height: int, begin: int) -> figure:
    """Draw the values of each year.

    Parameters
    ----------
    table : of one zone
    height : [pixels], without the legend
    begin : month in which years begin
    """
    if float(np.median(table.lengths)) < SHORTEST:
        table = coarser(table, "dekad")
    years = Years(table, begin)
    lines = [
        (years.names[year], years.places[steps], table.values[steps, 0])
        for year, steps in years.each()
    ]
    places, usual, _ = years.usual()
    c = colours(dark)
    f = kind_figure("years", c, height, tr("Time of the year"), value_label(table))
    return _draw(f, lines, (years.normal_words, places, usual), table.units, c)


def totals_since(table: SeriesTable, dark: bool, height: int, begin: int) -> figure:
    """Draw what has added up in each year since it began; missing steps add nothing.

    Parameters
    ----------
    table : of one zone, whose values add up
    height : [pixels], without the legend
    begin : month in which years begin
    """
    amounts = as_amounts(table)
    years = Years(amounts, begin)
    lines = []
    for year, steps in years.each():
        ends = years.places[steps] + _lasting(amounts.lengths[steps])
        line = _adding_up(years.places[steps], ends, amounts.values[steps, 0])
        lines.append((years.names[year], *line))
    places, usual, lengths = years.usual()
    normal = _adding_up(places, places + _lasting(lengths), usual)
    c = colours(dark)
    shown = replace(amounts, summary="")
    label = value_label(shown, mark("sum of {quantity}"))
    f = kind_figure("totals", c, height, tr("Time of the year"), label)
    f.y_range.start = 0
    return _draw(f, lines, (years.normal_words, *normal), amounts.units, c)


def _lasting(lengths: Floats) -> NDArray[np.timedelta64]:
    return np.asarray((lengths * 86400).round().astype("timedelta64[s]"))


def _adding_up(starts: Times, ends: Times, values: Floats) -> tuple[Times, Floats]:
    """Return where the total is known, from its beginning on: a NaN where a step has no value."""
    if not len(values):
        return starts, values
    totals = np.where(np.isfinite(values), np.nancumsum(values), np.nan)
    every = -(-len(totals) // MOST_PLACES)
    chosen = np.arange(len(totals))[::-1][::every][::-1]  # the last one is always among them
    return (
        np.concatenate([starts[:1], ends[chosen]]),
        np.concatenate([[0.0], totals[chosen]]),
    )


def _draw(f: figure, lines: list[Line], normal: Line, units: str, c: Colours) -> figure:
    *others, latest = lines
    items = []
    if others:
        items.append(LegendItem(label=_span(others), renderers=[_grey(f, others, units, c)]))
    name, places, usual = normal
    if np.isfinite(usual).any():
        source = ColumnDataSource({"time": places, "value": usual})
        look = {"color": c.text, "line_dash": "dashed", "line_width": 1.6}
        items.append(
            LegendItem(label=name, renderers=[f.line("time", "value", source=source, **look)])
        )
    name, places, values = latest
    days = [str(day) for day in places.astype("datetime64[D]")]
    source = ColumnDataSource({"time": places, "value": values, "day": [_day(day) for day in days]})
    bold = f.line("time", "value", source=source, color=c.lines[0], line_width=3.2)
    tips = [("", "@day"), (name, with_units("@value{0,0.[00]}", units))]
    f.add_tools(name_numbers(HoverTool(renderers=[bold], tooltips=tips, mode="vline")))
    year_axis(f)
    add_legend(f, [LegendItem(label=name, renderers=[bold]), *items[::-1]], c)
    return f


def _grey(f: figure, others: list[Line], units: str, c: Colours) -> object:
    source = ColumnDataSource(
        {
            "year": [name for name, _, _ in others],
            "xs": [places for _, places, _ in others],
            "ys": [values for _, _, values in others],
        }
    )
    drawn = f.multi_line("xs", "ys", source=source, color=c.band, alpha=0.38, line_width=1.1)
    tips = [("", "@year"), (tr("Value"), with_units("$snap_y{0,0.[00]}", units))]
    hover = HoverTool(renderers=[drawn], tooltips=tips, line_policy="nearest")
    f.add_tools(name_numbers(hover))
    return drawn


def _span(others: list[Line]) -> str:
    first, last = others[0][0], others[-1][0]
    return first if first == last else tr("{first} to {last}", first=first, last=last)


def _day(text: str) -> str:
    """Write the day of a year: "03-31" as "31 March".

    >>> _day("2004-03-31")
    '31 March'
    """
    return f"{int(text[8:])} {month_names()[int(text[5:7])]}"

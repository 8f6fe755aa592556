"""The chart of a season: its total so far, how it may go on, and what is normal behind."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, DataRange1d, HoverTool, LegendItem, NoOverlap, SaveTool
from bokeh.plotting import figure
from numpy.typing import NDArray

from csserv.language import from_to, tr
from csserv.outlooks import SeasonAnswer
from csserv.outputs.series import read_iso
from csserv.units import titled, with_units
from csserv.views.charts.chart_figure import add_legend, apply_colours
from csserv.views.charts.local_dates import name_pointed_time, name_times
from csserv.views.charts.normal_bands import BAND_ALPHAS
from csserv.views.parts.local_tips import name_numbers
from csserv.views.parts.theme import Colours, colours

Floats = NDArray[np.float64]

#: quantiles of the outer band, of the inner one, and of the line between, by their places
PAIRS, MIDDLE = ((0, 4), (1, 3)), 2

#: height of the chart, without its legend [pixels]
HEIGHT = 340


def season_chart(answer: SeasonAnswer, zone: int, dark: bool = False) -> figure:
    """Draw the totals of one zone since its season began.

    Parameters
    ----------
    zone : its place in the answer
    """
    c, when = colours(dark), _ends_of_steps(answer)
    f = figure(
        height=HEIGHT,
        width=None,
        sizing_mode="stretch_width",
        x_axis_type="datetime",
        x_range=DataRange1d(),
        y_range=DataRange1d(start=0),
        tools="xpan,xwheel_zoom,box_zoom,reset",
        toolbar_location="above",
    )
    f.add_tools(SaveTool(filename="season"))
    f.toolbar.update(logo=None, autohide=True)
    f.xaxis.update(axis_label=tr("Time (UTC)"), major_label_policy=NoOverlap(min_distance=8))
    f.yaxis.axis_label = titled(tr("total since the season began"), answer.units)
    normal, fan = answer.found.normal[:, :, zone], _fan(answer, zone)
    years = from_to(answer.reference)
    items = [_bands(f, when, _from_zero(normal), c.band, tr("normal, {years}", years=years))]
    if answer.found.known < len(answer.times):
        rest = answer.forecast or tr("a rest as in {years}", years=years)
        items.append(_bands(f, when, fan, c.lines[1], tr("with {rest}", rest=rest)))
    items.insert(0, _so_far(f, answer, zone, when, c))
    name_times(f)
    apply_colours(f, c)
    add_legend(f, items, c)
    return f


def _so_far(
    f: figure, answer: SeasonAnswer, zone: int, when: NDArray[np.datetime64], c: Colours
) -> LegendItem:
    known = answer.found.known + 1
    total = np.concatenate([[0.0], answer.found.so_far[:, zone]])[:known]
    usual = np.concatenate([[0.0], answer.found.normal[MIDDLE, :, zone]])[:known]
    days = [str(one) for one in when[:known].astype("datetime64[D]")]
    rows = {"time": when[:known], "value": total, "usual": usual, "day": days}
    drawn = f.line("time", "value", source=ColumnDataSource(rows), color=c.lines[0], line_width=3)
    tips = [
        (tr("Until"), "@day"),
        (tr("So far"), with_units("@value{0,0.[0]}", answer.units)),
        (tr("Median"), with_units("@usual{0,0.[0]}", answer.units)),
    ]
    hover = HoverTool(renderers=[drawn], tooltips=tips, mode="vline")
    name_pointed_time(hover, "day")
    f.add_tools(name_numbers(hover))
    return LegendItem(label=tr("{zone} so far", zone=answer.zones[zone]), renderers=[drawn])


def _bands(
    f: figure, when: NDArray[np.datetime64], quantiles: Floats, colour: str, name: str
) -> LegendItem:
    """Draw two bands and the line between them; return what the legend has of them."""
    there = np.isfinite(quantiles).all(axis=0)
    x, rows = when[there], quantiles[:, there]
    drawn = [
        f.varea(x, rows[low], rows[high], color=colour, alpha=alpha)
        for (low, high), alpha in zip(PAIRS, BAND_ALPHAS, strict=True)
    ]
    look = {"color": colour, "line_dash": "dotted", "line_width": 1.5}
    drawn.append(f.line(x, rows[MIDDLE], **look))
    return LegendItem(label=name, renderers=drawn)


def _fan(answer: SeasonAnswer, zone: int) -> Floats:
    """Return how the total may go on, from what is known: (shares, steps + 1)."""
    fan, known = _from_zero(answer.found.fan[:, :, zone]), answer.found.known
    fan[:, :known] = np.nan
    fan[:, known] = answer.found.so_far[known - 1, zone] if known else 0.0
    return fan


def _from_zero(totals: Floats) -> Floats:
    """Begin the totals at the ends of steps with nothing, where the season begins."""
    return np.concatenate([np.zeros((len(totals), 1)), totals], axis=1)


def _ends_of_steps(answer: SeasonAnswer) -> NDArray[np.datetime64]:
    """Return when the season begins, and each step ends; of other calendars, as many days on."""
    times = [read_iso(text, answer.calendar) for text in (*answer.times, answer.end)]
    first = times[0]
    begin = np.datetime64(f"{first.year:04}-{first.month:02}-{min(first.day, 28):02}", "ms")
    begin += np.timedelta64(max(0, first.day - 28), "D")
    days = [(one - first).total_seconds() / 86400 for one in times]
    return begin + (1000 * 86400 * np.array(days)).astype("timedelta64[ms]")

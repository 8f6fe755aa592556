"""Small charts of several zones, one each, on the same axes."""

from __future__ import annotations

from collections.abc import Sequence

import panel as pn
from bokeh.models import Title
from bokeh.plotting import figure

from csserv.units import titled
from csserv.views.charts.chart_kinds import CHART_KINDS, STEPS
from csserv.views.charts.common_legend import common_legend
from csserv.views.charts.series_chart import SeriesChart
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import colours

#: most of them
MOST_CHARTS = 9

#: [pixels]
HEIGHT = 190


def small_multiples(
    zones: Sequence[Sequence[SeriesTable]], kind: str, dark: bool, begin: int
) -> list[figure]:
    """Draw a chart for each zone; those of more than ``MOST_CHARTS`` are left out.

    Parameters
    ----------
    zones : of each, its table, and those of results to compare with
    kind : of the charts
    begin : month in which years begin
    """
    figures = []
    for tables in zones[:MOST_CHARTS]:
        if kind == STEPS or len(tables) > 1:
            made = SeriesChart(tables, dark, HEIGHT, bars=True).figure
        else:
            made = CHART_KINDS[kind].draw(tables[0], dark, HEIGHT, begin)
        said = titled(tables[0].zones[0], tables[0].units) if kind == STEPS else tables[0].zones[0]
        name = Title(text=said, text_color=colours(dark).text)
        made.add_layout(name, "above")
        figures.append(made)
    for one in figures:
        one.update(x_range=figures[0].x_range, y_range=figures[0].y_range, height=HEIGHT)
        one.axis.axis_label = None
        for legend in one.legend:
            legend.visible = False
    return figures


def in_a_grid(figures: Sequence[figure]) -> pn.Column:
    """Return small charts beside and below each other, as there is room, below one legend."""
    charts = pn.Row(
        *(
            pn.Column(
                pn.pane.Bokeh(one, sizing_mode="stretch_width"),
                sizing_mode="stretch_width",
                styles={"flex": "1 1 290px", "max-width": "460px", "min-width": "0"},
                margin=0,
            )
            for one in figures
        ),
        sizing_mode="stretch_width",
        styles={"flex-wrap": "wrap"},
        margin=0,
    )
    return pn.Column(common_legend(figures), charts, sizing_mode="stretch_width", margin=0)

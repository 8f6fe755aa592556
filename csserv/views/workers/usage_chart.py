"""A chart of usage: tasks submitted a day, stacked by dataset."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    HoverTool,
    LegendItem,
    NumeralTickFormatter,
)
from bokeh.plotting import figure

from csserv.language import tr
from csserv.tasks.log.usage import OTHERS, Usage
from csserv.views.charts.chart_figure import add_legend, apply_colours
from csserv.views.charts.local_dates import name_pointed_time, name_times
from csserv.views.parts.amounts import counted
from csserv.views.parts.local_tips import name_numbers
from csserv.views.parts.served_changes import change_served
from csserv.views.parts.theme import colours

#: width of a bar: a day, less a gap [ms]
BAR_WIDTH = 0.8 * 86_400_000

#: patterns of bars, as bokeh names them: the next one where colours begin anew
HATCHES = (None, "right_diagonal_line", "horizontal_line", "dot", "cross", "vertical_line")


class UsageChart(pn.viewable.Viewer):
    """Shows a :class:`csserv.tasks.log.usage.Usage`; the figure is made at the first ``show``."""

    dark = param.Boolean(default=False)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._usage: Usage | None = None
        self._source = ColumnDataSource()
        self._document = pn.state.curdoc
        self._said = pmui.Typography("", variant="body2", margin=(4, 14))
        # bokeh 3.9 stumbles over figures that come together with the layout they are in
        self._place = pn.Column(sizing_mode="stretch_width", min_height=300, margin=(4, 8))
        self.param.watch(lambda event: self._redraw(), "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the chart with its total."""
        return pn.Column(self._said, self._place, sizing_mode="stretch_width", margin=0)

    def show(self, usage: Usage) -> None:
        """Show another usage; if the datasets are the same, only numbers are sent."""
        before, self._usage = self._usage, usage
        if usage == before:
            return
        self._said.object = tr(
            "{tasks} in {days} (UTC).",
            tasks=counted(usage.total, "task"),
            days=counted(len(usage.days), "day"),
        )
        same = before and list(before.counts) == list(usage.counts) and before.total
        if same:
            data = _columns(usage)
            change_served(self._document, lambda: self._source.update(data=data))
        else:
            self._redraw()

    def _redraw(self) -> None:
        if self._usage is None:
            return
        self._source = ColumnDataSource(_columns(self._usage))
        chart = usage_chart(self._usage, self._source, self.dark)
        self._place[:] = [pn.pane.Bokeh(chart, sizing_mode="stretch_width")]


def usage_chart(usage: Usage, source: ColumnDataSource, dark: bool = False) -> figure:
    """Draw a bar for each day, with the datasets stacked."""
    c = colours(dark)
    f = figure(
        name="usage_chart",
        x_axis_type="datetime",
        height=280,
        sizing_mode="stretch_width",
        tools="",
        toolbar_location=None,
        output_backend="canvas",
    )
    names = [tr(name) if name == OTHERS else name for name in usage.counts]
    keys = [f"d{number}" for number in range(len(names))]
    turns = [divmod(number, len(c.lines)) for number in range(len(names))]
    bars = f.vbar_stack(
        keys,
        x="day",
        width=BAR_WIDTH,
        color=[c.lines[place] for _, place in turns],
        hatch_pattern=[HATCHES[turn % len(HATCHES)] for turn, _ in turns],
        hatch_color=c.background,
        hatch_alpha=0.8,
        source=source,
        line_color=None,
    )
    for bar, name, key in zip(bars, names, keys, strict=True):
        tips = [("", "@day{%F} (UTC)"), (name, tr("{count} tasks", count=f"@{key}{{0,0}}"))]
        hover = HoverTool(renderers=[bar], tooltips=tips, formatters={"@day": "datetime"})
        name_pointed_time(hover, "day")
        f.add_tools(name_numbers(hover))
    f.y_range.start = 0
    f.yaxis.ticker = BasicTicker(min_interval=1)  # no fractions of tasks
    f.yaxis.formatter = NumeralTickFormatter(format="0,0")
    f.yaxis.axis_label = tr("tasks a day")
    f.xaxis.axis_label = tr("day of submission (UTC)")
    name_times(f)
    apply_colours(f, c)
    if names:
        items = [LegendItem(label=n, renderers=[bar]) for n, bar in zip(names, bars, strict=True)]
        add_legend(f, items, c, place="top_left", click="none")
    return f


def _columns(usage: Usage) -> dict[str, Any]:
    counts = {f"d{number}": list(one) for number, one in enumerate(usage.counts.values())}
    return {"day": np.array(usage.days, dtype="datetime64[ms]")} | counts

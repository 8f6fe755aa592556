"""What a chart of series has beside its lines: axes, tools, colours, legend, words of the hover."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.models import (
    BoxZoomTool,
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

from csserv.views.charts.chart_lines import Line
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import Colours

#: the name of the figure, by which the browser finds it to save it
FIGURE = "series_chart"

#: of the legend: as many as a phone is wide enough for
COLUMNS = 3

#: the range of the axis on the right
RIGHT = "right"


def furnish(f: figure, lines: Sequence[Line], c: Colours, height: int) -> None:
    """Give a figure the axes that some lines need, tools and colours."""
    f.update(
        name=FIGURE,
        height=height,
        width=None,
        sizing_mode="stretch_width",
        x_range=_range(),
        y_range=_range(),
        toolbar_location="above",
        output_backend="canvas",
    )
    left, right = _axis_labels(lines, False), _axis_labels(lines, True)
    f.xaxis.axis_label = "Time (UTC)"
    f.yaxis.axis_label = left
    if right:
        f.extra_y_ranges = {RIGHT: _range()}
        f.add_layout(LinearAxis(y_range_name=RIGHT, axis_label=right), "right")
    box = BoxZoomTool()
    f.add_tools("xpan", "xwheel_zoom", box, "reset", SaveTool(filename="series"))
    f.toolbar.update(logo=None, autohide=True, active_drag=box)
    f.xaxis.major_label_policy = NoOverlap(min_distance=8)
    dress(f, c)


def _range() -> DataRange1d:
    """Make a range that the browser finds, and need not tell the server each time."""
    return DataRange1d(syncable=False)


def _axis_labels(lines: Sequence[Line], right: bool) -> str:
    """Write what one side shows, and its units; of several things, the units only."""
    mine = [line.table for line in lines if line.right is right]
    units = ", ".join(dict.fromkeys(table.units for table in mine))
    titles = dict.fromkeys(
        f"{table.title}, {table.summary}" if table.summary else table.title for table in mine
    )
    return f"{next(iter(titles))} [{units}]" if len(titles) == 1 else units


def dress(f: figure, c: Colours) -> None:
    """Give the paper and the axes of a chart their colours."""
    f.update(
        background_fill_alpha=0.0,
        border_fill_alpha=0.0,
        outline_line_color=None,
        min_border_right=16,
    )
    f.xgrid.grid_line_color = None
    f.ygrid.grid_line_color = c.grid
    for axis in f.axis:
        axis.update(
            axis_line_color=c.grid,
            major_tick_line_color=c.grid,
            minor_tick_line_color=None,
            major_label_text_color=c.text,
            axis_label_text_color=c.text,
            axis_label_text_font_style="normal",
        )


def add_legend(
    f: figure, items: list[LegendItem], c: Colours, place: str = "top_center", click: str = "hide"
) -> None:
    """Put a legend below a chart, which grows by it; ``click`` says what a tap on a name does."""
    made = Legend(
        items=items,
        orientation="horizontal",
        location=place,
        ncols=COLUMNS,
        border_line_color=None,
        background_fill_alpha=0.0,
        label_text_color=c.text,
        label_text_font_size="12px",
        click_policy=click,
        spacing=12,
        padding=2,
    )
    f.add_layout(made, "below")
    f.height += 24 * -(-len(items) // COLUMNS)


def hover(renderers: list[GlyphRenderer], units: str, when: str) -> HoverTool:
    """Make what tells a value: zone, time, number and units, per cent valid."""
    return HoverTool(
        renderers=renderers,
        tooltips=[
            ("", "$name"),
            ("Time (UTC)", when),
            ("Value", f"@value{{0,0.[000]}} {units}"),
            ("With data", "@percent{0.[0]} %"),
        ],
        formatters={"@time": "datetime"},
        mode="mouse",
        line_policy="nearest",
    )


def when_of(table: SeriesTable) -> str:
    """Say how the hover writes the time: real days as they are, others by their labels."""
    if not table.has_exact_dates:
        return "@label"
    is_daily = all((time.hour, time.minute) == (0, 0) for time in table.times)
    return "@time{%F}" if is_daily else "@time{%F %R}"

"""Axes, tools, colours, legend and hover texts of a chart of series."""

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

from csserv.language import current_language, tr
from csserv.units import shown_units, titled, with_units
from csserv.views.charts.chart_lines import Line
from csserv.views.charts.local_dates import name_pointed_time, name_times
from csserv.views.parts.local_tips import name_numbers
from csserv.views.parts.normals_table import POINTED
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import Colours

#: name of the figure, by which the browser finds it to save it as a picture
FIGURE_NAME = "series_chart"

#: longest name in a legend that has so many columns on a phone [characters] → columns
LEGEND_COLUMNS = {11: 3, 20: 2}

#: longest label beside an axis that is one line [characters]
LONGEST_LABEL = 46

#: name of the range of the axis on the right
RIGHT_RANGE = "right"


def set_up_figure(f: figure, lines: Sequence[Line], c: Colours, height: int) -> None:
    """Add axes for some lines, tools and colours to a figure; height [pixels]."""
    f.update(
        name=FIGURE_NAME,
        height=height,
        width=None,
        sizing_mode="stretch_width",
        x_range=_range(),
        y_range=_range(),
        toolbar_location="above",
        output_backend="canvas",
    )
    left, right = _axis_labels(lines, False), _axis_labels(lines, True)
    f.xaxis.axis_label = tr("Time (UTC)")
    name_times(f)
    f.yaxis.axis_label = left
    if right:
        f.extra_y_ranges = {RIGHT_RANGE: _range()}
        f.add_layout(LinearAxis(y_range_name=RIGHT_RANGE, axis_label=right), "right")
    box = BoxZoomTool()
    f.add_tools("xpan", "xwheel_zoom", box, "reset", SaveTool(filename="series"))
    f.toolbar.update(logo=None, autohide=True, active_drag=box)
    f.xaxis.major_label_policy = NoOverlap(min_distance=8)
    apply_colours(f, c)


def _range() -> DataRange1d:
    """Return a range that the browser computes and does not send to the server."""
    return DataRange1d(syncable=False)


def _axis_labels(lines: Sequence[Line], right: bool) -> str:
    """Return the label of the left or right axis: title and units, or units only for several."""
    mine = [line.table for line in lines if line.on_right is right]
    units = ", ".join(dict.fromkeys(shown_units(table.units) for table in mine))
    titles = dict.fromkeys(
        ", ".join(filter(None, [table.quantity or table.title, table.summary])) for table in mine
    )
    if len(titles) == 1:
        label = titled(next(iter(titles)), units)
        return label if len(label) <= LONGEST_LABEL else label.replace(", ", ",\n", 1)
    return units or ", ".join(titles)


def apply_colours(f: figure, c: Colours) -> None:
    """Set the colours of background, grid and axes; and where a text begins."""
    if current_language().direction == "rtl":
        # bokeh 3.9 sets legends beside the page where that runs from right to left
        f.styles = {"direction": "ltr"}
        for axis in f.axis:
            axis.axis_label = _from_right(str(axis.axis_label or ""))
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
    """Add a legend below a chart, which becomes higher by it.

    Parameters
    ----------
    place : location of the legend, as bokeh names it
    click : what a click on a name does, as bokeh names it: "hide" or "mute"
    """
    if current_language().direction == "rtl":
        for item in items:
            item.label = {"value": _from_right(str(item.label["value"]))}
    longest = max((len(str(item.label["value"])) for item in items), default=0)
    columns = next((count for most, count in LEGEND_COLUMNS.items() if longest <= most), 1)
    made = Legend(
        items=items,
        orientation="horizontal",
        location=place,
        ncols=columns,
        border_line_color=None,
        background_fill_alpha=0.0,
        label_text_color=c.text,
        label_text_font_size="12px",
        click_policy=click,
        spacing=12,
        padding=2,
    )
    f.add_layout(made, "below")
    f.height += 24 * -(-len(items) // columns)


def _from_right(text: str) -> str:
    """Have a text run from right to left where what is around it does not."""
    return f"\u200f{text}\u200f" if text else text


def hover_tool(
    renderers: list[GlyphRenderer], units: str, when: str, compared: bool = False
) -> HoverTool:
    """Return the tool that shows zone, time, value and share of data [%] under the pointer.

    Parameters
    ----------
    units : of the values
    when : format of the time, of ``hover_time_format``
    compared : whether values are compared with what is normal
    """
    made = HoverTool(
        renderers=renderers,
        tooltips=[
            ("", "$name"),
            (tr("Time (UTC)"), when),
            (tr("Value"), with_units("@value{0,0.[000]}", units)),
            *(pointed_at(units) if compared else ()),
            (tr("With data"), "@percent{0.[0]} %"),
        ],
        formatters={"@time": "datetime"},
        mode="mouse",
        line_policy="nearest",
    )
    name_pointed_time(made, "label" if when.startswith("@label") else "time")
    return name_numbers(made)


def pointed_at(units: str) -> list[tuple[str, str]]:
    """Return what is shown of normals under the pointer: its name, and the format of the number."""
    normal, rank = POINTED.items()
    return [
        (tr(normal[1]), with_units(f"@{normal[0]}{{0,0.[000]}}", units)),
        (tr(rank[1]), f"@{rank[0]}{{0}}"),
    ]


def hover_time_format(table: SeriesTable) -> str:
    """Return the format of the time under the pointer: exact dates, else labels of steps."""
    if not table.has_exact_dates:
        return "@label"
    is_daily = all((time.hour, time.minute) == (0, 0) for time in table.times)
    return "@time{%F}" if is_daily else "@time{%F %R}"

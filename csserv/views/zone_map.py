"""The zones of a result on a map, coloured by their value at one step."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import shapely
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    HoverTool,
    LinearColorMapper,
    Range1d,
)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from csserv.request import Area
from csserv.views.canvas import script
from csserv.views.figures import lowest_and_highest, said
from csserv.views.mercator import rings, to_mercator
from csserv.views.outlines import countries_near, for_screen
from csserv.views.series import SeriesTable
from csserv.views.theme import colours


class ZoneMap(pn.viewable.Viewer):
    """Zones coloured by value, with a slider of time."""

    def __init__(self, area: Area, table: SeriesTable, dark: bool = False, **params: Any) -> None:
        super().__init__(**params)
        self._table = table
        self._labels = table.labels
        self._sources = _sources(area)
        self.figure = _figure(area, self._sources, table, dark)
        last = len(table.times) - 1
        self.slider = pmui.IntSlider(
            label="Step",
            start=0,
            end=max(last, 1),
            value=0,
            show_value=False,
            disabled=last == 0,
            sizing_mode="stretch_width",
            margin=(0, 24),
        )
        self.said = pmui.Typography("", variant="subtitle2", margin=(0, 16))
        self.slider.param.watch(lambda event: self.show(event.new), "value")
        self._pane = pn.pane.Bokeh(self.figure, sizing_mode="stretch_width")
        self.show(0)

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return pn.Column(self.said, self._pane, self.slider, sizing_mode="stretch_width", margin=0)

    def show(self, step: int) -> None:
        """Colour the zones by their values at a step."""
        values, percent = self._table.values[step], self._table.percent[step]
        self.said.object = self._labels[step]

        def change() -> None:
            for places, source in self._sources:
                source.data = dict(source.data) | {
                    "value": values[places],
                    "percent": percent[places],
                    "said": [said(v, self._table.units) for v in values[places].tolist()],
                }

        document = self.figure.document
        if document is not None and document.session_context is not None:
            document.add_next_tick_callback(change)
        else:
            change()


def _sources(area: Area) -> list[tuple[list[int], ColumnDataSource]]:
    """Polygons and points, each with their places among the zones of the area."""
    shapes = [zone.geometry for zone in area.zones]
    flat = [i for i, zone in enumerate(area.zones) if not zone.is_point]
    dots = [i for i, zone in enumerate(area.zones) if zone.is_point]
    names = [zone.name for zone in area.zones]
    drawn = [rings(shape) for shape in for_screen(shapes[i] for i in flat)]
    centres = [shapely.centroid(shapes[i]) for i in dots]
    x, y = to_mercator([p.x for p in centres], [p.y for p in centres])
    polygons = {"xs": [xs for xs, _ in drawn], "ys": [ys for _, ys in drawn]}
    points = {"x": x, "y": y}
    return [
        (flat, ColumnDataSource(polygons | _filled([names[i] for i in flat]))),
        (dots, ColumnDataSource(points | _filled([names[i] for i in dots]))),
    ]


def _filled(names: list[str]) -> dict[str, Any]:
    empty = np.full(len(names), np.nan)
    return {"name": names, "value": empty, "percent": empty, "said": [""] * len(names)}


def _figure(
    area: Area,
    sources: list[tuple[list[int], ColumnDataSource]],
    table: SeriesTable,
    dark: bool,
) -> figure:
    c = colours(dark)
    west, south, east, north = area.bounds
    room = max(0.1 * max(east - west, north - south), 0.3)
    (x0, x1), (y0, y1) = to_mercator(
        [west - room, east + room], [max(south - room, -80), min(north + room, 83)]
    )
    f = figure(
        name="zone_map",
        x_axis_type="mercator",
        y_axis_type="mercator",
        x_range=Range1d(x0, x1, syncable=False),
        y_range=Range1d(y0, y1, syncable=False),
        height=380,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,reset",
        active_scroll=None,
        toolbar_location="above",
        outline_line_color=None,
        border_fill_alpha=0.0,
    )
    place = {"x0": [x0], "x1": [x1], "y0": [y0], "y1": [y1]}
    fit = script("fit", f=f, place=ColumnDataSource(place))
    f.js_on_change("inner_width", fit)
    f.js_on_change("inner_height", fit)
    f.axis.visible = False
    f.grid.visible = False
    f.toolbar.update(logo=None, autohide=True)
    f.quad(left=-9e7, right=9e7, bottom=-9e7, top=9e7, fill_color=c.sea, line_color=None)
    # a wide screen shows more than the zones, to the left and to the right
    wide = 2 * max(east - west, north - south, 1.0)
    land = ColumnDataSource(countries_near((west - wide, south - wide, east + wide, north + wide)))
    f.multi_polygons("xs", "ys", source=land, fill_color=c.land, line_color=c.border)
    low, high = lowest_and_highest(table.values)
    palette = Viridis256 if dark else Viridis256[::-1]
    mapper = LinearColorMapper(palette=palette, low=low, high=high, nan_color=c.missing)
    look = {"fill_color": {"field": "value", "transform": mapper}, "line_color": c.ink}
    shown = [
        f.multi_polygons("xs", "ys", source=sources[0][1], line_width=0.8, **look),
        f.scatter("x", "y", source=sources[1][1], size=13, **look),
    ]
    tooltips = [("", "@name"), ("Value", "@said"), ("With data", "@percent{0.[0]} %")]
    f.add_tools(HoverTool(renderers=shown, tooltips=tooltips, point_policy="follow_mouse"))
    f.add_layout(
        ColorBar(
            color_mapper=mapper,
            title=table.units,
            width=12,
            title_text_color=c.ink,
            major_label_text_color=c.ink,
            background_fill_color=None,
        ),
        "right",
    )
    return f

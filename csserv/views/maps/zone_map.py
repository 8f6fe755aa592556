"""A map for pages: the zones of a result, coloured by value, with a slider of time."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import shapely
from bokeh.models import ColorBar, ColumnDataSource, HoverTool, LinearColorMapper
from bokeh.plotting import figure
from shapely.geometry.base import BaseGeometry

from csserv.request import Area
from csserv.units import shown_units
from csserv.views.maps.basemap import base_map, colour_bar_style, palette
from csserv.views.maps.mercator import rings_of, to_mercator
from csserv.views.maps.outlines import are_simpler, simplified
from csserv.views.parts.html_parts import Choice, paragraph, text_to_html
from csserv.views.parts.key_figures import value_range, value_text
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.served_changes import change_served
from csserv.views.parts.theme import colours

#: said where it is so
SIMPLER = "Outlines are simplified to be drawn; the numbers are those of the whole shapes."


class ZoneMap(pn.viewable.Viewer):
    """Shows zones coloured by their value at one step, with a slider of time.

    Where each zone has several series, of members perhaps, one is chosen; colours are the same.
    """

    def __init__(self, area: Area, table: SeriesTable, dark: bool = False, **params: Any) -> None:
        super().__init__(**params)
        self._every, self._table = table, table.of_selection(0)
        numbers = {text: str(number) for number, text in enumerate(table.selections)}
        self.selection = Choice("Shown on the map", numbers, visible=bool(numbers), margin=(4, 16))
        self.selection.param.watch(self._choose, "value")
        self._labels = table.labels
        flat = [zone.geometry for zone in area.zones if not zone.is_point]
        drawn = simplified(flat)
        self.told = paragraph(SIMPLER, visible=are_simpler(drawn, flat), margin=(4, 16))
        self._sources = _sources(area, drawn)
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
        self.step_text = paragraph("", margin=(4, 16))
        self.slider.param.watch(lambda event: self.show(event.new), "value")
        self._pane = pn.pane.Bokeh(self.figure, sizing_mode="stretch_width")
        self.show(0)

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the map with its slider."""
        return pn.Column(
            self.selection,
            self.step_text,
            self._pane,
            self.slider,
            self.told,
            sizing_mode="stretch_width",
            margin=0,
        )

    def _choose(self, event: Any) -> None:
        self._table = self._every.of_selection(int(event.new))
        self.show(self.slider.value)

    def show(self, step: int) -> None:
        """Colour the zones by their values at a step."""
        values, percent = self._table.values[step], self._table.percent[step]
        self.step_text.object = text_to_html(f"{self._labels[step]} UTC")

        def change() -> None:
            for places, source in self._sources:
                source.data = dict(source.data) | {
                    "value": values[places],
                    "percent": percent[places],
                    "said": [value_text(v, self._table.units) for v in values[places].tolist()],
                }

        change_served(self.figure.document, change)


def _sources(area: Area, polygons: list[BaseGeometry]) -> list[tuple[list[int], ColumnDataSource]]:
    """Return the sources of polygons and of points, each with the numbers of its zones.

    Parameters
    ----------
    polygons : the shapes of those that are no points, as they are drawn
    """
    shapes = [zone.geometry for zone in area.zones]
    flat = [i for i, zone in enumerate(area.zones) if not zone.is_point]
    dots = [i for i, zone in enumerate(area.zones) if zone.is_point]
    names = [zone.name for zone in area.zones]
    drawn = rings_of(polygons)
    centres = [shapely.centroid(shapes[i]) for i in dots]
    x, y = to_mercator([p.x for p in centres], [p.y for p in centres])
    rings = {"xs": [xs for xs, _ in drawn], "ys": [ys for _, ys in drawn]}
    points = {"x": x, "y": y}
    return [
        (flat, ColumnDataSource(rings | _filled([names[i] for i in flat]))),
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
    f = base_map("zone_map", area.bounds, dark, height=380)
    low, high = value_range(table.values)
    mapper = LinearColorMapper(palette=palette(dark), low=low, high=high, nan_color=c.missing)
    look = {"fill_color": {"field": "value", "transform": mapper}, "line_color": c.text}
    shown = [
        f.multi_polygons("xs", "ys", source=sources[0][1], line_width=0.8, **look),
        f.scatter("x", "y", source=sources[1][1], size=13, **look),
    ]
    tooltips = [("", "@name"), ("Value", "@said"), ("With data", "@percent{0.[0]} %")]
    f.add_tools(HoverTool(renderers=shown, tooltips=tooltips, point_policy="follow_mouse"))
    f.add_layout(
        ColorBar(color_mapper=mapper, title=shown_units(table.units), **colour_bar_style(dark)),
        "right",
    )
    return f

"""The map on which areas are drawn: a bokeh figure with some JavaScript."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import shapely
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    PanTool,
    Range1d,
    WheelZoomTool,
)
from bokeh.plotting import figure
from panel.io import push_notebook
from panel.pane import Bokeh

from csserv.language import tr
from csserv.request import Area
from csserv.views.maps.mercator import to_mercator
from csserv.views.maps.outlines import Outlines, area_outlines
from csserv.views.maps.places.named_zones import zone_names
from csserv.views.maps.scene import NOTHING, Bounds, Scene, extent_columns
from csserv.views.parts import assets
from csserv.views.parts.served_changes import is_served

#: the part of the world shown at first [degrees]
INHABITED: Bounds = (-165.0, -56.0, 178.0, 74.0)

#: zones that are drawn at once, without a thread
FEW = 50

#: columns of a source of bokeh
Columns = dict[str, list[Any]]

#: least width of the map when it shows an area [degrees]
NARROWEST = 0.5


class Canvas:
    """A map with land, the extent of a dataset, administrative units, and the zones of an area.

    Parameters
    ----------
    on_drawn : called with each finished shape: its kind, x and y of its corners [m], and the size
        of a pixel [m]
    mode : kind of shape to draw, a key of ``MODES``
    dark : whether to use the dark colour scheme
    tiles : address of map tiles to show over the land; nothing is loaded without it
    outlines : address of the outlines of countries, relative to the page; without it they are
        sent with the document
    places : address of lakes, rivers and towns, relative to the page; without it there are none
    """

    def __init__(
        self,
        on_drawn: Callable[[str, list[float], list[float], float], None],
        mode: str,
        dark: bool,
        tiles: str | None = None,
        outlines: str = "",
        places: str = "",
    ) -> None:
        self._on_drawn = on_drawn
        self._area: Area | None = None
        self.figure = _figure()
        self._mode = ColumnDataSource({"mode": [mode]})
        self._drawn = ColumnDataSource({"kind": [], "x": [], "y": [], "metres": []})
        self._place = ColumnDataSource(_place(INHABITED))
        self._scene = Scene(self.figure, tiles, outlines, places)
        self._listen()
        self._scene.set_colours(dark)
        self.pane = Bokeh(self.figure, sizing_mode="stretch_both", min_height=360)

    def set_mode(self, mode: str) -> None:
        """Change the kind of shape to draw; an unfinished shape is removed."""
        self._change(lambda: setattr(self._mode, "data", {"mode": [mode]}))

    def set_dark(self, dark: bool) -> None:
        """Change to the dark or the light colour scheme."""
        self._change(lambda: self._scene.set_colours(dark))

    def show_area(self, area: Area | None) -> None:
        """Show the zones of an area instead of those before; None shows none.

        To simplify 20,000 zones takes seconds, in which a server has to hear others: so they appear
        on a page when a thread has done it.
        """
        self._area = area
        if self._is_served and area and len(area.zones) > FEW:
            pn.state.execute(partial(self._show_later, area))
        else:
            self._show(*_drawn(area))

    async def _show_later(self, area: Area) -> None:
        drawn = await asyncio.to_thread(_drawn, area)
        if area is self._area:  # and not another one since
            self._show(*drawn)

    def _show(self, polygons: Columns, points: Columns, names: Columns) -> None:
        def change() -> None:
            self._scene.zones.data = polygons
            self._scene.points.data = points
            self._scene.zone_names.data = names

        self._change(change)

    def show_admin_units(self, outlines: Outlines) -> None:
        """Show the administrative units of a country, to choose from."""
        columns = outlines.columns
        self._change(lambda: setattr(self._scene.admin_units, "data", columns))

    def show_extent(self, bounds: Bounds | None) -> None:
        """Shade the extent of a dataset [degrees]; None shades nothing."""
        columns = extent_columns(bounds)
        self._change(lambda: setattr(self._scene.extent, "data", columns))

    def zoom_to(self, bounds: Bounds | None) -> None:
        """Show a part of the world [degrees] with a margin; None shows all of it."""
        place = _place(_with_room(bounds) if bounds else INHABITED)

        def change() -> None:
            # a map that the browser has not drawn yet starts there
            self.figure.x_range.update(start=place["x0"][0], end=place["x1"][0])
            self.figure.y_range.update(start=place["y0"][0], end=place["y1"][0])
            self._place.data = place

        self._change(change)

    @property
    def _is_served(self) -> bool:
        return is_served(self.figure.document)

    def _change(self, change: Callable[[], None]) -> None:
        """Change bokeh models; a served document must be locked for that, from any thread."""
        document = self.figure.document
        if document is not None and self._is_served:
            document.add_next_tick_callback(change)
            return
        change()
        if document is not None:
            push_notebook(self.pane)

    def _listen(self) -> None:
        f, pan, scene = self.figure, self.figure.select_one(PanTool), self._scene
        draw = custom_js(
            "maps/draw",
            f=f,
            mode=self._mode,
            sketch=scene.sketch,
            rubber_band=scene.rubber_band,
            drawn=self._drawn,
        )
        for event in ("tap", "doubletap", "mousemove", "panstart", "pan", "panend"):
            f.js_on_event(event, draw)
        sides = {"W": tr("W"), "E": tr("E"), "S": tr("S"), "N": tr("N")}
        where = custom_js("maps/where", f=f, label=scene.label, sides=sides)
        for event in ("mousemove", "mouseleave"):
            f.js_on_event(event, where)
        fit = custom_js("maps/fit", f=f, place=self._place)
        f.js_on_change("inner_width", fit)
        f.js_on_change("inner_height", fit)
        self._place.js_on_change("data", fit)
        # a drag draws a box, or moves the map
        switch = CustomJS(
            args={"pan": pan, "sketch": scene.sketch, "rubber_band": scene.rubber_band},
            code="pan.active = cb_obj.data.mode[0] != 'box';"
            "sketch.data = {x: [], y: []}; rubber_band.data = {x: [], y: []};",
        )
        self._mode.js_on_change("data", switch)
        self._drawn.on_change("data", self._heard)

    def _heard(self, attribute: str, old: Any, new: Any) -> None:
        if new["kind"]:
            x, y = (list(map(float, new[axis][0])) for axis in "xy")
            self._on_drawn(new["kind"][0], x, y, float(new["metres"][0]))


def _drawn(area: Area | None) -> tuple[Columns, Columns, Columns]:
    """Return the polygons, the points and the names of an area as columns for bokeh."""
    outlines = area_outlines(area) if area else NOTHING
    points = [zone for zone in area.zones if zone.is_point] if area else []
    places, of_zone = shapely.get_coordinates([one.geometry for one in points], return_index=True)
    x, y = (axis.tolist() for axis in to_mercator(*places.T))
    dots = {"x": x, "y": y, "name": [points[i].name for i in of_zone]}
    return outlines.columns, dots, zone_names(outlines, dots)


def _figure() -> figure:
    place = _place(INHABITED)
    # pans and zooms stay in the browser
    x, y = (Range1d(place[f"{axis}0"][0], place[f"{axis}1"][0], syncable=False) for axis in "xy")
    wheel, pan = WheelZoomTool(), PanTool()
    f = figure(
        name="area_map",
        css_classes=["map"],
        x_axis_location=None,
        y_axis_location=None,
        x_range=x,
        y_range=y,
        tools=[pan, wheel],
        toolbar_location=None,
        sizing_mode="stretch_both",
        min_height=360,
        min_border=0,
        border_fill_color=None,
        outline_line_color=None,
    )
    f.center = []  # no grid lines
    f.toolbar.active_scroll = wheel
    f.toolbar.active_drag = pan
    return f


def custom_js(name: str, **models: Any) -> CustomJS:
    """Return a script of ``csserv.views`` as a callback, with the models that it uses."""
    return CustomJS(args=models, code=assets.script(name))


def _place(bounds: Bounds) -> dict[str, list[float]]:
    (x0, x1), (y0, y1) = to_mercator(bounds[::2], bounds[1::2])
    return {"x0": [float(x0)], "x1": [float(x1)], "y0": [float(y0)], "y1": [float(y1)]}


def _with_room(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    room = max(0.15 * max(east - west, north - south), NARROWEST / 2)
    return west - room, max(south - room, -80.0), east + room, min(north + room, 83.0)

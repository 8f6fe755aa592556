"""The picture of the world that areas are drawn on: bokeh, with a little JavaScript of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

from csserv.request import Area
from csserv.views.maps.mercator import to_mercator
from csserv.views.maps.outlines import Outlines, area_outlines
from csserv.views.maps.scene import NOTHING, Bounds, Scene, extent_columns
from csserv.views.parts import assets

#: where people live [degrees]
INHABITED: Bounds = (-165.0, -56.0, 178.0, 74.0)

#: the map is at least so wide when it goes to an area [degrees]
NARROWEST = 0.5


class Canvas:
    """A map with land, a dataset's extent, units of a country, and the zones of an area.

    ``on_drawn`` is told each shape that a person has finished: its kind and the coordinates of its
    corners [m], and how many metres a pixel has. ``outlines`` is where a page finds the countries
    to draw; without it they are sent along.
    """

    def __init__(
        self,
        on_drawn: Callable[[str, list[float], list[float], float], None],
        mode: str,
        dark: bool,
        tiles: str | None = None,
        outlines: str = "",
    ) -> None:
        self._on_drawn = on_drawn
        self.figure = _figure()
        self._mode = ColumnDataSource({"mode": [mode]})
        self._drawn = ColumnDataSource({"kind": [], "x": [], "y": [], "metres": []})
        self._place = ColumnDataSource(_place(INHABITED))
        self._scene = Scene(self.figure, tiles, outlines)
        self._listen()
        self._scene.colour(dark)
        self.pane = Bokeh(self.figure, sizing_mode="stretch_both", min_height=360)

    def set_mode(self, mode: str) -> None:
        """Draw another kind of shape from now on; what is half drawn goes."""
        self._change(lambda: setattr(self._mode, "data", {"mode": [mode]}))

    def set_dark(self, dark: bool) -> None:
        """Take the colours of light or dark paper."""
        self._change(lambda: self._scene.colour(dark))

    def show_area(self, area: Area | None) -> None:
        """Draw the zones of an area, instead of those before."""
        outlines = area_outlines(area) if area else NOTHING
        points = [zone for zone in area.zones if zone.is_point] if area else []
        columns = outlines.columns
        xy = [
            (float(x), float(y), zone.name)
            for zone in points
            for x, y in zip(*to_mercator(*shapely.get_coordinates(zone.geometry).T), strict=True)
        ]

        def change() -> None:
            self._scene.zones.data = columns
            self._scene.points.data = {
                "x": [x for x, _, _ in xy],
                "y": [y for _, y, _ in xy],
                "name": [name for _, _, name in xy],
            }

        self._change(change)

    def show_units(self, outlines: Outlines) -> None:
        """Draw the units of a country, to be picked."""
        columns = outlines.columns
        self._change(lambda: setattr(self._scene.units, "data", columns))

    def show_extent(self, bounds: Bounds | None) -> None:
        """Shade where a dataset has data."""
        columns = extent_columns(bounds)
        self._change(lambda: setattr(self._scene.extent, "data", columns))

    def go_to(self, bounds: Bounds | None) -> None:
        """Show a part of the world with some room around it; all of it if None."""
        place = _place(_with_room(bounds) if bounds else INHABITED)

        def change() -> None:
            # where the map is yet to be drawn for the first time, it is drawn there
            self.figure.x_range.update(start=place["x0"][0], end=place["x1"][0])
            self.figure.y_range.update(start=place["y0"][0], end=place["y1"][0])
            self._place.data = place

        self._change(change)

    def _change(self, change: Callable[[], None]) -> None:
        """Change raw bokeh models, which wants the document's lock, whoever calls."""
        document = self.figure.document
        if document is not None and document.session_context is not None:
            document.add_next_tick_callback(change)
            return
        change()
        if document is not None:
            push_notebook(self.pane)

    def _listen(self) -> None:
        f, pan, scene = self.figure, self.figure.select_one(PanTool), self._scene
        draw = script(
            "maps/draw",
            f=f,
            mode=self._mode,
            sketch=scene.sketch,
            rubber=scene.rubber,
            drawn=self._drawn,
        )
        for event in ("tap", "doubletap", "mousemove", "panstart", "pan", "panend"):
            f.js_on_event(event, draw)
        where = script("maps/where", f=f, label=scene.label)
        for event in ("mousemove", "mouseleave"):
            f.js_on_event(event, where)
        fit = script("maps/fit", f=f, place=self._place)
        f.js_on_change("inner_width", fit)
        f.js_on_change("inner_height", fit)
        self._place.js_on_change("data", fit)
        # a drag draws a box, or moves the map
        switch = CustomJS(
            args={"pan": pan, "sketch": scene.sketch, "rubber": scene.rubber},
            code="pan.active = cb_obj.data.mode[0] != 'box';"
            "sketch.data = {x: [], y: []}; rubber.data = {x: [], y: []};",
        )
        self._mode.js_on_change("data", switch)
        self._drawn.on_change("data", self._heard)

    def _heard(self, attribute: str, old: Any, new: Any) -> None:
        if new["kind"]:
            x, y = (list(map(float, new[axis][0])) for axis in "xy")
            self._on_drawn(new["kind"][0], x, y, float(new["metres"][0]))


def _figure() -> figure:
    place = _place(INHABITED)
    # a person's moves on the map are nobody else's business: ranges stay in the browser
    x, y = (Range1d(place[f"{axis}0"][0], place[f"{axis}1"][0], syncable=False) for axis in "xy")
    wheel, pan = WheelZoomTool(), PanTool()
    f = figure(
        name="area_map",
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
    f.center = []  # no lines of a grid
    f.toolbar.active_scroll = wheel
    f.toolbar.active_drag = pan
    return f


def script(name: str, **models: Any) -> CustomJS:
    """Read one of our scripts, for the models that it is about."""
    return CustomJS(args=models, code=assets.script(name))


def _place(bounds: Bounds) -> dict[str, list[float]]:
    (x0, x1), (y0, y1) = to_mercator(bounds[::2], bounds[1::2])
    return {"x0": [float(x0)], "x1": [float(x1)], "y0": [float(y0)], "y1": [float(y1)]}


def _with_room(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    room = max(0.15 * max(east - west, north - south), NARROWEST / 2)
    return west - room, max(south - room, -80.0), east + room, min(north + room, 83.0)

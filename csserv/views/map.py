"""A map to choose an area on, for pages and for notebooks."""

from __future__ import annotations

import asyncio
from functools import partial

import panel as pn
import panel_material_ui as pmui
import param
import shapely

from csserv.catalog import Layers
from csserv.errors import InvalidAreaError
from csserv.request import Area, Zone
from csserv.views.canvas import Canvas
from csserv.views.outlines import units
from csserv.views.picking import (
    MODES,
    SHAPES,
    Drawn,
    country_at,
    country_zone,
    joined,
    titled,
    unit_zone,
)
from csserv.views.scene import NOTHING


class AreaMap(pn.viewable.Viewer):
    """A map on which countries, regions, polygons, boxes and points are chosen.

    Parameters
    ----------
    layers : the feature layers to pick of
    tiles : address of map tiles to show over the land, such as
        ``https://tiles.example/{z}/{x}/{y}.png``; without it nothing is asked of the network
    """

    area = param.ClassSelector(class_=Area, allow_None=True, doc="what is chosen")
    mode = param.Selector(objects=list(MODES), default="country", doc="what a tap chooses")
    several = param.Boolean(default=False, doc="whether a further zone joins those before it")
    extent = param.Tuple(default=None, length=4, allow_None=True, doc="of the data [degrees]")
    dark = param.Boolean(default=False)
    problem = param.String(default="", doc="why the last thing drawn is no area")

    def __init__(self, layers: Layers, tiles: str | None = None, **params: object) -> None:
        super().__init__(**params)
        self._layers = layers
        self._country = ""  # whose units are shown
        self.canvas = Canvas(self._heard, self.mode, self.dark, tiles)
        self.param.watch(lambda event: self._mode_changed(event.new), "mode")
        self.param.watch(lambda event: self.canvas.set_dark(event.new), "dark")
        self.param.watch(lambda event: self.canvas.show_extent(event.new), "extent")
        self.param.watch(lambda event: self.canvas.show_area(event.new), "area")
        self._view = self._layout()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return self._view

    def choose(self, area: Area | None) -> None:
        """Take an area from elsewhere, such as a file, and show where it is."""
        self.param.update(area=area, problem="")
        self.canvas.go_to(area.bounds if area else None)

    def clear(self) -> None:
        """Choose nothing."""
        self.param.update(area=None, problem="")
        self.canvas.set_mode(self.mode)

    async def draw(self, drawn: Drawn) -> None:
        """Take what a person has drawn or tapped."""
        try:
            zone = await asyncio.to_thread(self._zone, drawn)
            if zone is not None:
                area = joined(self.area, zone) if self.several else titled((zone,))
                self.param.update(area=area, problem="")
        except InvalidAreaError as error:
            self.problem = str(error)

    def _heard(self, kind: str, x: list[float], y: list[float], metres: float) -> None:
        pn.state.execute(partial(self.draw, Drawn(kind, x, y, metres)))

    def _zone(self, drawn: Drawn) -> Zone | None:
        if drawn.kind in SHAPES:
            return SHAPES[drawn.kind](drawn)
        if drawn.kind == "country":
            return country_zone(self._layers, drawn)
        if zone := unit_zone(self._layers, self._country, drawn):
            return zone
        self._show_units(country_at(drawn))
        return None

    def _show_units(self, country: str) -> None:
        """Show the units of a country, and go there."""
        found = units(self._layers["admin_1_earth"], country)
        if not found.ids:
            raise InvalidAreaError(f"{country} has no regions; choose the country itself")
        self._country = country
        self.canvas.show_units(found)
        west, south, east, north = shapely.total_bounds(found.shapes)
        self.canvas.go_to((west, south, east, north))

    def _mode_changed(self, mode: str) -> None:
        self.canvas.set_mode(mode)
        if mode != "unit":
            self._country = ""
            self.canvas.show_units(NOTHING)

    def _layout(self) -> pn.viewable.Viewable:
        modes = pmui.RadioButtonGroup.from_param(
            self.param.mode,
            label="",
            description="",
            options={title: name for name, (title, _) in MODES.items()},
            size="small",
            color="primary",
            margin=(6, 8),
            sx={"& button": {"whiteSpace": "nowrap", "px": 1.25, "py": 0.5}},
        )
        several = pmui.Switch.from_param(
            self.param.several, label="Several zones", description="", margin=(8, 4), size="small"
        )
        hint = pmui.Typography(
            pn.bind(lambda mode: MODES[mode][1], self.param.mode),
            variant="caption",
            color="text.secondary",
            margin=(0, 10),
        )
        problem = pmui.Alert(
            object=self.param.problem,
            severity="warning",
            visible=self.param.problem.rx().rx.bool(),
            margin=(4, 8),
            sizing_mode="stretch_width",
        )
        bar = pmui.FlexBox(
            modes,
            several,
            self.canvas.zoom_button("Zoom in", "zoom_in", 0.5),
            self.canvas.zoom_button("Zoom out", "zoom_out", 2.0),
            align_items="center",
            sizing_mode="stretch_width",
            margin=0,
        )
        return pmui.Column(
            bar, hint, problem, self.canvas.pane, sizing_mode="stretch_both", margin=0
        )

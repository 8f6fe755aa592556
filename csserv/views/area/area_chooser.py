"""Choosing an area: what is tapped or drawn becomes its zones; how that looks is another matter."""

from __future__ import annotations

import asyncio
from functools import partial

import panel as pn
import param
import shapely

from csserv.catalog import Layers
from csserv.errors import InvalidAreaError
from csserv.request import Area, Zone
from csserv.views.area.drawn_shapes import (
    MODES,
    SHAPES,
    Drawn,
    country_at,
    country_zone,
    joined,
    titled,
    unit_zone,
)
from csserv.views.maps.canvas import Canvas
from csserv.views.maps.outlines import Outlines, units


class AreaChooser(pn.viewable.Viewer):
    """Chooses countries, regions, polygons, boxes and points on a map, its ``canvas``.

    Parameters
    ----------
    layers : the feature layers to pick of
    tiles : address of map tiles to show over the land, such as
        ``https://tiles.example/{z}/{x}/{y}.png``; without it nothing is asked of the network
    outlines : where a page finds the countries to draw; without it they are sent along
    """

    area = param.ClassSelector(class_=Area, allow_None=True, doc="what is chosen")
    mode = param.Selector(objects=list(MODES), default="country", doc="what a tap chooses")
    several = param.Boolean(default=False, doc="whether a further zone joins those before it")
    extent = param.Tuple(default=None, length=4, allow_None=True, doc="of the data [degrees]")
    dark = param.Boolean(default=False)
    problem = param.String(default="", doc="why the last thing drawn is no area")

    def __init__(
        self, layers: Layers, tiles: str | None = None, outlines: str = "", **params: object
    ) -> None:
        super().__init__(**params)
        self._layers = layers
        self._country = ""  # whose units are shown
        self.canvas = Canvas(self._heard, self.mode, self.dark, tiles, outlines)
        self.param.watch(lambda event: self._mode_changed(event.new), "mode")
        self.param.watch(lambda event: self.canvas.set_dark(event.new), "dark")
        self.param.watch(lambda event: self.canvas.show_extent(event.new), "extent")
        self.param.watch(lambda event: self.canvas.show_area(event.new), "area")

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
            self.take(await asyncio.to_thread(self.zone_of, drawn))
        except InvalidAreaError as error:
            self.problem = str(error)

    def take(self, zone: Zone | None) -> None:
        """Choose a zone, beside those chosen before where several are wanted.

        Raises
        ------
        InvalidAreaError : there would be too many
        """
        if zone is not None:
            area = joined(self.area, zone) if self.several else titled((zone,))
            self.param.update(area=area, problem="")

    def _heard(self, kind: str, x: list[float], y: list[float], metres: float) -> None:
        pn.state.execute(partial(self.draw, Drawn(kind, x, y, metres)))

    def zone_of(self, drawn: Drawn) -> Zone | None:
        """Find the zone that was drawn or hit; None where a country's regions are shown instead.

        Raises
        ------
        InvalidAreaError : there is none, or it is none
        """
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
            self.canvas.show_units(Outlines((), (), ()))

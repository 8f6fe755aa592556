"""The base of maps on which areas are chosen: turns taps and drawings into zones."""

from __future__ import annotations

import asyncio
from functools import partial

import panel as pn
import param
import shapely

from csserv.catalog import FeatureLayer, Layers
from csserv.errors import CsservError, InvalidAreaError
from csserv.language import tr
from csserv.request import Area
from csserv.views.area.drawn_shapes import (
    MODES,
    SHAPES,
    DrawnShape,
    admin_unit_area,
    country_area,
    country_at,
    drawn_outlines,
    layer_area,
    toggled,
)
from csserv.views.maps.canvas import Canvas
from csserv.views.maps.outlines import Outlines, admin_units


class AreaChooser(pn.viewable.Viewer):
    """Lets a user choose countries, regions, polygons, boxes and points on a map, its ``canvas``.

    Parameters
    ----------
    layers : the feature layers to choose from
    tiles : address of map tiles to show over the land, such as
        ``https://tiles.example/{z}/{x}/{y}.png``; nothing is loaded without it
    outlines : address of the outlines of countries, relative to the page; without it they are
        sent with the document
    places : address of lakes, rivers and towns, relative to the page; without it there are none
    """

    area = param.ClassSelector(class_=Area, allow_None=True, doc="the chosen area")
    mode = param.Selector(
        objects=list(MODES), default="country", doc="what a tap chooses, a key of MODES"
    )
    layer = param.String(
        default="", doc="id of a layer whose zones are the regions to tap; its parts with /1, /2"
    )
    multiple = param.Boolean(default=False, doc="whether a further zone is added to the area")
    extent = param.Tuple(
        default=None, length=4, allow_None=True, doc="extent of the data [degrees]"
    )
    dark = param.Boolean(default=False)
    problem = param.String(default="", doc="why the last drawing is no area")

    def __init__(
        self,
        layers: Layers,
        tiles: str | None = None,
        outlines: str = "",
        places: str = "",
        **params: object,
    ) -> None:
        super().__init__(**params)
        self._layers = layers
        self._country = ""  # code of the country whose units are shown
        self.canvas = Canvas(self._heard, self.mode, self.dark, tiles, outlines, places)
        self.param.watch(lambda *events: self._mode_changed(), ["mode", "layer"])
        self.param.watch(lambda event: self.canvas.set_dark(event.new), "dark")
        self.param.watch(lambda event: self.canvas.show_extent(event.new), "extent")
        self.param.watch(lambda event: self.canvas.show_area(event.new), "area")

    def choose(self, area: Area | None) -> None:
        """Set the area, for example from a file, and zoom to it."""
        self.param.update(area=area, problem="")
        self.canvas.zoom_to(area.bounds if area else None)

    def clear(self) -> None:
        """Remove the area."""
        self.param.update(area=None, problem="")
        self.canvas.set_mode(self.mode)

    async def add_drawn(self, drawn: DrawnShape) -> None:
        """Add what a user has drawn or tapped to the area."""
        try:
            self.add_zone(await asyncio.to_thread(self.zone_of, drawn))
        except CsservError as error:
            self.problem = str(error)

    def add_zone(self, found: Area | None) -> None:
        """Set the area to one zone; or, if ``multiple``, add it to the area, or remove it there."""
        if found is not None:
            area = toggled(self.area, found) if self.multiple else found
            self.param.update(area=area, problem="")

    def _heard(self, kind: str, x: list[float], y: list[float], metres: float) -> None:
        pn.state.execute(partial(self.add_drawn, DrawnShape(kind, x, y, metres)))

    def zone_of(self, drawn: DrawnShape) -> Area | None:
        """Return the zone that was drawn or tapped; None if regions of a country are shown instead.

        Raises
        ------
        InvalidAreaError : there is nothing at that place, or the shape is not valid
        UnknownLayerError : the layer was removed meanwhile
        """
        if drawn.kind in SHAPES:
            zone = SHAPES[drawn.kind](drawn)
            return Area((zone,), zone.name)
        if drawn.kind == "country":
            return country_area(self._layers, drawn)
        if self.layer:
            layer, depth = self._regions
            return layer_area(layer, drawn, depth)
        if found := admin_unit_area(self._layers, self._country, drawn):
            return found
        self._show_admin_units(country_at(drawn))
        return None

    def _show_admin_units(self, country: str) -> None:
        """Show the administrative units of a country, and zoom to it."""
        found = admin_units(self._layers["admin_1_earth"], country)
        if not found.ids:
            said = tr("{country} has no regions; choose the country itself", country=country)
            raise InvalidAreaError(said)
        self._country = country
        self.canvas.show_admin_units(found)
        west, south, east, north = shapely.total_bounds(found.shapes)
        self.canvas.zoom_to((west, south, east, north))

    def show_layer(self) -> None:
        """Show the zones of the chosen layer, and zoom to them.

        Raises
        ------
        InvalidAreaError : there are too many to show
        UnknownLayerError : the layer was removed meanwhile
        """
        found = drawn_outlines(*self._regions)
        self.canvas.show_admin_units(found)
        west, south, east, north = shapely.total_bounds(found.shapes)
        self.canvas.zoom_to((west, south, east, north))

    @property
    def _regions(self) -> tuple[FeatureLayer, int]:
        """The chosen layer, and the depth of the parts that are tapped; 0 for its zones."""
        name, _, depth = self.layer.partition("/")
        return self._layers[name], int(depth or 0)

    def _mode_changed(self) -> None:
        self.canvas.set_mode(self.mode)
        self._country = ""
        if self.mode == "unit" and self.layer:
            self._show_regions()
        else:
            self.canvas.show_admin_units(Outlines((), (), ()))

    def _show_regions(self) -> None:
        pn.state.execute(self._show_layer_later)

    async def _show_layer_later(self) -> None:
        """Show the zones of the chosen layer once a thread has read and simplified them."""
        try:
            await asyncio.to_thread(self.show_layer)
        except CsservError as error:
            self.problem = str(error)

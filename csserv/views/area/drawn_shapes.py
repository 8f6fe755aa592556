"""Zones from drawings on the map: polygons, boxes, points, and tapped countries or regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import shapely

from csserv.catalog import FeatureLayer, Layers
from csserv.catalog.layers.whole_parts import parts_at
from csserv.errors import InvalidAreaError
from csserv.language import mark, tr
from csserv.notes import each_once
from csserv.request import Area, Zone
from csserv.views.maps.mercator import to_degrees
from csserv.views.maps.outlines import Outlines, admin_units, layer_outlines, part_outlines, world

#: mode → label of its button, and instructions
MODES = {
    "country": (
        mark("Country"),
        mark("Tap a country. Drag to move the map, scroll or pinch to zoom."),
    ),
    "unit": (mark("Region"), mark("Tap a country to see its regions, then tap a region.")),
    "polygon": (
        mark("Polygon"),
        mark("Tap each corner; tap the first or the last corner again to finish."),
    ),
    "box": (mark("Box"), mark("Drag from one corner to the opposite one.")),
    "point": (mark("Point"), mark("Tap a place: the answer is that of the grid cell it lies in.")),
}

#: a tap so near to a shape counts as on it, as shapes on the screen are simplified [pixels]
TAP_RADIUS = 8


@dataclass(frozen=True)
class CollectedArea(Area):
    """An area whose zones were chosen one after the other.

    Attributes
    ----------
    parts : the areas that it was made of; a note goes with the last zone of its part
    """

    parts: tuple[Area, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class DrawnShape:
    """A shape as the browser sends it.

    Attributes
    ----------
    kind : a key of ``MODES``
    x, y : corners in Web Mercator [m]
    metres : size of a pixel [m]
    """

    kind: str
    x: Sequence[float]
    y: Sequence[float]
    metres: float

    @property
    def corners(self) -> list[tuple[float, float]]:
        """Longitude and latitude of each corner [degrees], to about a metre."""
        lon, lat = to_degrees(self.x, self.y)
        return [
            (round((x + 180) % 360 - 180, 5) if abs(x) > 180 else round(x, 5), round(y, 5))
            for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
        ]


def polygon(drawn: DrawnShape) -> Zone:
    """Return the polygon with the tapped corners."""
    lon, lat = to_degrees(drawn.x, drawn.y)
    corners = np.round(np.column_stack([lon, lat]), 5)
    return Zone("polygon", "polygon", shapely.Polygon(corners))


def box(drawn: DrawnShape) -> Zone:
    """Return the box that was dragged."""
    lon, lat = (np.round(axis, 4).tolist() for axis in to_degrees(drawn.x, drawn.y))
    if min(lon) == max(lon) or min(lat) == max(lat):
        raise InvalidAreaError(tr("the box is empty: drag from one corner to the opposite one"))
    return Area.from_box(min(lon), min(lat), max(lon), max(lat)).zones[0]


def point(drawn: DrawnShape) -> Zone:
    """Return the point that was tapped."""
    return Area.from_point(*(round(v, 4) for v in drawn.corners[0])).zones[0]


#: mode → function that makes a zone of a drawn shape
SHAPES: dict[str, Callable[[DrawnShape], Zone]] = {"polygon": polygon, "box": box, "point": point}


def country_at(drawn: DrawnShape) -> str:
    """Return the code of the country that was tapped.

    Raises
    ------
    InvalidAreaError : no country is near
    """
    return nearest_shape(world(), drawn, tr("no country there; tap on land, or search by name"))


def country_area(layers: Layers, drawn: DrawnShape) -> Area:
    """Return the country that was tapped."""
    return _area(layers["country"], country_at(drawn))


def admin_unit_area(layers: Layers, country: str, drawn: DrawnShape) -> Area | None:
    """Return the unit of a country that was tapped; None if another country was."""
    if country_at(drawn) != country:
        return None
    layer = layers["admin_1_earth"]
    return _area(layer, nearest_shape(admin_units(layer, country), drawn, tr("no region there")))


def layer_area(layer: FeatureLayer, drawn: DrawnShape, depth: int = 0) -> Area:
    """Return the zone of a layer that was tapped, or the part at a depth.

    Raises
    ------
    InvalidAreaError : none is near
    """
    found = nearest_shape(drawn_outlines(layer, depth), drawn, f"no {layer.what} there")
    if not depth:
        return _area(layer, found)
    part = next(one for one in parts_at(layer.features, depth) if one.id == found)
    return layer.area([part], part.name)


def drawn_outlines(layer: FeatureLayer, depth: int) -> Outlines:
    """Return the zones of a layer, or at a depth of 1 and more its parts, to be drawn and tapped.

    Raises
    ------
    InvalidAreaError : there are too many zones
    """
    return part_outlines(layer, depth) if depth else layer_outlines(layer)


def nearest_shape(outlines: Outlines, drawn: DrawnShape, message: str) -> str:
    """Return the id of the shape that was tapped, or of the nearest within a few pixels.

    Raises
    ------
    InvalidAreaError : no shape is near; with the ``message``
    """
    place = shapely.Point(drawn.corners[0])
    away = shapely.distance(np.array(outlines.shapes, dtype=object), place)
    near = np.degrees(TAP_RADIUS * drawn.metres / 6378137.0)
    if not away.size or away.min() > near:
        raise InvalidAreaError(message)
    return outlines.ids[int(away.argmin())]


def toggled(area: Area | None, found: Area) -> Area | None:
    """Return the area with a further zone, or without it if it was there; None for an empty one.

    Parameters
    ----------
    found : an area of one zone; its notes are added to those of the area
    """
    zones, zone = area.zones if area else (), found.zones[0]
    parts = area.parts if isinstance(area, CollectedArea) else (area,) if area else ()
    if any(one.name == zone.name and one.geometry == zone.geometry for one in zones):
        zones = tuple(one for one in zones if one.geometry != zone.geometry)
        return _collected(zones, parts) if zones else None
    zones = (*zones, _own(zone, {one.id for one in zones}))
    return _collected(zones, (*parts, found))


def _collected(zones: tuple[Zone, ...], parts: tuple[Area, ...]) -> Area:
    """Return an area of zones; its title has their names, or their number if there are many."""
    there = {zone.geometry for zone in zones}
    kept = tuple(part for part in parts if any(one.geometry in there for one in part.zones))
    names = [zone.name for zone in zones]
    title = ", ".join(names) if len(names) <= 3 else f"{len(names)} zones"
    return CollectedArea(
        zones, title, each_once(note for part in kept for note in part.notes), kept
    )


def _own(zone: Zone, taken: set[str]) -> Zone:
    """Return a zone with a unique id, and a unique name if that was made of the id."""
    if zone.id not in taken:
        return zone
    number = next(n for n in count(2) if f"{zone.id} {n}" not in taken)
    name = f"{zone.name} {number}" if zone.name == zone.id else zone.name
    return Zone(f"{zone.id} {number}", name, zone.geometry)


def _area(layer: FeatureLayer, identity: str) -> Area:
    feature = layer.with_id(identity) or layer.find(identity)
    return layer.area([feature], feature.name)

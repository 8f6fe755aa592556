"""From what was drawn on the map to zones: polygons, boxes, points, and countries that were hit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import shapely

from csserv.catalog import FeatureLayer, Layers
from csserv.errors import InvalidAreaError
from csserv.request import Area, Zone
from csserv.views.maps.mercator import to_degrees
from csserv.views.maps.outlines import Outlines, units, world

#: mode → its button, and what to do in it
MODES = {
    "country": ("Country", "Tap a country. Drag to move the map, scroll or pinch to zoom."),
    "unit": ("Region", "Tap a country to see its regions, then tap a region."),
    "polygon": ("Polygon", "Tap each corner; tap the first or the last corner again to finish."),
    "box": ("Box", "Drag from one corner to the opposite one."),
    "point": ("Point", "Tap a place: the answer is that of the grid cell it lies in."),
}

#: a tap this far from a country is meant for it: shapes on the screen are simplified [pixels]
NEAR = 8

#: more zones than this make a request that nobody can read
MOST_ZONES = 500


@dataclass(frozen=True)
class Drawn:
    """A shape as the browser sends it."""

    kind: str
    x: Sequence[float]  #: [m]
    y: Sequence[float]  #: [m]
    metres: float  #: a pixel has

    @property
    def corners(self) -> list[tuple[float, float]]:
        """Longitude and latitude of each corner [degrees], to about a metre."""
        lon, lat = to_degrees(self.x, self.y)
        return [
            (round((x + 180) % 360 - 180, 5) if abs(x) > 180 else round(x, 5), round(y, 5))
            for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
        ]


def polygon(drawn: Drawn) -> Zone:
    """Make a zone of the corners that were tapped."""
    lon, lat = to_degrees(drawn.x, drawn.y)
    corners = np.round(np.column_stack([lon, lat]), 5)
    return Zone("polygon", "polygon", shapely.Polygon(corners))


def box(drawn: Drawn) -> Zone:
    """Make a zone of a box that was dragged."""
    lon, lat = (np.round(axis, 4).tolist() for axis in to_degrees(drawn.x, drawn.y))
    if min(lon) == max(lon) or min(lat) == max(lat):
        raise InvalidAreaError("the box is empty: drag from one corner to the opposite one")
    return Area.from_box(min(lon), min(lat), max(lon), max(lat)).zones[0]


def point(drawn: Drawn) -> Zone:
    """Make a zone of a place that was tapped."""
    return Area.from_point(*(round(v, 4) for v in drawn.corners[0])).zones[0]


#: mode → how it makes a zone of what was drawn
SHAPES: dict[str, Callable[[Drawn], Zone]] = {"polygon": polygon, "box": box, "point": point}


def country_at(drawn: Drawn) -> str:
    """Find the code of the country that was hit.

    Raises
    ------
    InvalidAreaError : none is near
    """
    return hit(world(), drawn, "no country there; tap on land, or search by name")


def country_zone(layers: Layers, drawn: Drawn) -> Zone:
    """Find the country that was hit."""
    return _zone(layers["country"], country_at(drawn))


def unit_zone(layers: Layers, country: str, drawn: Drawn) -> Zone | None:
    """Find the unit of a country that was hit; None when another country was."""
    if country_at(drawn) != country:
        return None
    layer = layers["admin_1_earth"]
    return _zone(layer, hit(units(layer, country), drawn, "no region there"))


def hit(outlines: Outlines, drawn: Drawn, otherwise: str) -> str:
    """Find the id of the shape that was hit, or the nearest within a few pixels.

    Raises
    ------
    InvalidAreaError : says ``otherwise``, when none is near
    """
    place = shapely.Point(drawn.corners[0])
    away = shapely.distance(np.array(outlines.shapes, dtype=object), place)
    near = np.degrees(NEAR * drawn.metres / 6378137.0)
    if not away.size or away.min() > near:
        raise InvalidAreaError(otherwise)
    return outlines.ids[int(away.argmin())]


def joined(area: Area | None, zone: Zone) -> Area | None:
    """Add a zone to an area; one that is there already goes.

    Raises
    ------
    InvalidAreaError : there would be too many
    """
    zones = area.zones if area else ()
    if any(one.name == zone.name and one.geometry == zone.geometry for one in zones):
        zones = tuple(one for one in zones if one.geometry != zone.geometry)
        return titled(zones) if zones else None
    if len(zones) >= MOST_ZONES:
        raise InvalidAreaError(f"an area has at most {MOST_ZONES} zones")
    return titled((*zones, _own(zone, {one.id for one in zones})))


def titled(zones: tuple[Zone, ...]) -> Area:
    """Make an area of zones, called by their names where these are few."""
    names = [zone.name for zone in zones]
    return Area(zones, ", ".join(names) if len(names) <= 3 else f"{len(names)} zones")


def _own(zone: Zone, taken: set[str]) -> Zone:
    """Give a zone an id, and a name, that no other has."""
    if zone.id not in taken:
        return zone
    number = next(n for n in count(2) if f"{zone.id} {n}" not in taken)
    name = f"{zone.name} {number}" if zone.name == zone.id else zone.name
    return Zone(f"{zone.id} {number}", name, zone.geometry)


def _zone(layer: FeatureLayer, identity: str) -> Zone:
    return layer.zone(layer.find(identity))

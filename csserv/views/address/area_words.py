"""Areas as words of an address: names of known zones, edges of boxes, WKT of other shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import shapely

from csserv.catalog import Layers
from csserv.catalog.layers.feature_layer import TITLES, UNITS
from csserv.errors import CsservError
from csserv.request import Area, Zone
from csserv.request.limits import Limits
from csserv.views.area.drawn_shapes import toggled
from csserv.views.request.request_code import known_features

#: most characters of the area: mail programs and proxies cut longer addresses
LONGEST = 4000

#: most zones that are named one by one
MOST_ZONES = 60

#: digits of degrees: about a metre
DIGITS = 5

#: names that a zone has which has none of its own
NAMELESS = ("polygon", "box", "point", "area")

_NAMED = re.compile(r"([^:()]{1,100}):\s*((?:MULTI)?(?:POLYGON|POINT)\b.*)", re.IGNORECASE)


def area_words(area: Area | None, layers: Layers) -> tuple[str, ...] | None:
    """Write an area as words that :func:`read_area` reads; None where they were too many.

    >>> area_words(Area.from_box(36, 0, 38.5, 2), Layers.bundled())
    ('36 0 38.5 2',)
    """
    if area is None:
        return ()
    layer, known = known_features(area, layers)
    words = _of_features(layer, known, layers) if known else ()
    if not words and len(area.zones) <= MOST_ZONES:
        words = tuple(_of_zone(zone, layers) for zone in area.zones)
    return words if words and sum(map(len, words)) <= LONGEST else None


def read_area(
    words: Iterable[str], layers: Layers, limits: Limits
) -> tuple[Area | None, tuple[str, ...]]:
    """Find the area of some words, and say which of them are none."""
    area: Area | None = None
    problems = []
    for text in dict.fromkeys(filter(None, map(str.strip, words))):
        try:
            found = _find(text, layers, limits)
            area = found if area is None else _joined(area, found)
        except CsservError as error:
            problems.append(f"area: {error}")
    return area, tuple(problems)


def _joined(area: Area, found: Area) -> Area:
    """Add zones to an area; those that it has stay."""
    for zone in found.zones:
        if all(zone.geometry != one.geometry for one in area.zones):
            area = toggled(area, Area((zone,), zone.name, found.notes)) or area
    return area


def _of_features(layer: str, ids: Sequence[str], layers: Layers) -> tuple[str, ...]:
    """Name features of a layer: all of a country or of the layer by a star."""
    if layer == UNITS and len(ids) > 1:
        country = ids[0].partition("-")[0]
        if {one.id for one in layers[layer].of_country(country)} == set(ids):
            return (f"{country}/*",)
    if layer not in TITLES and len(ids) > 1 and len(ids) == len(layers[layer]):
        return (f"{layer}/*",)
    return tuple(_of_feature(layer, one) for one in ids)


def _of_feature(layer: str, identity: str) -> str:
    return identity if layer in TITLES else f"{layer}/{identity}"


def _of_zone(zone: Zone, layers: Layers) -> str:
    layer, known = known_features(Area((zone,), zone.name), layers)
    if known:
        return _of_feature(layer, known[0])
    if zone.geometry.geom_type == "Polygon" and zone.geometry.equals(zone.geometry.envelope):
        return " ".join(f"{round(edge, DIGITS):.10g}" for edge in zone.geometry.bounds)
    text = shapely.to_wkt(zone.geometry, rounding_precision=DIGITS)
    name = re.sub(r"[:()]", " ", zone.name).strip()
    is_own = bool(name) and not name.startswith(NAMELESS)
    return f"{name}: {text}" if is_own else text


def _find(text: str, layers: Layers, limits: Limits) -> Area:
    name, shape = "", text
    if found := _NAMED.fullmatch(text):
        name, shape = found[1].strip(), found[2]
    area = layers.find(shape, limits)
    if shape[:5].upper() == "POINT":
        only = area.zones[0].geometry
        area = Area.from_point(only.x, only.y) if only.geom_type == "Point" else area
    if name:
        area = Area((Zone(area.zones[0].id, name, area.zones[0].geometry),), name, area.notes)
    return area

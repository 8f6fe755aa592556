"""Draws the zones of a result as a map of classes: on paper, without scripts or tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.language import current_language, tr
from csserv.request import Area, Zone
from csserv.views.maps.outlines import simplified, world
from csserv.views.plain.drawing import (
    Box,
    Drawing,
    Path,
    Point,
    Shape,
    Words,
    mirrored,
    text_width,
    wrapped,
)
from csserv.views.report.map_classes import MapClasses

#: margin, height of a line, and width of the legend [pixels]
MARGIN, LINE, LEGEND = 14.0, 17.0, 150.0

#: half the edge of the mark of a point [pixels]
MARK = 5.0

#: room around the zones, as a part of their extent, and at least [degrees]
ROOM, LEAST_ROOM = 0.08, 0.3

#: most zones that are labelled
MOST_LABELS = 60

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Frame:
    """Where a map lies on the picture, and what of the Earth it shows."""

    left: float
    top: float
    width: float
    height: float
    window: Bounds

    @classmethod
    def around(cls, bounds: Bounds, place: Bounds) -> Frame:
        """Fit a map around some bounds into a place: left, top, width, height [pixels]."""
        west, south, east, north = bounds
        room = max(ROOM * max(east - west, north - south), LEAST_ROOM)
        west, south, east, north = west - room, south - room, east + room, north + room
        middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
        narrow = max(float(np.cos(np.radians(middle_lat))), 0.1)
        width, height = place[2:]
        scale = min(width / ((east - west) * narrow), height / (north - south))
        half_lon, half_lat = width / (2 * scale * narrow), height / (2 * scale)
        window = (middle_lon - half_lon, middle_lat - half_lat)
        return cls(*place, (*window, middle_lon + half_lon, middle_lat + half_lat))

    @property
    def box(self) -> shapely.Polygon:
        """The window as a shape [degrees]."""
        return shapely.box(*self.window)

    def points(self, corners: object) -> tuple[Point, ...]:
        """Place corners (longitude, latitude) on the picture."""
        west, south, east, north = self.window
        x, y = np.asarray(corners, dtype=float).T
        across = self.left + self.width * (x - west) / (east - west)
        down = self.top + self.height * (north - y) / (north - south)
        return tuple(zip(across.tolist(), down.tolist(), strict=True))


def zone_drawing(
    area: Area, classes: MapClasses, said: tuple[str, str], width: float, height: float
) -> Drawing:
    """Draw the zones of an area.

    Parameters
    ----------
    classes : of the zones, in the order of the area
    said : title, and where the numbers come from
    width, height : of the whole picture [pixels]
    """
    title, source = said
    heads = wrapped(title, width - 2 * MARGIN, 16)
    feet = wrapped(source, width - 2 * MARGIN, 12)
    top = MARGIN + LINE * len(heads) + 6
    bottom = height - MARGIN - LINE * len(feet)
    place = (MARGIN, top, width - 3 * MARGIN - LEGEND, bottom - top)
    frame = Frame.around(area.bounds, place)
    words: list[Shape] = [
        *(Words("head", MARGIN, MARGIN + LINE * (i + 0.7), one) for i, one in enumerate(heads)),
        *(Words("text", MARGIN, bottom + LINE * (i + 0.9), one) for i, one in enumerate(feet)),
    ]
    left = width - MARGIN - LEGEND
    legend = list(_legend(classes, left, top))
    if current_language().direction == "rtl":
        words, legend = mirrored(words, width), mirrored(legend, 2 * left + LEGEND)
    shapes: list[Shape] = [
        Box("paper", 0, 0, width, height),
        *words,
        Box("sea", *place),
        *_land(frame),
        *_zones(frame, area.zones, classes),
        *legend,
    ]
    return Drawing(width, height, tr("Map: {title}", title=title), tuple(shapes))


def _land(frame: Frame) -> Iterator[Shape]:
    inside = frame.box
    for shape in world().shapes:
        if shape.intersects(inside):
            yield from _filled(frame, shape.intersection(inside), "land", "coast")


def _zones(frame: Frame, zones: Sequence[Zone], classes: MapClasses) -> Iterator[Shape]:
    flat = [number for number, zone in enumerate(zones) if not zone.is_point]
    drawn = dict(zip(flat, simplified(zones[number].geometry for number in flat), strict=True))
    for number, shape in drawn.items():
        yield from _filled(frame, shape, classes.look(number), "edge")
    for number, zone in enumerate(zones):
        if zone.is_point:
            for x, y in frame.points(shapely.get_coordinates(zone.geometry)):
                look = classes.look(number)
                yield Box("mark", x - MARK - 1, y - MARK - 1, 2 * MARK + 2, 2 * MARK + 2)
                yield Box(look, x - MARK, y - MARK, 2 * MARK, 2 * MARK, zone.name)
    if len(zones) <= MOST_LABELS:
        yield from _labels(frame, zones)


def _filled(frame: Frame, shape: BaseGeometry, fill: str, line: str) -> Iterator[Shape]:
    """Draw polygons; their holes are land, as other zones in them are drawn by themselves."""
    for part in getattr(shape, "geoms", [shape]):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield Path(fill, frame.points(part.exterior.coords), closed=True)
            for ring in part.interiors:
                yield Path("land", frame.points(ring.coords), closed=True)
            for ring in (part.exterior, *part.interiors):
                yield Path(line, frame.points(ring.coords))


def _labels(frame: Frame, zones: Sequence[Zone]) -> Iterator[Shape]:
    """Name the zones that their name fits into, and none over another."""
    taken: list[Bounds] = []
    for zone in sorted(zones, key=lambda one: -one.geometry.area):
        middle = zone.geometry.representative_point()
        west, south, east, _ = zone.geometry.bounds
        (left, _), (right, _) = frame.points([(west, south), (east, south)])
        wide = text_width(zone.name, 11)
        if not zone.is_point and wide > 1.1 * (right - left):
            continue
        (x, y) = frame.points([(middle.x, middle.y)])[0]
        y = y - MARK - 4 if zone.is_point else y + 4
        box = (x - wide / 2, y - 11, x + wide / 2, y + 3)
        if any(_overlap(box, one) for one in taken):
            continue
        taken.append(box)
        yield Box("veil", box[0] - 2, box[1], wide + 4, 14)
        yield Words("label", x, y, zone.name, "middle")


def _overlap(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _legend(classes: MapClasses, left: float, top: float) -> Iterator[Shape]:
    lines = wrapped(classes.title, LEGEND, 12)
    for number, one in enumerate(lines):
        yield Words("text", left, top + 12 + LINE * number, one)
    start = top + LINE * len(lines) + 6
    for number, (look, text) in enumerate(classes.legend):
        y = start + 20 * number
        yield Box(look, left, y, 22, 15)
        corners = ((left, y), (left + 22, y), (left + 22, y + 15), (left, y + 15), (left, y))
        yield Path("edge", corners)
        yield Words("text", left + 30, y + 12, text)

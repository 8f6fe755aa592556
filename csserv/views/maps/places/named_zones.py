"""Where the names of zones and countries stand on the map, and how much room they have there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.views.maps.mercator import RADIUS, to_mercator
from csserv.views.maps.outlines import Outlines, world, world_columns

#: most zones whose names are shown
MOST_NAMED = 30

#: how far above a point its name stands [pixels]
ABOVE = -14

#: columns of a source without names
NO_NAMES: dict[str, list[Any]] = {"x": [], "y": [], "up": [], "room": [], "name": []}


def zone_names(outlines: Outlines, points: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return names and places [m] for the zones of an area, polygons first; none for many zones.

    The name of a polygon stands in the middle of the largest circle inside it, whose width is its
    room [m]. That of a point stands above it, and always has room: 0.
    """
    if len(outlines.ids) + len(points["x"]) > MOST_NAMED:
        return dict(NO_NAMES)
    of_shapes = _name_places(outlines)
    return {
        "x": [*of_shapes["x"], *points["x"]],
        "y": [*of_shapes["y"], *points["y"]],
        "up": [0] * len(outlines.ids) + [ABOVE] * len(points["x"]),
        "room": [*of_shapes["room"]] + [0.0] * len(points["x"]),
        "name": [*outlines.names, *points["name"]],
    }


@lru_cache(maxsize=1)
def named_countries() -> dict[str, list[Any]]:
    """Return the columns of the countries, with the places and rooms of their names [m]."""
    return world_columns() | _name_places(world())


def countries_named_in(bounds: tuple[float, float, float, float]) -> dict[str, list[Any]]:
    """Return names, places and rooms [m] of the countries whose names stand in a box [degrees]."""
    west, south, east, north = bounds
    (x0, x1), (y0, y1) = to_mercator([west, east], np.clip([south, north], -80, 83))
    every = named_countries()
    there = [
        i
        for i, (x, y) in enumerate(zip(every["x"], every["y"], strict=True))
        if x0 <= x <= x1 and y0 <= y <= y1
    ]
    return {name: [every[name][i] for i in there] for name in ("x", "y", "room", "name")}


def _name_places(outlines: Outlines) -> dict[str, list[float]]:
    """Return where the name of each shape stands, and how wide it may be: x, y, room [m]."""
    places = [_widest_place(shape) for shape in outlines.shapes]
    lon, lat, room = np.array(places).reshape(-1, 3).T
    x, y = to_mercator(lon, lat)
    return {"x": x.tolist(), "y": y.tolist(), "room": (np.radians(room) * RADIUS).tolist()}


def _widest_place(shape: BaseGeometry) -> tuple[float, float, float]:
    """Return lon and lat of the middle of the largest circle inside, and its width [degrees]."""
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    west, south, east, north = largest.bounds
    exact = max(east - west, north - south) / 100
    line = shapely.maximum_inscribed_circle(largest, exact)
    (lon, lat), _ = shapely.get_coordinates(line)
    return lon, lat, 2 * float(shapely.length(line))

"""Conversion between longitude and latitude [degrees] and Web Mercator [m]."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

#: polygons, their rings, and coordinates [m], as bokeh's MultiPolygons take them
Rings = list[list[list[int]]]

#: radius of the sphere [m]
RADIUS = 6378137.0

#: where the square map ends [degrees north or south]
LAST_LATITUDE = 85.0511287798066


def to_mercator(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Convert degrees to x and y [m]; latitudes beyond the end of the map go to its end."""
    east = np.radians(np.asarray(lon, dtype=float)) * RADIUS
    inside = np.clip(np.asarray(lat, dtype=float), -LAST_LATITUDE, LAST_LATITUDE)
    return east, np.log(np.tan(np.pi / 4 + np.radians(inside) / 2)) * RADIUS


def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Convert x and y [m] to longitude and latitude [degrees].

    >>> [round(float(v), 6) for v in to_degrees(*to_mercator(36.8, -1.3))]
    [36.8, -1.3]
    """
    lon = np.degrees(np.asarray(x, dtype=float) / RADIUS)
    up = np.asarray(y, dtype=float) / RADIUS
    return lon, np.degrees(2 * np.arctan(np.exp(up)) - np.pi / 2)


def rings(shape: BaseGeometry) -> tuple[Rings, Rings]:
    """Return x and y [m] of a polygon or multipolygon, by polygon and ring, as bokeh draws it."""
    xs: Rings = []
    ys: Rings = []
    for polygon in shapely.get_parts(shape):
        corners = [
            to_mercator(*shapely.get_coordinates(ring).T)
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        xs.append([x.round().astype(int).tolist() for x, _ in corners])
        ys.append([y.round().astype(int).tolist() for _, y in corners])
    return xs, ys

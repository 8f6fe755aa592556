"""Longitude and latitude as metres on a Web Mercator map, and back."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Rings = list[list[list[int]]]  #: polygons of rings of coordinates, as bokeh's MultiPolygons want

#: of the sphere [m]
RADIUS = 6378137.0

#: the map is square: it ends here [degrees]
LAST_LATITUDE = 85.0511287798066


def to_mercator(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Bring degrees to metres; latitudes beyond the map's end go to its end."""
    east = np.radians(np.asarray(lon, dtype=float)) * RADIUS
    inside = np.clip(np.asarray(lat, dtype=float), -LAST_LATITUDE, LAST_LATITUDE)
    return east, np.log(np.tan(np.pi / 4 + np.radians(inside) / 2)) * RADIUS


def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Bring metres to longitude and latitude [degrees].

    >>> [round(float(v), 6) for v in to_degrees(*to_mercator(36.8, -1.3))]
    [36.8, -1.3]
    """
    lon = np.degrees(np.asarray(x, dtype=float) / RADIUS)
    up = np.asarray(y, dtype=float) / RADIUS
    return lon, np.degrees(2 * np.arctan(np.exp(up)) - np.pi / 2)


def rings(shape: BaseGeometry) -> tuple[Rings, Rings]:
    """Write a polygon or multipolygon as bokeh draws it: x and y by polygon and ring [m]."""
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

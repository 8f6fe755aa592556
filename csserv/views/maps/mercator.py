"""Conversion between longitude and latitude [degrees] and Web Mercator [m]."""

from __future__ import annotations

from collections.abc import Sequence

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


def rings_of(shapes: Sequence[BaseGeometry]) -> list[tuple[Rings, Rings]]:
    """Return x and y [m] of each polygon or multipolygon, by polygon and ring, for bokeh."""
    parts, of_shape = shapely.get_parts(np.array(shapes, dtype=object), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    x, y = (axis.round().astype(int).tolist() for axis in to_mercator(*points.T))
    ends = np.searchsorted(of_ring, np.arange(len(rings) + 1)).tolist()
    drawn: list[tuple[Rings, Rings]] = [([], []) for _ in shapes]
    part_before = -1
    for i, part in enumerate(of_part.tolist()):
        xs, ys = drawn[of_shape[part]]
        if part != part_before:  # the first ring of a polygon
            xs.append([])
            ys.append([])
        xs[-1].append(x[ends[i] : ends[i + 1]])
        ys[-1].append(y[ends[i] : ends[i + 1]])
        part_before = part
    return drawn

"""Finds, for many shapes at once, those that need no repair."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

POINT, POLYGON = shapely.GeometryType.POINT, shapely.GeometryType.POLYGON
MULTIPOLYGON = shapely.GeometryType.MULTIPOLYGON

#: polygons with more parts and holes are looked at one by one
MOST_RINGS = 100


def are_plain(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which shapes are zones as they stand: nothing is to be mended, moved or refused.

    These are points and valid polygons, of one part or several, with longitudes in -180..180 and
    no edge across the antimeridian. Any other shape may still be a good one.

    Parameters
    ----------
    shapes : shape (count,), none of them None
    """
    kinds = shapely.get_type_id(shapes)
    polygons = (kinds == POLYGON) | (kinds == MULTIPOLYGON)
    plain = (polygons | (kinds == POINT)) & ~shapely.is_empty(shapes) & _on_the_globe(shapes)
    west, _, east, _ = shapely.bounds(shapes).T
    plain &= ~(east - west > 180)
    doubtful = plain & polygons
    plain[doubtful] = _are_simple(shapes[doubtful])
    return np.asarray(plain)


def _are_simple(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which polygons have few rings, no empty part or hole, and are valid."""
    parts, of_polygon = shapely.get_parts(polygons, return_index=True)
    rings = 1 + shapely.get_num_interior_rings(parts)
    few = np.bincount(of_polygon, rings, len(polygons)) <= MOST_RINGS
    few[of_polygon[shapely.is_empty(parts)]] = False
    holes, of_part = shapely.get_rings(parts[rings > 1], return_index=True)
    few[of_polygon[rings > 1][of_part[shapely.is_empty(holes)]]] = False
    few[few] = shapely.is_valid(polygons[few])
    return np.asarray(few)


def _on_the_globe(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    points, of_shape = shapely.get_coordinates(shapes, return_index=True)
    within = (np.abs(points) <= (180.0, 90.0)).all(axis=1)  # False for one that is not finite
    inside = np.ones(len(shapes), bool)
    inside[of_shape[~within]] = False
    return inside

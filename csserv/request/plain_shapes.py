"""Finds, for many shapes at once, those that need no repair."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

POINT, POLYGON = shapely.GeometryType.POINT, shapely.GeometryType.POLYGON

#: polygons with more holes are looked at one by one
MOST_HOLES = 100


def are_plain(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which shapes are zones as they stand: nothing is to be mended, moved or refused.

    These are points and valid polygons, each of one part, with longitudes in -180..180 and no edge
    across the antimeridian. Any other shape may still be a good one.

    Parameters
    ----------
    shapes : shape (count,), none of them None
    """
    kinds = shapely.get_type_id(shapes)
    polygons = kinds == POLYGON
    plain = (polygons | (kinds == POINT)) & ~shapely.is_empty(shapes) & _on_the_globe(shapes)
    west, _, east, _ = shapely.bounds(shapes).T
    plain &= ~(east - west > 180)
    doubtful = plain & polygons
    plain[doubtful] = (shapely.get_num_interior_rings(shapes[doubtful]) <= MOST_HOLES) & (
        shapely.is_valid(shapes[doubtful])
    )
    return np.asarray(plain)


def _on_the_globe(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    points, of_shape = shapely.get_coordinates(shapes, return_index=True)
    within = (np.abs(points) <= (180.0, 90.0)).all(axis=1)  # False for one that is not finite
    inside = np.ones(len(shapes), bool)
    inside[of_shape[~within]] = False
    return inside

"""Says what is wrong with a shape, and how to mend it, in words of whoever drew it."""

from __future__ import annotations

import re

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

#: words of GEOS → what is wrong with the polygon
REASONS = {
    "self-intersection": "its boundary crosses itself",
    "ring self-intersection": "its boundary touches itself",
    "hole lies outside shell": "a hole lies outside of it",
    "holes are nested": "a hole lies within a hole",
    "nested shells": "a part lies within another",
    "interior is disconnected": "its boundary cuts it in two",
    "duplicate rings": "a ring is there twice",
    "too few points in geometry component": "a ring has too few different corners",
}

#: not a buffer of 0, which drops a half of a bow-tie without a word
ADVICE = "mend it, for example by Fix geometries in QGIS"

#: a polygon without width that is shorter was a point before its coordinates were rounded: no cell
#: of any archive is smaller [degrees]
SMALL = 1e-4


def what_is_wrong(polygon: BaseGeometry) -> str:
    """Return what is wrong with a broken polygon, and about where.

    >>> what_is_wrong(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    'its boundary crosses itself near 1, 1 (longitude, latitude)'
    """
    reason = str(shapely.is_valid_reason(polygon)).lower()
    found = re.fullmatch(r"(.*)\[(\S+) (\S+)\]", reason)
    if not found:
        return REASONS.get(reason, reason)
    what, lon, lat = found.groups()
    place = f"{float(lon):.5g}, {float(lat):.5g} (longitude, latitude)"
    return f"{REASONS.get(what.strip(), what.strip())} near {place}"


def has_no_width(shape: BaseGeometry) -> bool:
    """Whether a shape is a polygon whose corners lie on one line, or in one place."""
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty or shape.area > 0:
        return False
    hulls = shapely.convex_hull(shapely.get_parts(shape))  # the area of a bow-tie may be 0, too
    return bool((shapely.get_dimensions(hulls) < 2).all())


def is_small(shape: BaseGeometry) -> bool:
    """Whether a shape without width is so short that a point is meant."""
    west, south, east, north = shapely.bounds(shapely.get_parts(shape)).T
    return bool(max(np.max(east - west), np.max(north - south)) <= SMALL)


def points_of(shape: BaseGeometry) -> BaseGeometry:
    """Return the point in the middle of each part."""
    west, south, east, north = shapely.bounds(shapely.get_parts(shape)).T
    points = shapely.points((west + east) / 2, (south + north) / 2)
    return points[0] if len(points) == 1 else shapely.multipoints(points)

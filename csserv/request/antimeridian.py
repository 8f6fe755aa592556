"""Polygons across 180 degrees of longitude, or round a pole, that their writer has not cut."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]


def goes_across(geometry: BaseGeometry) -> bool:
    """Whether an edge spans more than half of the globe, so that it goes the other way round.

    An edge of 360 degrees that ends at a pole, or meets one along a meridian, is that of a box.

    >>> goes_across(shapely.box(-178, -19, 177, -16)), goes_across(shapely.box(-180, -90, 180, 90))
    (True, False)
    """
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return False
    west, _, east, _ = geometry.bounds
    if east - west <= 180:
        return False
    rings = shapely.get_rings(shapely.get_parts(geometry))
    return any(_turns(shapely.get_coordinates(one)).any() for one in rings)


def _turns(points: Points) -> Points:
    """Return by how many turns each edge of a ring goes the long way round."""
    steps = np.diff(points, axis=0)
    upright = steps[:, 0] == 0
    at_pole = (np.abs(points[:-1, 1]) == 90) & (np.abs(points[1:, 1]) == 90)
    of_box = at_pole | np.roll(upright, 1) | np.roll(upright, -1)
    turns: Points = np.rint(steps[:, 0] / 360)
    turns[(np.abs(steps[:, 0]) == 360) & of_box] = 0
    return turns


def the_short_way(geometry: BaseGeometry) -> BaseGeometry:
    """Return polygons whose edges go the short way round, with longitudes that may exceed 180.

    A ring that goes round the globe is closed along the pole that is nearer.
    """
    if not goes_across(geometry):
        return geometry
    parts = [_polygon(part) for part in shapely.get_parts(geometry)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _polygon(part: BaseGeometry) -> BaseGeometry:
    shell, *holes = (_ring(shapely.get_coordinates(one)) for one in shapely.get_rings(part))
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    return shapely.Polygon(shell, [_near(hole, middle) for hole in holes])


def _ring(points: Points) -> Points:
    whole = points.copy()
    whole[1:, 0] -= 360 * np.cumsum(_turns(points))
    if abs(whole[-1, 0] - whole[0, 0]) < 180:
        return whole
    pole = np.copysign(90.0, points[:, 1].mean())
    ends = np.array([[whole[-1, 0], pole], [whole[0, 0], pole], whole[0]])
    return np.concatenate([whole, ends])


def _near(ring: Points, middle: float) -> Points:
    """Shift a ring by whole turns, so that it lies where another one does."""
    centre = (ring[:, 0].min() + ring[:, 0].max()) / 2
    moved: Points = ring + np.array([360 * np.rint((middle - centre) / 360), 0.0])
    return moved

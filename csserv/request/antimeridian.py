"""Polygons across 180 degrees of longitude, or round a pole, that their writer has not cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]

#: holes of a shell round a pole that are taken out of it
MOST_HOLES = 1000


class HoleRoundPoleError(ValueError):
    """A hole goes round a pole, but does not lie within its polygon, or one crosses itself."""


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

    Raises
    ------
    HoleRoundPoleError : a hole that goes round a pole does not lie within its polygon
    """
    if not goes_across(geometry):
        return geometry
    parts = [_polygon(part) for part in shapely.get_parts(geometry)]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(shapely.get_parts(parts))


def pole_within(geometry: BaseGeometry) -> str:
    """Return the pole that a shell goes round, "north" or "south"; empty for none.

    >>> pole_within(shapely.Polygon([(0, -70), (90, -60), (180, -70), (-90, -60)]))
    'south'
    """
    shells = shapely.get_exterior_ring(shapely.get_parts(geometry))
    curves = [_unrolled(shapely.get_coordinates(one)) for one in shells]
    poles = [_pole(curve) for curve in curves if _goes_round(curve)]
    return {90.0: "north", -90.0: "south"}[poles[0]] if poles else ""


def _polygon(part: BaseGeometry) -> BaseGeometry:
    curves = [_unrolled(shapely.get_coordinates(one)) for one in shapely.get_rings(part)]
    shell, *holes = map(_closed, curves)
    low, high = shell[:, 0].min(), shell[:, 0].max()
    holes = [_near(hole, (low + high) / 2) for hole in holes]
    are_round = any(map(_goes_round, curves[1:]))
    are_out = any(hole[:, 0].min() < low or hole[:, 0].max() > high for hole in holes)
    if _goes_round(curves[0]) and (are_round or are_out):
        cut = _cut_out(shell, holes, curves)
        if cut is not None:
            return cut
    if are_round:
        raise HoleRoundPoleError
    return shapely.Polygon(shell, holes)


def _cut_out(
    shell: Points, holes: Sequence[Points], curves: Sequence[Points]
) -> BaseGeometry | None:
    """Take holes out of a shell that goes round; None where they are none of it.

    They may go round as well, and so may not lie within it as rings do; or lie across its ends.
    """
    outer = shapely.Polygon(shell)
    inner = shapely.polygons([shapely.linearrings(hole) for hole in holes])
    lines = shapely.multilinestrings([shapely.linestrings(one) for one in _turned(curves[1:])])
    if (
        len(holes) > MOST_HOLES
        or not (outer.is_valid and shapely.is_valid(inner).all())
        or shapely.intersects(shapely.linestrings(curves[0]), lines)
    ):
        return None
    # as they do not cross, a hole lies within if one of its corners does
    within = all(shapely.intersects_xy(outer, *_at_first(hole)).any() for hole in holes)
    if not within or any(_goes_round(one) and _pole(one) != _pole(curves[0]) for one in curves[1:]):
        return None
    low, _, high, _ = outer.bounds
    there = [one for one in _turned(holes) if one[:, 0].min() < high and one[:, 0].max() > low]
    return shapely.difference(outer, shapely.union_all([shapely.Polygon(one) for one in there]))


def _at_first(ring: Points) -> Points:
    """Return longitudes and latitudes of the first corner of a ring, as ``_turned`` has it."""
    return np.array([one[0] for one in _turned([ring])]).T


def _turned(rings: Sequence[Points]) -> list[Points]:
    """Return rings as they lie, and a whole turn to the west and to the east."""
    return [one + np.array([turn, 0.0]) for one in rings for turn in (-360.0, 0.0, 360.0)]


def _unrolled(points: Points) -> Points:
    """Return a ring whose edges go the short way; its ends differ where it goes round the globe."""
    whole = points.copy()
    whole[1:, 0] -= 360 * np.cumsum(_turns(points))
    return whole


def _goes_round(curve: Points) -> bool:
    return bool(abs(curve[-1, 0] - curve[0, 0]) >= 180)


def _pole(curve: Points) -> float:
    return float(np.copysign(90.0, curve[:, 1].mean()))


def _closed(curve: Points) -> Points:
    """Close a ring that goes round the globe along the pole that is nearer."""
    if not _goes_round(curve):
        return curve
    pole = _pole(curve)
    ends = np.array([[curve[-1, 0], pole], [curve[0, 0], pole], curve[0]])
    return np.concatenate([curve, ends])


def _near(ring: Points, middle: float) -> Points:
    """Shift a ring by whole turns, so that it lies where another one does."""
    centre = (ring[:, 0].min() + ring[:, 0].max()) / 2
    moved: Points = ring + np.array([360 * np.rint((middle - centre) / 360), 0.0])
    return moved

"""Corners of cells as polygons in longitude and latitude, also over the date line and the poles."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.place.spacing import Floats

#: as near to a pole, a corner is on it [degrees]: a tenth of a metre
POLE = 90.0 - 1e-6

#: an edge that turns so far passes the pole [degrees]
HALF_TURN = 179.9


def wrapped(degrees: Floats) -> Floats:
    """Bring differences of longitude to -180 up to, but without, 180."""
    return np.asarray((degrees + 180.0) % 360.0 - 180.0, np.float64)


def cell_polygons(corners: Floats, near: Floats) -> NDArray[np.object_]:
    """Make polygons of cells.

    Parameters
    ----------
    corners : (n, k, 2) longitude, latitude [degrees], in order round each cell
    near : (n,) longitudes; each cell lies within a half turn of its own

    Returns
    -------
    (n,) polygons. One that holds a pole, or has it on its edge, goes up to it.
    """
    lon, lat = corners[..., 0], corners[..., 1]
    steps = wrapped(np.roll(lon, -1, axis=1) - lon)
    round_it = lon[:, :1] + np.cumsum(steps, axis=1) - steps
    middle = (round_it.max(axis=1) + round_it.min(axis=1)) / 2
    shift = 360.0 * np.round((near - middle) / 360.0)
    points = np.stack([round_it + shift[:, None], lat], axis=-1)
    found: NDArray[np.object_] = np.asarray(shapely.polygons(points))
    for i in np.flatnonzero(touch_pole(corners)):
        found[i] = _polar(points[i], float(near[i]))
    return found


def touch_pole(corners: Floats) -> NDArray[np.bool_]:
    """(n,) whether a pole lies in each of (n, k, 2) cells, or on its edge."""
    steps = wrapped(np.roll(corners[..., 0], -1, axis=1) - corners[..., 0])
    found = np.abs(steps.sum(axis=1)) > 180.0
    found |= (np.abs(corners[..., 1]) >= POLE).any(axis=1)
    return np.asarray(found | (np.abs(steps) > HALF_TURN).any(axis=1))


def _polar(points: Floats, near: float) -> shapely.Polygon:
    """Make a polygon that holds a pole or touches it, of (k, 2) corners."""
    at_pole = np.abs(points[:, 1]) >= POLE
    if at_pole.all():
        return shapely.Polygon()
    start = int(np.argmin(at_pole))  # begin at a corner that is not the pole
    points, at_pole = np.roll(points, -start, axis=0), np.roll(at_pole, -start)
    kept = np.flatnonzero(~at_pole)
    lon, lat = points[kept].T
    pole = float(np.copysign(90.0, points[:, 1].mean()))
    after = np.append(kept[1:], len(points)) - kept > 1  # the pole lies behind this corner
    steps = wrapped(np.roll(lon, -1) - lon)
    passes = after | (np.abs(steps) > HALF_TURN)
    if passes.sum() == 1:  # its own turn is what brings the others back
        steps[passes] = -steps[~passes].sum()
    east = lon[0] + np.cumsum(steps)  # where each edge ends
    path = []
    for x, y, end, passing in zip(east - steps, lat, east, passes, strict=True):
        path += [(x, y), (x, pole), (end, pole)] if passing else [(x, y)]
    if abs(steps.sum()) > 180.0:  # round the pole
        path += [(east[-1], lat[0]), (east[-1], pole), (lon[0], pole)]
    ring = np.array(path)
    middle = (ring[:, 0].max() + ring[:, 0].min()) / 2
    return shapely.Polygon(ring + np.array([360.0 * np.round((near - middle) / 360.0), 0.0]))

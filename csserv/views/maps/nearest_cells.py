"""Resampling of curved grids to a regular one by nearest neighbour, for maps."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.floating]

#: rows and columns of the regular grid
PIXELS = 200


class NearestCells:
    """Resamples fields of a curved grid to a regular one.

    Parameters
    ----------
    lat, lon : (y, x) centres of the cells [degrees]
    """

    def __init__(self, lat: Floats, lon: Floats) -> None:
        inside = np.isfinite(lat) & np.isfinite(lon)
        lon = _together(lon, inside)
        west, east = float(lon[inside].min()), float(lon[inside].max())
        south, north = float(lat[inside].min()), float(lat[inside].max())
        self.bounds = (west, south, east, north)
        x = west + (east - west) * (np.arange(PIXELS) + 0.5) / PIXELS
        y = north - (north - south) * (np.arange(PIXELS) + 0.5) / PIXELS
        pixels = shapely.points(*(one.ravel() for one in np.meshgrid(x, y)))
        tree = shapely.STRtree(shapely.points(lon[inside], lat[inside]))
        near = _spacing(lat, lon, tree)  # a pixel further away lies outside the grid
        pixel, cell = tree.query_nearest(pixels, max_distance=near, all_matches=False)
        self._pixel, self._cell = pixel, np.flatnonzero(inside)[cell]

    def to_regular_grid(self, values: Floats) -> Floats:
        """Resample a field ``(y, x)`` to ``(row, column)``, row 0 north; NaN outside the grid."""
        regular = np.full(PIXELS * PIXELS, np.nan, np.float32)
        regular[self._pixel] = values.ravel()[self._cell]
        return regular.reshape(PIXELS, PIXELS)


def _together(lon: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Turn longitudes so that the widest gap between them lies outside the map."""
    known = np.sort(lon[inside] % 360.0)
    gaps = np.diff(known, append=known[0] + 360.0)
    start = known[(int(gaps.argmax()) + 1) % len(known)]
    start -= 360.0 * np.floor((start + 180.0) / 360.0)
    return np.asarray(start + (lon - start) % 360.0)


def _spacing(lat: Floats, lon: Floats, tree: shapely.STRtree) -> float:
    """How far neighbours are apart, but for the few that are furthest [degrees]."""
    if min(lat.shape) > 1:
        steps = [np.hypot(np.diff(lat, axis=axis), np.diff(lon, axis=axis)) for axis in (0, 1)]
        return float(max(np.nanpercentile(step, 98) for step in steps))
    # along one dimension, cells that follow each other need not be neighbours
    _, apart = tree.query_nearest(tree.geometries, exclusive=True, return_distance=True)
    return 2 * float(apart.max(initial=0.0))

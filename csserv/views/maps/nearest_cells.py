"""Cells of a curved grid as rows of latitude: each pixel has the cell that is nearest to it."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.floating]

#: rows and columns of pixels
PIXELS = 200


class NearestCells:
    """Brings fields of a curved grid to a straight one.

    Parameters
    ----------
    lat, lon : (y, x) centres [degrees]
    """

    def __init__(self, lat: Floats, lon: Floats) -> None:
        inside = np.isfinite(lat) & np.isfinite(lon)
        west, east = float(lon[inside].min()), float(lon[inside].max())
        south, north = float(lat[inside].min()), float(lat[inside].max())
        self.bounds = (west, south, east, north)
        x = west + (east - west) * (np.arange(PIXELS) + 0.5) / PIXELS
        y = north - (north - south) * (np.arange(PIXELS) + 0.5) / PIXELS
        pixels = shapely.points(*(one.ravel() for one in np.meshgrid(x, y)))
        # as far as a cell is wide: beyond that, a pixel lies outside the grid
        near = float(np.hypot(np.diff(lat, axis=0), np.diff(lon, axis=0))[inside[1:]].max())
        tree = shapely.STRtree(shapely.points(lon[inside], lat[inside]))
        pixel, cell = tree.query_nearest(pixels, max_distance=near, all_matches=False)
        self._pixel, self._cell = pixel, np.flatnonzero(inside)[cell]

    def straight(self, values: Floats) -> Floats:
        """Write a field ``(y, x)`` as ``(row, column)``, row 0 north; NaN outside the grid."""
        straight = np.full(PIXELS * PIXELS, np.nan, np.float32)
        straight[self._pixel] = values.ravel()[self._cell]
        return straight.reshape(PIXELS, PIXELS)

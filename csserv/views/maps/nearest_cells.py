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
        west, east = float(lon[inside].min()), float(lon[inside].max())
        south, north = float(lat[inside].min()), float(lat[inside].max())
        self.bounds = (west, south, east, north)
        x = west + (east - west) * (np.arange(PIXELS) + 0.5) / PIXELS
        y = north - (north - south) * (np.arange(PIXELS) + 0.5) / PIXELS
        pixels = shapely.points(*(one.ravel() for one in np.meshgrid(x, y)))
        # the width of a cell: a pixel further away lies outside the grid
        near = float(np.hypot(np.diff(lat, axis=0), np.diff(lon, axis=0))[inside[1:]].max())
        tree = shapely.STRtree(shapely.points(lon[inside], lat[inside]))
        pixel, cell = tree.query_nearest(pixels, max_distance=near, all_matches=False)
        self._pixel, self._cell = pixel, np.flatnonzero(inside)[cell]

    def to_regular_grid(self, values: Floats) -> Floats:
        """Resample a field ``(y, x)`` to ``(row, column)``, row 0 north; NaN outside the grid."""
        regular = np.full(PIXELS * PIXELS, np.nan, np.float32)
        regular[self._pixel] = values.ravel()[self._cell]
        return regular.reshape(PIXELS, PIXELS)

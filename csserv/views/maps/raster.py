"""Cells as pixels of a Web Mercator map: fewer than a screen has, in shades of one range."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from csserv.views.maps.mercator import LAST_LATITUDE, to_degrees, to_mercator

Floats = NDArray[np.floating]
Shades = NDArray[np.uint8]

#: rows and columns of pixels at most
MOST = 400

#: shades of the palette; the number after them is that of missing values
SHADES = 255
MISSING = 255

#: rows of pixels to a row of cells, so that none is far from its latitude
FINER = 4

#: shares of the values that the colours end at [%]: a single extreme would take all of them
ENDS = (2.0, 98.0)


def to_screen(values: Floats, south: float, north: float) -> Floats:
    """Take the values that a map shows: ``(row, column)``, row 0 south as bokeh draws them.

    Parameters
    ----------
    values : (row, column) evenly spaced in latitude, row 0 north; NaN where missing
    south, north : edges of the rows [degrees north]
    """
    rows, columns = values.shape
    edges = np.clip([south, north], -LAST_LATITUDE, LAST_LATITUDE)
    _, (low, high) = to_mercator([0.0, 0.0], edges)
    count = min(MOST, FINER * rows)
    middle = low + (high - low) * (np.arange(count) + 0.5) / count
    _, lat = to_degrees(0.0, middle)
    row = np.clip((north - lat) / (north - south) * rows, 0, rows - 1).astype(int)
    wide = min(MOST, columns)
    column = ((np.arange(wide) + 0.5) * columns / wide).astype(int)
    return values[np.ix_(row, column)]


def shaded(values: Floats, low: float, high: float) -> Shades:
    """Bring values to shades, from ``low`` to ``high``; what is beyond has the outermost ones.

    >>> shaded(np.array([[0.0, 5.0, 10.0, 99.0, np.nan]]), 0.0, 10.0).tolist()
    [[0, 127, 254, 254, 255]]
    """
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    scaled = np.where(np.isnan(share), MISSING, share * (SHADES - 1))
    return scaled.astype(np.uint8)


def colour_range(fields: Iterable[Floats]) -> tuple[float, float]:
    """Find the range of the colours, the same for all steps; that of one number has some width."""
    known = [field[~np.isnan(field)] for field in fields]
    values = np.concatenate(known) if known else np.empty(0)
    if not values.size:
        return 0.0, 1.0
    low, high = (float(end) for end in np.percentile(values, ENDS))
    if high > low:
        return low, high
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)

"""Fields as images for a Web Mercator map: pixels, shades, and the range of colours."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from csserv.views.maps.mercator import LAST_LATITUDE, to_degrees, to_mercator

Floats = NDArray[np.floating]
Shades = NDArray[np.uint8]

#: most rows and columns of an image
MOST_PIXELS = 400

#: number of shades in the palette, and the value of missing pixels
SHADES = 255
MISSING = 255

#: rows of pixels for each row of cells, so that none is far from its latitude
PIXELS_PER_ROW = 4

#: percentiles of the values at which the colours end: one extreme value would use them up [%]
RANGE_PERCENTILES = (2.0, 98.0)


def to_pixels(values: Floats, south: float, north: float) -> Floats:
    """Resample a field to the pixels of a map: ``(row, column)``, row 0 south, as bokeh draws it.

    Parameters
    ----------
    values : (row, column) evenly spaced in latitude, row 0 north; NaN where missing
    south, north : edges of the rows [degrees north]
    """
    rows, columns = values.shape
    edges = np.clip([south, north], -LAST_LATITUDE, LAST_LATITUDE)
    _, (low, high) = to_mercator([0.0, 0.0], edges)
    count = min(MOST_PIXELS, PIXELS_PER_ROW * rows)
    middle = low + (high - low) * (np.arange(count) + 0.5) / count
    _, lat = to_degrees(0.0, middle)
    row = np.clip((north - lat) / (north - south) * rows, 0, rows - 1).astype(int)
    wide = min(MOST_PIXELS, columns)
    column = ((np.arange(wide) + 0.5) * columns / wide).astype(int)
    return values[np.ix_(row, column)]


def to_shades(values: Floats, low: float, high: float) -> Shades:
    """Convert values to shades 0 to 254, from ``low`` to ``high``, and NaN to 255.

    Values beyond ``low`` and ``high`` get the outermost shades.

    >>> to_shades(np.array([[0.0, 5.0, 10.0, 99.0, np.nan]]), 0.0, 10.0).tolist()
    [[0, 127, 254, 254, 255]]
    """
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    scaled = np.where(np.isnan(share), MISSING, share * (SHADES - 1))
    return scaled.astype(np.uint8)


def colour_range(fields: Iterable[Floats]) -> tuple[float, float]:
    """Return the range of colours for some fields; wider by 0.5 if all values are equal."""
    known = [field[~np.isnan(field)] for field in fields]
    values = np.concatenate(known) if known else np.empty(0)
    if not values.size:
        return 0.0, 1.0
    low, high = (float(end) for end in np.percentile(values, RANGE_PERCENTILES))
    if high > low:
        return low, high
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)

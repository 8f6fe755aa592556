"""The course of the values of many zones as short texts, from which a browser draws small lines."""

from __future__ import annotations

import numpy as np

from csserv.views.parts.normals_table import Floats

#: most places of a line
MOST_PLACES = 36

#: heights, the lowest first; a space where there is no value
HEIGHTS = "0123456789abcdefghijklmnopqrstuvwxyz"


def sparks_of(values: Floats) -> list[str]:
    """Write the course of each zone's values, from its lowest to its highest.

    Of more steps than a line has places, each place has the mean of a run of them.

    Parameters
    ----------
    values : (time, zone); NaN where there is none

    >>> sparks_of(np.array([[0.0, 5.0], [35.0, 5.0], [np.nan, 5.0], [7.0, 5.0]]))
    ['0z 7', 'iiii']
    """
    runs = np.array_split(np.arange(len(values)), min(len(values), MOST_PLACES))
    rows = np.stack([_mean(values[run]) for run in runs])
    known = np.isfinite(rows)
    low = np.where(known, rows, np.inf).min(axis=0)
    high = np.where(known, rows, -np.inf).max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    flat = (len(HEIGHTS) // 2) * (high <= low)
    shares = (np.where(known, rows, 0.0) - np.where(np.isfinite(low), low, 0.0)) / span
    places = np.where(known, np.rint(shares * (len(HEIGHTS) - 1)) + flat, len(HEIGHTS)).astype(int)
    letters = np.array([*HEIGHTS, " "])
    return ["".join(row) for row in letters[np.minimum(places, len(HEIGHTS))].T]


def _mean(rows: Floats) -> Floats:
    """Return the mean of the known values of each zone; NaN where none is known."""
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    total = np.where(known, rows, 0.0).sum(axis=0)
    mean: Floats = np.divide(total, count, out=np.full(rows.shape[1], np.nan), where=count > 0)
    return mean

"""Times as whole seconds: what rounding has left of midnight, and what is a second before it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def tidy(exact: Floats, spacing: float) -> Ints:
    """Round moments to whole days, hours or minutes where all are as near as rounding leaves them.

    Those that all lie the same second or half a second before a whole minute were not rounded: they
    are the last moments of steps, as 23:59:59 is of a day, and stay before it.

    Parameters
    ----------
    exact : (n,) [s]
    spacing : of the numbers they are stored as [s]

    >>> tidy(np.array([86399.9, 172800.2]), 0.0).tolist()
    [86400, 172800]
    >>> tidy(np.array([86399.5, 172799.5]), 0.0).tolist()
    [86399, 172799]
    """
    before = -exact % 60.0
    if spacing < 0.01 and before.min() > 0.4 and before.max() < min(1.01, before.min() + 0.01):
        return np.floor(exact + 0.01).astype(np.int64)
    near = max(2.0, 2 * spacing)
    for unit in (86400.0, 3600.0, 60.0):
        whole = np.rint(exact / unit) * unit
        if near < unit / 2 and (np.abs(exact - whole) <= near).all():
            return whole.astype(np.int64)
    return np.rint(exact).astype(np.int64)


def in_seconds(values: NDArray[Any], unit: float) -> Floats:
    """Turn numbers of a unit of time [s] into seconds; whole numbers are never rounded up."""
    if unit >= 1 or values.dtype.kind not in "iu":
        return values.astype(np.float64) * unit
    return (values // round(1 / unit)).astype(np.float64)


def spacing_of(values: NDArray[Any]) -> float:
    """How far apart numbers of this type and size are; whole numbers are exact."""
    if values.dtype.kind != "f":
        return 0.0
    return float(np.spacing(np.abs(values).max()))

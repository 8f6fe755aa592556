"""Spacing of coordinates along an axis: their rounding, what lies midway, where some lack."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from csserv.errors import GranuleError

Floats: TypeAlias = NDArray[np.float64]

#: rows or columns were left out where a step is so many times as long as both beside it
GAP = 1.8

#: steps are alike that differ by no more than those of a Gaussian grid
ALIKE = 1.25


def check_numbers(name: str, centres: Floats) -> None:
    """See that coordinates are numbers, one or more.

    Raises
    ------
    GranuleError : they are not
    """
    missing = int((~np.isfinite(centres)).sum())
    if missing or not len(centres):
        lacking = f"has no number at {missing} of {len(centres)} places" if missing else "is empty"
        raise GranuleError(f"its {name} {lacking}; correct the file, or leave these places out")


def check_gaps(name: str, rising: Floats) -> None:
    """See that no step is far longer than others, which are alike, as where rows were left out.

    Raises
    ------
    GranuleError : there is one; says where, and how to go on
    """
    steps = np.diff(rising)
    beside = np.maximum(np.append(steps[1:], 0.0), np.append(0.0, steps[:-1]))
    is_gap = steps > GAP * beside
    others = steps[~is_gap]
    if is_gap.any() and len(others) and others.max() <= ALIKE * others.min():
        place = int(np.argmax(is_gap))
        raise GranuleError(
            f"its {name} has a gap: {rising[place + 1]:g} follows {rising[place]:g}, and the "
            f"next ones are {beside[place]:g} apart; fill in what is left out, such as with "
            "xarray's reindex, or add bounds, if the cells are so large"
        )


def mean_step(rising: Floats) -> float:
    """Mean distance of neighbours."""
    return float((rising[-1] - rising[0]) / (len(rising) - 1))


def midway(rising: Floats) -> Floats:
    """Put edges midway between centres; the outer cells reach as far out as in."""
    inner = (rising[:-1] + rising[1:]) / 2
    return np.concatenate([[2 * rising[0] - inner[0]], inner, [2 * rising[-1] - inner[-1]]])


def noise(values: Floats) -> float:
    """How far float32 may be from what it means."""
    return 4 * float(np.spacing(np.float32(np.abs(values).max())))


def rounding(rising: Floats) -> float:
    """How far values may be from what they mean: as float32, or as decimals, rounds."""
    own = noise(rising)
    for digits in range(1, 6):
        if np.abs(np.round(rising, digits) - rising).max() <= own:
            return max(own, 1.01 * 10.0**-digits)  # also of the ends of the line
    return own

"""Sums that come out the same in whichever order their parts are joined.

A sum of floating-point numbers depends on their order, so that a zone alone and among a thousand
would differ in the last bits. What rounding takes from a sum is kept beside it (two-sum: Knuth,
The Art of Computer Programming 2, 4.2.2, theorem B) and added at the end, so that the sum is as if
it had been made with twice as many digits.
"""

from __future__ import annotations

import numpy as np

from csserv.catalog.read.grid import Floats

Sums = dict[str, Floats]

#: the name of what rounding took from a sum begins so; where it is not there, nothing was taken
_LOST = "rounded_off."


def empty_sums(names: tuple[str, ...], shape: tuple[int, int]) -> Sums:
    """Return sums of nothing."""
    return {name: np.zeros(shape) for name in names}


def join_sums(one: Sums, other: Sums, names: tuple[str, ...]) -> Sums:
    """Add up sums of different cells."""
    found = {}
    for name in names:
        found[name], lost = _two_sum(one[name], other[name])
        known = [sums[_LOST + name] for sums in (one, other) if _LOST + name in sums]
        lost = sum(known, lost)
        if known or lost.any():
            found[_LOST + name] = lost
    return found


def end_sums(sums: Sums, names: tuple[str, ...]) -> Sums:
    """Return the sums themselves; an infinite one stays so."""
    found = {}
    for name in names:
        lost = sums.get(_LOST + name)
        whole = sums[name]
        found[name] = whole if lost is None else whole + np.where(np.isfinite(lost), lost, 0.0)
    return found


def _two_sum(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the rounded sum, and exactly what rounding took from it."""
    total = one + other
    with np.errstate(invalid="ignore"):  # of an infinite sum nothing is rounded off
        mine = total - one
        return total, (one - (total - mine)) + (other - mine)

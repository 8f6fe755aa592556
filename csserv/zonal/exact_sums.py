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
        found[name], lost = two_sum(one[name], other[name])
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


def lost_of(sums: Sums, name: str) -> Floats:
    """Return what rounding took from a sum; 0 where nothing was taken."""
    return sums.get(_LOST + name, np.zeros(1))


def with_lost(**sums: tuple[Floats, Floats]) -> Sums:
    """Return sums, of which each is given with what rounding took from it."""
    return {name: whole for name, (whole, _) in sums.items()} | {
        _LOST + name: lost for name, (_, lost) in sums.items()
    }


def two_sum(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the rounded sum, and exactly what rounding took from it."""
    total = one + other
    with np.errstate(invalid="ignore"):  # of an infinite sum nothing is rounded off
        mine = total - one
        return total, (one - (total - mine)) + (other - mine)


def two_product(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the rounded product, and exactly what rounding took from it.

    Dekker 1971, doi:10.1007/BF01397083, with Veltkamp's splitting into halves of 26 bits.
    """
    product = one * other
    (a, b), (c, d) = _halves(one), _halves(other)
    return product, ((a * c - product) + a * d + b * c) + b * d


def _halves(number: Floats) -> tuple[Floats, Floats]:
    shifted = 134_217_729.0 * number  # 2^27 + 1
    high = shifted - (shifted - number)
    return high, number - high

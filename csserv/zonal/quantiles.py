"""Weighted quantiles of cells: few cells are sorted; of many, a sample first narrows the range."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats

#: sums of equal areas differ in their last bits; weights this close count as equal [1]
TIE = 1e-12

#: up to so many cells are sorted without a sample
FEW = 4096

#: least number of cells of a sample, and the share of all cells that it has
SAMPLE, SHARE = 1024, 1 / 24


def weighted_quantile(values: NDArray[Any], weights: Floats, share: float) -> Floats:
    """Find the value below which a share of the weight lies.

    Parameters
    ----------
    values : (steps, cells) float32 or float64; infinite where missing
    weights : (cells,) above 0
    share : 0 to 1

    Returns
    -------
    quantile : (steps,) the lowest value such that cells up to it have at least ``share`` of the
        weight of all valid cells; if they have exactly that share, the mean of it and the next
        higher value (type 2 of Hyndman and Fan 1996, with weights). NaN where no cell is valid
    """
    goal = np.full(len(values), share * weights.sum())
    if np.isinf(values.max(initial=0.0)):
        goal = share * (np.isfinite(values) @ weights)
    if values.shape[1] <= FEW:
        return _sorted(values, weights, goal)
    return np.array(
        [_bracketed(step, weights, aim, share) for step, aim in zip(values, goal, strict=True)]
    )


def _bracketed(values: NDArray[Any], weights: Floats, goal: float, share: float) -> float:
    """Discard cells that a sample shows to be far from the quantile; sort the rest."""
    sample = np.sort(values[:: len(values) // max(SAMPLE, int(SHARE * len(values)))])
    sample = sample[: np.searchsorted(sample, np.inf)]
    away = 2 + 4 * np.sqrt(share * (1 - share) * len(sample))
    ranks = np.array([share * len(sample) - away, share * len(sample) + away])
    if ranks[0] >= 0 and ranks[1] < len(sample):
        low, high = sample[ranks.astype(np.int64)]
        upto = float((values <= low) @ weights)
        if upto < goal * (1 - TIE):
            near = np.flatnonzero((values > low) & (values <= high))
            if upto + weights[near].sum() > goal * (1 + TIE):
                return float(_sorted(values[None, near], weights[near], goal, upto)[0])
        elif upto > goal * (1 + TIE) and (values < low) @ weights < goal * (1 - TIE):
            return float(low)
    return float(_sorted(values[None], weights, goal)[0])


def _sorted(
    values: NDArray[Any], weights: Floats, goal: Floats | float, start: float = 0.0
) -> Floats:
    """Find the quantile by sorting (steps, cells); ``start`` is the weight of discarded cells."""
    order = _order(values)
    upto = start + np.cumsum(weights[order], axis=1)
    aim = np.broadcast_to(goal, len(values))[:, None]
    last = np.isfinite(values).sum(axis=1)[:, None] - 1
    ends = [(upto < aim * (1 - TIE)).sum(axis=1), (upto <= aim * (1 + TIE)).sum(axis=1)]
    place = [np.take_along_axis(order, np.clip(e[:, None], 0, last), axis=1) for e in ends]
    low, high = (np.take_along_axis(values, p, axis=1)[:, 0].astype(np.float64) for p in place)
    return np.where(last[:, 0] >= 0, (low + high) / 2, np.nan)


def _order(values: NDArray[Any]) -> NDArray[np.integer]:
    """Return the indices that sort (steps, cells) along the cells."""
    if values.dtype != np.float32:
        return np.argsort(values, axis=1)
    # value and index in one sort key: seven times as fast as argsort (numpy 2.4, AVX-512)
    bits = values.view(np.uint32)
    rising = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31)).astype(np.uint64)
    keys = np.sort((rising << np.uint64(32)) | np.arange(values.shape[1], dtype=np.uint64), axis=1)
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)

"""Sorted values of the reference, and what is known of them: mean, quantiles, ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.climatology.comparison import Indices
from csserv.climatology.sample_sets import SampleSets

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ranked:
    """The values of each set of samples, from low to high.

    Attributes
    ----------
    values : (series, sets, most) rising; NaN, after all others, where a sample has no value
    number : (series, sets) of samples that have a value
    years : (series, sets) of different years that have a value
    """

    values: Floats
    number: Indices
    years: Indices

    @property
    def lowest(self) -> Floats:
        """(series, sets); NaN where there is no value."""
        return self.values[..., 0]

    @property
    def highest(self) -> Floats:
        """(series, sets); NaN where there is no value."""
        return _at(self.values, self._last)

    def mean(self) -> Floats:
        """Return (series, sets); exactly the value of samples that are all the same."""
        mean = ratio(self._sum(self.values), self.number)
        return np.where(self.lowest == self.highest, self.lowest, mean)

    def deviation(self) -> Floats:
        """Return the standard deviation, of n - 1 degrees of freedom, (series, sets)."""
        squares = (self.values - self.mean()[..., None]) ** 2
        variance = ratio(self._sum(squares), self.number - 1)
        return np.sqrt(variance, out=variance)

    def zeros(self) -> Indices:
        """Count the samples that are 0, (series, sets)."""
        zeros: Indices = np.count_nonzero(self.values == 0, axis=-1)
        return zeros

    def quantile(self, share: float) -> Floats:
        """Return the quantile by Hazen's plotting position, (series, sets).

        The k-th of n values is the quantile of (k - 0.5) / n; between two values the line between
        them, beyond the outermost these. That is ``numpy.quantile(method="hazen")``.
        """
        place = np.clip(self.number * share - 0.5, 0, self._last)
        below = np.floor(place).astype(np.int64)
        low, high = (_at(self.values, np.minimum(n, self._last)) for n in (below, below + 1))
        between: Floats = low + (high - low) * (place - below)
        return between

    def rank(self, values: Floats, of_asked: Indices) -> Floats:
        """Return 100 (below + equal / 2) / n of (series, asked) values: 0 to 100 [%]."""
        below = self._count(values, of_asked, np.less)
        up_to = self._count(values, of_asked, np.less_equal)
        rank = 100 * ratio((below + up_to) / 2, self.number[:, of_asked])
        return np.where(np.isfinite(values), rank, np.nan)

    def _count(self, values: Floats, of_asked: Indices, holds: np.ufunc) -> Indices:
        """Count the samples that are below (or equal to) each value, by halving."""
        series = np.arange(len(values))[:, None]
        low = np.zeros(values.shape, dtype=np.int64)
        high = np.broadcast_to(self.number[:, of_asked], values.shape)
        for _ in range(int(self.values.shape[-1]).bit_length()):
            middle = np.minimum((low + high) // 2, self.values.shape[-1] - 1)
            right = holds(self.values[series, of_asked, middle], values) & (low < high)
            low, high = np.where(right, middle + 1, low), np.where(right, high, middle)
        return low

    def _sum(self, numbers: Floats) -> Floats:
        """Add one after the other: in pairs, the sum would depend on how many are filled up."""
        return _at(np.cumsum(numbers, axis=-1), self._last)

    @property
    def _last(self) -> Indices:
        """(series, sets) place of the highest value; 0 where there is none."""
        return np.maximum(self.number - 1, 0)


def ranked(values: Floats, sets: SampleSets) -> Ranked:
    """Sort the values of each set.

    Parameters
    ----------
    values : (series, time) NaN where a step has no value
    """
    # a last column, which -1 points to
    padded = np.concatenate([values, np.full((len(values), 1), np.nan)], axis=1)
    of_sets = np.ascontiguousarray(padded[:, sets.samples])
    known = ~np.isnan(of_sets).reshape(len(values), -1)
    of_years = np.logical_or.reduceat(known, sets.year_starts, axis=1)
    years = np.add.reduceat(of_years, sets.set_starts, axis=1, dtype=np.int64)
    of_sets.sort(axis=-1)
    return Ranked(of_sets, np.count_nonzero(~np.isnan(of_sets), axis=-1), years)


def _at(numbers: Floats, places: Indices) -> Floats:
    """Take one of each row, (series, sets)."""
    found: Floats = np.take_along_axis(numbers, places[..., None], axis=-1)[..., 0]
    return found


def ratio(above: NDArray[Any], below: NDArray[Any], where: NDArray[Any] | bool = True) -> Floats:
    """Divide by what is above 0, there where it is wanted; NaN elsewhere."""
    found: Floats = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=(below > 0) & where)
    return found

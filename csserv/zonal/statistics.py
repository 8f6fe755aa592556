"""Zonal statistics: the cells of each zone in, one value a zone and step out.

Every function takes a ``Sample`` and returns ``(time, zones)`` float64 in the units of the field
unless it says otherwise. Missing cells take no part; where a zone has no valid cell, the value
is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.grid import Floats
from csserv.zonal.weights import Ints, Weights


@dataclass(frozen=True, eq=False)
class Sample:
    """The values of the cells of all zones that touch the grid, zone after zone.

    Attributes
    ----------
    values : (time, cells) float64, NaN where missing
    coverage : (cells,) share of the cell that lies in the zone [1]
    area : (cells,) the part of the cell that lies in the zone [km2]
    starts : (zones,) where each zone begins; no zone is empty
    """

    values: Floats
    coverage: Floats
    area: Floats
    starts: Ints

    @classmethod
    def of(cls, field: NDArray[np.floating], weights: Weights) -> Self:
        """Take the cells of each zone from a ``(time, lat, lon)`` field of the window."""
        flat = field.reshape(len(field), -1)
        values = flat[:, weights.cells].astype(np.float64)
        touched = weights.starts[:-1] < weights.starts[1:]
        return cls(values, weights.coverage, weights.area, weights.starts[:-1][touched])

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """``(time, cells)`` where there are data."""
        return ~np.isnan(self.values)

    def add_up(self, cells: NDArray[np.floating]) -> Floats:
        """Sum ``(time, cells)`` over the cells of each zone."""
        return np.asarray(np.add.reduceat(cells, self.starts, axis=1), np.float64)

    def zone_of_cells(self, by_zone: Floats) -> Floats:
        """Spread ``(time, zones)`` over the cells of each zone."""
        lengths = np.diff(np.append(self.starts, self.values.shape[1]))
        return np.repeat(by_zone, lengths, axis=1)


def mean(sample: Sample) -> Floats:
    """Area-weighted mean: Σ a·v / Σ a over valid cells, a = covered area of the cell."""
    weight = sample.add_up(sample.valid * sample.area)
    total = sample.add_up(np.where(sample.valid, sample.values, 0.0) * sample.area)
    return _divided(total, weight)


def total(sample: Sample) -> Floats:
    """Sum of cells: Σ c·v over valid cells, c = covered share of the cell; no area in it."""
    values = np.where(sample.valid, sample.values, 0.0)
    return _where_any(sample, sample.add_up(values * sample.coverage))


def count(sample: Sample) -> Floats:
    """Count of valid cells: Σ c, c = covered share of the cell [cells]; 0 where there is none."""
    return sample.add_up(sample.valid * sample.coverage)


def maximum(sample: Sample) -> Floats:
    """Highest value of a cell that touches the zone, however little."""
    filled = np.where(sample.valid, sample.values, -np.inf)
    return _finite(np.maximum.reduceat(filled, sample.starts, axis=1))


def minimum(sample: Sample) -> Floats:
    """Lowest value of a cell that touches the zone, however little."""
    filled = np.where(sample.valid, sample.values, np.inf)
    return _finite(np.minimum.reduceat(filled, sample.starts, axis=1))


def spread(sample: Sample) -> Floats:
    """Highest less lowest value of the cells that touch the zone."""
    return maximum(sample) - minimum(sample)


def deviation(sample: Sample) -> Floats:
    """Area-weighted standard deviation of the cells: √(Σ a·(v - mean)² / Σ a)."""
    away = sample.values - sample.zone_of_cells(mean(sample))
    squares = np.where(sample.valid, away**2, 0.0) * sample.area
    return np.sqrt(_divided(sample.add_up(squares), sample.add_up(sample.valid * sample.area)))


def median(sample: Sample) -> Floats:
    """Weighted median by cell: the value with half of the zone's valid area on either side.

    The cells are ranked whole, each with its covered area as weight; where the half falls
    between two cells, the mean of both (the lower weighted median and the upper, halved).
    """
    ends = [*sample.starts[1:].tolist(), sample.values.shape[1]]
    columns = [
        _weighted_median(sample.values[:, a:b], sample.area[a:b])
        for a, b in zip(sample.starts.tolist(), ends, strict=True)
    ]
    return np.column_stack(columns)


def valid_percent(sample: Sample) -> Floats:
    """Share of the zone's area on the grid that has data [per cent], 0 to 100."""
    with_data = sample.add_up(sample.valid * sample.area)
    whole = sample.add_up(np.broadcast_to(sample.area, sample.values.shape))
    return np.asarray(100.0 * with_data / whole)


def _weighted_median(values: Floats, area: Floats) -> Floats:
    order = np.argsort(values, axis=1)  # NaN last
    ranked = np.take_along_axis(values, order, axis=1)
    weight = np.where(np.isnan(ranked), 0.0, area[order])
    below = np.cumsum(weight, axis=1)
    half = below[:, -1:] / 2
    # 1e-12: sums of equal areas differ in their last bits, a tie must stay a tie
    low = np.argmax(below >= half * (1 - 1e-12), axis=1)[:, None]
    high = np.argmax(below > half * (1 + 1e-12), axis=1)[:, None]
    both = [np.take_along_axis(ranked, place, axis=1)[:, 0] for place in (low, high)]
    return np.where(below[:, -1] > 0, (both[0] + both[1]) / 2, np.nan)


def _divided(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def _where_any(sample: Sample, by_zone: Floats) -> Floats:
    return np.where(sample.add_up(sample.valid * 1.0) > 0, by_zone, np.nan)


def _finite(extreme: Floats) -> Floats:
    return np.where(np.isinf(extreme), np.nan, extreme)

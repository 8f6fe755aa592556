"""Zonal statistics that are accumulated tile by tile.

A statistic sees the values of each tile once, in any order, and accumulates (steps, zones) float64
arrays. Arrays that were accumulated from different cells can be joined. Missing cells are left out.
The values may be stored (packed) numbers: ``decode`` applies scale and offset at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.zonal.band import Band
from csserv.zonal.exact_sums import (
    empty_sums,
    end_sums,
    join_sums,
    lost_of,
    two_product,
    two_sum,
    with_lost,
)

Arrays = dict[str, Floats]
MissingMask = NDArray[np.bool_] | None


class Statistic(Protocol):
    """What one kind of operation accumulates of the cells, first of a tile, then of all."""

    @property
    def by_zone(self) -> bool:
        """Whether its arrays are of (steps, zones)."""

    def start(self, steps: int, zones: int) -> Arrays:
        """Return the arrays as they are before any cell was added."""

    def add(
        self, kept: Arrays, steps: slice, band: Band, numbers: NDArray[Any], missing: MissingMask
    ) -> None:
        """Add some cells of a tile to the arrays of the tile.

        Parameters
        ----------
        kept : the arrays, of the zones of the tile; changed in place
        steps : of the arrays, that the numbers belong to
        band : the cells
        numbers : (t, m) values, or stored numbers, of the band's chosen cells
        missing : (t, m) mask of the missing ones; None where there is none
        """

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        """Join what was accumulated from two sets of cells that have none in common."""

    def decode(self, kept: Arrays, scale: Floats, offset: Floats) -> Arrays:
        """Turn what was accumulated of stored numbers into that of values, when all is joined.

        Parameters
        ----------
        scale : (steps, 1) or (1, 1), above 0; a value is a stored number times this, plus
            ``offset``
        """


@dataclass(frozen=True)
class MissingCells:
    """How much of each zone is missing; accumulated for every operation.

    Keeps area [km2], coverage [cells] and number of the missing cells.
    """

    names = ("lost_area", "lost_coverage", "lost_cells")
    by_zone = True

    def start(self, steps: int, zones: int) -> Arrays:
        """Return arrays of zeros."""
        return empty_sums(self.names, (steps, zones))

    def add(
        self, kept: Arrays, steps: slice, band: Band, numbers: NDArray[Any], missing: MissingMask
    ) -> None:
        """Add the missing cells of a band."""
        if missing is None:
            return
        lost = missing.astype(np.float64)
        weights_of = (band.area, band.coverage, band.inside)
        for name, weights in zip(self.names, weights_of, strict=True):
            kept[name][steps, band.zone_index] += band.add_up(lost, weights)

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        """Add up the missing cells of both parts."""
        return join_sums(one, other, self.names)

    def decode(self, kept: Arrays, scale: Floats, offset: Floats) -> Arrays:
        """Return the sums as they are: they hold no values of the data."""
        return end_sums(kept, self.names)


@dataclass(frozen=True)
class TimeWithData:
    """How much of each longer step has data: area times the share of its days [km2]."""

    names = ("with_data",)
    by_zone = True

    def start(self, steps: int, zones: int) -> Arrays:
        """Return an array of zeros."""
        return empty_sums(self.names, (steps, zones))

    def add(
        self, kept: Arrays, steps: slice, band: Band, numbers: Floats, missing: MissingMask
    ) -> None:
        """Add (t, m) shares of the days of longer steps [1]."""
        (name,) = self.names
        kept[name][steps, band.zone_index] += band.add_up(numbers, band.area)

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        """Add up both parts."""
        return join_sums(one, other, self.names)

    def decode(self, kept: Arrays, scale: Floats, offset: Floats) -> Arrays:
        """Return the sums as they are: they hold no values of the data."""
        return end_sums(kept, self.names)


@dataclass(frozen=True)
class Sums:
    """Accumulates Σ w·v and Σ w over valid cells, where w is the ``weight`` of a cell."""

    weight: str  #: a weight of ``Band``: "area" [km2], "coverage" [1], or "weight", as for means
    names = ("total", "weight")
    by_zone = True

    def start(self, steps: int, zones: int) -> Arrays:
        """Return arrays of zeros."""
        return empty_sums(self.names, (steps, zones))

    def add(
        self, kept: Arrays, steps: slice, band: Band, numbers: NDArray[Any], missing: MissingMask
    ) -> None:
        """Add the valid cells of a band."""
        weights: Floats = getattr(band, self.weight)
        values = numbers.astype(np.float64)
        valid = band.weight_sums[self.weight]
        if missing is not None:
            np.copyto(values, 0.0, where=missing)
            valid = band.add_up(np.where(missing, 0.0, 1.0), weights)
        kept["total"][steps, band.zone_index] += band.add_up(values, weights)
        kept["weight"][steps, band.zone_index] += valid

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        """Add up the sums of both parts."""
        return join_sums(one, other, self.names)

    def decode(self, kept: Arrays, scale: Floats, offset: Floats) -> Arrays:
        """Turn the sum of stored numbers into that of values."""
        sums = end_sums(kept, self.names)
        return sums | {"total": sums["total"] * scale + sums["weight"] * offset}


@dataclass(frozen=True)
class Extremes:
    """Accumulates the lowest and highest value of the cells that touch a zone, however little."""

    low: bool = True
    high: bool = True
    by_zone = True

    def start(self, steps: int, zones: int) -> Arrays:
        """Return infinite extremes: no cell has been seen."""
        ends = {"low": np.inf, "high": -np.inf}
        return {name: np.full((steps, zones), end) for name, end in ends.items()}

    def add(
        self, kept: Arrays, steps: slice, band: Band, numbers: NDArray[Any], missing: MissingMask
    ) -> None:
        # float32 holds integers of 16 bits exactly
        """Take in the valid cells of a band."""
        small = numbers.dtype.kind != "f" and numbers.dtype.itemsize <= 2
        values = numbers.astype(np.float32) if small else numbers
        if values.dtype.kind != "f":
            values = values.astype(np.float64)
        for name, wanted, reduce, end in (
            ("low", self.low, np.minimum, np.inf),
            ("high", self.high, np.maximum, -np.inf),
        ):
            if wanted:
                shown = values
                if missing is not None:
                    shown = np.where(missing, values.dtype.type(end), values)
                if band.outside is not None:
                    sign = values.dtype.type(np.sign(end))
                    shown = shown + sign * band.outside.astype(values.dtype)
                found = _reduced(reduce, shown, band)
                place = (steps, band.zone_index)
                kept[name][place] = reduce(kept[name][place], found)

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        """Return the extremes of both parts."""
        return {
            "low": np.minimum(one["low"], other["low"]),
            "high": np.maximum(one["high"], other["high"]),
        }

    def decode(self, kept: Arrays, scale: Floats, offset: Floats) -> Arrays:
        """Turn stored numbers into values."""
        return {name: values * scale + offset for name, values in kept.items()}


@dataclass(frozen=True)
class Moments:
    """Accumulates Σ w, Σ w·v and Σ w·v² over valid cells, with twice the digits of a number.

    With the digits of one number, Σ w·v² would lose ten for a field of 300 K with a spread of
    0.001 K. Within a band the squares are those of the distances from the zone's own mean there;
    so a zone's moments depend on its own cells alone, in whatever order bands are joined.
    """

    weight: str
    names = ("weight", "total", "squares")
    by_zone = True

    def start(self, steps: int, zones: int) -> Arrays:
        """Return arrays of zeros."""
        zero = np.zeros((steps, zones))
        return with_lost(**{name: (zero.copy(), zero.copy()) for name in self.names})

    def add(
        self, kept: Arrays, steps: slice, band: Band, numbers: NDArray[Any], missing: MissingMask
    ) -> None:
        """Add the valid cells of a band."""
        weights: Floats = getattr(band, self.weight)
        gone = np.zeros(numbers.shape, bool) if missing is None else missing
        if band.outside is not None:  # squares of theirs can be infinite, and 0 · ∞ is no number
            gone = gone | (band.outside > 0)
        values = np.where(gone, 0.0, numbers.astype(np.float64))
        weight = band.add_up(np.where(gone, 0.0, 1.0), weights)
        mean = divide(band.add_up(values, weights), weight, 0.0)
        away = np.where(gone, 0.0, values - np.repeat(mean, np.diff(band.starts), axis=1))
        rest = divide(band.add_up(away, weights), weight, 0.0)  # that rounding left in the mean
        squares = np.maximum(band.add_up(away**2, weights) - weight * rest**2, 0.0)
        place = (steps, band.zone_index)
        mine = {name: one[place] for name, one in kept.items()}
        for name, one in self.join(mine, _about_zero(weight, mean, rest, squares)).items():
            kept[name][place] = one

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        """Add up the moments of both parts."""
        return join_sums(one, other, self.names)

    def decode(self, kept: Arrays, scale: Floats, offset: Floats) -> Arrays:
        """Return weight, mean, and Σ w·(v - mean)² of values, of sums of stored numbers."""
        found = _about_mean(kept) if "total" in kept else kept
        return found | {
            "mean": found["mean"] * scale + offset,
            "squares": found["squares"] * scale**2,
        }


def _about_zero(weight: Floats, mean: Floats, rest: Floats, squares: Floats) -> Arrays:
    """Turn moments about a mean (the rounded one and the rest of it) into sums about zero."""
    total, lost = two_product(weight, mean)
    square, lost_square = two_product(total, mean)
    beside = squares + 2 * total * rest + weight * rest**2
    square, more_square = two_sum(square, beside)
    whole, more = two_sum(total, weight * rest)
    none = np.zeros_like(weight)
    return with_lost(
        weight=(weight, none),
        total=(whole, more + lost),
        squares=(square, more_square + lost_square + lost * mean),
    )


def _about_mean(sums: Arrays) -> Arrays:
    """Turn sums about zero into moments about the mean m: Σ w·v² - 2·m·Σ w·v + m²·Σ w."""
    weight, total, squares = (sums[name] for name in Moments.names)
    lost_weight, lost_total, lost_squares = (lost_of(sums, name) for name in Moments.names)
    mean = divide(total, weight, 0.0)
    first, lost_first = two_product(mean, total)
    square, lost_square = two_product(mean, mean)
    second, lost_second = two_product(square, weight)
    left, away = two_sum(squares, -2 * first)
    left, more = two_sum(left, second)
    lost = lost_squares - 2 * (lost_first + mean * lost_total)
    lost = lost + lost_second + lost_square * weight + square * lost_weight
    return {
        "weight": weight + lost_weight,
        "mean": mean + divide(lost_total, weight, 0.0),
        "squares": np.maximum(left + (away + more + lost), 0.0),
    }


def _reduced(reduce: np.ufunc, values: NDArray[Any], band: Band) -> NDArray[Any]:
    if len(band.zones) == 1:  # twice as fast as reduceat
        return np.asarray(reduce.reduce(values, axis=1, keepdims=True))
    return np.asarray(reduce.reduceat(values, band.starts[:-1], axis=1))


def divide(top: Floats, bottom: Floats, otherwise: float = np.nan) -> Floats:
    """Divide elementwise; ``otherwise`` where the divisor is 0."""
    return np.divide(top, bottom, out=np.full_like(top, otherwise), where=bottom > 0)

"""Making longer time steps (a month of days, say), cell by cell, before zones are summed up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.zonal.tiles import Band


@dataclass(frozen=True, eq=False)
class LongerStep:
    """The (m,) cells of a band at one longer step.

    Attributes
    ----------
    place : the step, as a slice
    values, missing : (1, m); there is no mask where none is missing
    valid : (1, m) share of the step's days that have valid data [1], 0 to 1
    """

    place: slice
    values: Floats
    missing: NDArray[np.bool_] | None
    valid: Floats


@dataclass(frozen=True, eq=False)
class Resampling:
    """Which longer step each step of the data belongs to, and how they are combined.

    Attributes
    ----------
    rule : "rate": mean of the valid steps times the days of the longer step; "sum": mean of the
        valid steps times the number of steps there should be; "mean", "max", "min": of the valid
        steps. Means weigh steps by their length, but for "sum"
    group : (n,) number of the longer step of each step of the data
    lengths : (n,) of the data's steps [days]
    days : (groups,) of the longer steps [days]
    least : share of a longer step's days that must have valid data, else it is missing [1]
    """

    rule: str
    group: NDArray[np.int64]
    lengths: Floats
    days: Floats
    least: float

    @cached_property
    def counts(self) -> Floats:
        """(groups,) how many of the data's steps fit into a longer step, by their mean length."""
        return self.days * np.bincount(self.group) / np.bincount(self.group, self.lengths)

    def cuts(self, first: int, last: int) -> list[int]:
        """Return the boundaries of a run of the data's steps at which a longer step begins."""
        inner = np.flatnonzero(np.diff(self.group[first:last])) + first + 1
        return [first, *inner.tolist(), last]


@dataclass(eq=False)
class Resampler:
    """Takes the steps of one tile in order, and returns each longer step once it is complete."""

    how: Resampling
    _open: dict[int, _Cells] = field(default_factory=dict)

    def add(
        self, band: Band, steps: slice, values: Floats, missing: NDArray[np.bool_] | None
    ) -> Iterator[LongerStep]:
        """Add (t, m) values of a band, all of one longer step; yield the step before it."""
        group = int(self.how.group[steps.start])
        cells = self._open.get(id(band))
        if cells is not None and cells.group != group:
            yield self._whole(cells)
            cells = None
        if cells is None:
            cells = self._open[id(band)] = _Cells.empty(band, group, self.how.rule)
        cells.take(values, missing, self.how.lengths[steps])

    def flush(self) -> Iterator[tuple[Band, LongerStep]]:
        """Yield the last longer step of each band."""
        for cells in self._open.values():
            yield cells.band, self._whole(cells)
        self._open.clear()

    def _whole(self, cells: _Cells) -> LongerStep:
        how = self.how
        days = how.days[cells.group]
        values = cells.values
        if how.rule not in ("max", "min"):
            weight = cells.days if how.rule != "sum" else cells.steps
            values = np.divide(values, weight, out=np.zeros_like(values), where=weight > 0)
        if how.rule == "rate":
            values = values * days
        elif how.rule == "sum":
            values = values * how.counts[cells.group]
        missing = (cells.days <= 0) | (cells.days < (how.least - 1e-9) * days)
        place = slice(cells.group, cells.group + 1)
        valid = np.clip(cells.days / days, 0.0, 1.0)
        return LongerStep(
            place, values[None], missing[None] if missing.any() else None, valid[None]
        )


@dataclass(eq=False)
class _Cells:
    """The cells of a band in one longer step, accumulated so far."""

    band: Band
    group: int
    rule: str
    values: Floats  #: (m,) weighted sums, or extremes
    days: Floats  #: (m,) length of the valid steps together [days]
    steps: Floats  #: (m,) number of valid steps

    @classmethod
    def empty(cls, band: Band, group: int, rule: str) -> _Cells:
        """Start a longer step, with nothing accumulated."""
        start = {"max": -np.inf, "min": np.inf}.get(rule, 0.0)
        zeros = [np.zeros(len(band.coverage)) for _ in range(2)]
        return cls(band, group, rule, np.full(len(band.coverage), start), *zeros)

    def take(self, values: Floats, missing: NDArray[np.bool_] | None, lengths: Floats) -> None:
        """Add (t, m) values of steps with the given lengths [days]."""
        if missing is None:
            self.days += lengths.sum()
            self.steps += len(values)
        else:
            self.days += lengths @ ~missing
            self.steps += (~missing).sum(axis=0)
        if self.rule in ("max", "min"):
            reduce: Any = np.maximum if self.rule == "max" else np.minimum
            start = -np.inf if self.rule == "max" else np.inf
            shown = values if missing is None else np.where(missing, start, values)
            reduce(self.values, reduce.reduce(shown, axis=0), out=self.values)
        else:
            shown = values if missing is None else np.where(missing, 0.0, values)
            weights = np.ones(len(values)) if self.rule == "sum" else lengths
            self.values += weights @ shown

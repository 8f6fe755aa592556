"""Making longer time steps (a month of days, say), cell by cell, before zones are summed up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.zonal.band import Band
from csserv.zonal.over_time.step_cells import EXTREMES, RollingCells, StepCells


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

    With a window of several, a step of the result holds a longer step and those before it.

    Attributes
    ----------
    rule : "rate": mean of the valid steps times the days of the longer step; "sum": mean of the
        valid steps times the number of steps there should be; "mean", "max", "min": of the valid
        steps. Means weigh steps by their length, but for "sum"
    group : (n,) number of the longer step of each step of the data
    lengths : (n,) of the data's steps [days]
    days : (results,) of the steps of the result [days]
    least : share of a longer step's days that must have valid data, else it is missing [1]
    last : (results,) number of the longer step that each step of the result ends with, rising
    window : how many longer steps a step of the result holds
    needs_all : (results,) which of them are missing unless all of their days have valid data,
        whatever ``least`` is; empty for none
    """

    rule: str
    group: NDArray[np.int64]
    lengths: Floats
    days: Floats
    least: float
    last: NDArray[np.int64]
    window: int = 1
    needs_all: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    @cached_property
    def counts(self) -> Floats:
        """(results,) how many of the data's steps fit into each, by their mean length."""
        steps = self._in_windows(np.bincount(self.group))
        days = self._in_windows(np.bincount(self.group, self.lengths))
        return np.asarray(self.days * steps / days, np.float64)

    @cached_property
    def place_of(self) -> dict[int, int]:
        """Number of the longer step that a step of the result ends with → index of the latter."""
        return {number: place for place, number in enumerate(self.last.tolist())}

    def _in_windows(self, counts: NDArray[Any]) -> Floats:
        """Add up (longer steps,) counts in the window of each step of the result."""
        first = np.maximum(self.last + 1 - self.window, 0)
        runs = zip(first.tolist(), (self.last + 1).tolist(), strict=True)
        return np.array([counts[a:b].sum() for a, b in runs], np.float64)

    def cuts(self, first: int, last: int) -> list[int]:
        """Return the boundaries of a run of the data's steps at which a longer step begins."""
        inner = np.flatnonzero(np.diff(self.group[first:last])) + first + 1
        return [first, *inner.tolist(), last]


@dataclass(eq=False)
class Resampler:
    """Takes the steps of one tile in order; returns each step of the result once it is complete."""

    how: Resampling
    _open: dict[int, StepCells] = field(default_factory=dict)
    _windows: dict[int, RollingCells] = field(default_factory=dict)

    def add(
        self, band: Band, steps: slice, values: Floats, missing: NDArray[np.bool_] | None
    ) -> Iterator[LongerStep]:
        """Add (t, m) values of a band, all of one longer step; yield the step before it."""
        group = int(self.how.group[steps.start])
        cells = self._open.get(id(band))
        if cells is not None and cells.number != group:
            yield from self._close(cells)
            cells = None
        if cells is None:
            cells = self._open[id(band)] = StepCells.empty(band, group, self.how.rule)
        cells.take(values, missing, self.how.lengths[steps])

    def flush(self) -> Iterator[tuple[Band, LongerStep]]:
        """Yield the last longer step of each band."""
        for cells in self._open.values():
            for one in self._close(cells):
                yield cells.band, one
        self._open.clear()
        self._windows.clear()

    def _close(self, cells: StepCells) -> Iterator[LongerStep]:
        """End a longer step; yield the step of the result that ends with it, if there is one."""
        if self.how.window > 1:
            band = id(cells.band)
            window = self._windows.setdefault(band, RollingCells(self.how.window))
            cells = window.add(cells)
        if (place := self.how.place_of.get(cells.number)) is not None:
            yield self._whole(cells, place)

    def _whole(self, cells: StepCells, place: int) -> LongerStep:
        how = self.how
        days = how.days[place]
        values = cells.values
        if how.rule not in EXTREMES:
            weight = cells.days if how.rule != "sum" else cells.steps
            values = np.divide(values, weight, out=np.zeros_like(values), where=weight > 0)
        if how.rule == "rate":
            values = values * days
        elif how.rule == "sum":
            values = values * how.counts[place]
        least = 1.0 if how.needs_all.size and how.needs_all[place] else how.least
        missing = (cells.days <= 0) | (cells.days < (least - 1e-9) * days)
        valid = np.clip(cells.days / days, 0.0, 1.0)
        mask = missing[None] if missing.any() else None
        return LongerStep(slice(place, place + 1), values[None], mask, valid[None])

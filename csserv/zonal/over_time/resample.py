"""Making longer time steps (a month of days, say), cell by cell, before zones are summed up.

What is longer than a month is summed up month by month, and these are joined: so sums of months
that were made before (``csserv.tasks.sums``) give the same to the last bit.
"""

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
    """The (m,) cells of a band at one longer step, or at several that follow each other.

    Attributes
    ----------
    place : the t steps, as a slice
    values, missing : (t, m); there is no mask where none is missing
    valid : (t, m) share of the step's days that have valid data [1], 0 to 1
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
    months : (n,) number of its calendar month, where longer steps hold several; else as ``group``
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
    months: NDArray[np.int64]
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

    @cached_property
    def joins_months(self) -> bool:
        """Whether a longer step has several calendar months, of which each is summed up alone."""
        inside = np.diff(self.group) == 0
        return bool((inside & (np.diff(self.months) != 0)).any())

    def cuts(self, first: int, last: int) -> list[int]:
        """Return the boundaries of a run of the data's steps at which a step or month begins."""
        run = slice(first, last)
        begins = (np.diff(self.group[run]) != 0) | (np.diff(self.months[run]) != 0)
        return [first, *(np.flatnonzero(begins) + first + 1).tolist(), last]


@dataclass(eq=False)
class Resampler:
    """Takes the steps of one tile in order; returns each step of the result once it is complete."""

    how: Resampling
    _open: dict[int, _OpenStep] = field(default_factory=dict)
    _windows: dict[int, RollingCells] = field(default_factory=dict)

    def add(
        self, band: Band, steps: slice, values: Floats, missing: NDArray[np.bool_] | None
    ) -> Iterator[LongerStep]:
        """Add (t, m) values of a band, all of one month; yield the step before, if it ended."""
        number, month = int(self.how.group[steps.start]), int(self.how.months[steps.start])
        yield from self._close_before(band, number)
        lengths = self.how.lengths[steps]
        self._month(band, number, month).take(values, missing, lengths)

    def add_month(
        self, band: Band, number: int, month: int, cells: StepCells
    ) -> Iterator[LongerStep]:
        """Add a month of the longer step of this number, as a whole; see :meth:`add`."""
        yield from self._close_before(band, number)
        one = self._open.setdefault(id(band), _OpenStep(band, number, month, cells))
        if one.month != month:
            one.begin(month, cells)

    def flush(self) -> Iterator[tuple[Band, LongerStep]]:
        """Yield the last longer step of each band."""
        for one in self._open.values():
            for step in self._close(one):
                yield one.band, step
        self._open.clear()
        self._windows.clear()

    def _month(self, band: Band, number: int, month: int) -> StepCells:
        """Return what is known of a month of an open step."""
        one = self._open.get(id(band))
        if one is None or one.month != month:
            empty = StepCells.empty(len(band.coverage), self.how.rule)
            if one is None:
                one = self._open[id(band)] = _OpenStep(band, number, month, empty)
            else:
                one.begin(month, empty)
        return one.cells

    def _close_before(self, band: Band, number: int) -> Iterator[LongerStep]:
        """End the open step of a band, unless it has this number."""
        one = self._open.get(id(band))
        if one is not None and one.number != number:
            del self._open[id(band)]
            yield from self._close(one)

    def _close(self, one: _OpenStep) -> Iterator[LongerStep]:
        """End a longer step; yield the step of the result that ends with it, if there is one."""
        cells = one.whole
        if self.how.window > 1:
            window = self._windows.setdefault(id(one.band), RollingCells(self.how.window))
            cells = window.add(one.number, cells)
        if (place := self.how.place_of.get(one.number)) is not None:
            yield longer_step(self.how, cells, slice(place, place + 1))


@dataclass(eq=False)
class _OpenStep:
    """A longer step of a band that has not ended: its months so far."""

    band: Band
    number: int
    month: int
    cells: StepCells  #: of this month
    before: StepCells | None = None  #: of those before it

    def begin(self, month: int, cells: StepCells) -> None:
        """Go on with another month."""
        self.before = self.whole
        self.month, self.cells = month, cells

    @property
    def whole(self) -> StepCells:
        """What is known of all its months."""
        return self.cells.joined(self.before)


def longer_step(how: Resampling, cells: StepCells, place: slice) -> LongerStep:
    """Turn what is known of cells into their values at steps of the result.

    Parameters
    ----------
    cells : (m,) of one step, or (t, m) of several that follow each other
    place : these steps
    """
    values, known = np.atleast_2d(cells.values), np.atleast_2d(cells.days)
    days = how.days[place, None]
    if how.rule not in EXTREMES:
        weight = known if how.rule != "sum" else np.atleast_2d(cells.steps)
        values = np.divide(values, weight, out=np.zeros_like(values), where=weight > 0)
    if how.rule == "rate":
        values = values * days
    elif how.rule == "sum":
        values = values * how.counts[place, None]
    least = np.full_like(days, how.least)
    if how.needs_all.size:
        least[how.needs_all[place]] = 1.0
    missing = (known <= 0) | (known < (least - 1e-9) * days)
    valid = np.clip(known / days, 0.0, 1.0)
    return LongerStep(place, values, missing if missing.any() else None, valid)

"""Cells in one longer step, and in a window of several such steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats

#: rule → what joins two numbers of a cell, and what changes nothing; sums for all others
EXTREMES: dict[str, tuple[Any, float]] = {
    "max": (np.maximum, -np.inf),
    "min": (np.minimum, np.inf),
}


@dataclass(frozen=True, eq=False)
class StepCells:
    """What is known of some cells in one longer step, or in several: (..., m) arrays.

    Attributes
    ----------
    values : weighted sums, or extremes
    days : length of the valid steps together [days]
    steps : number of valid steps
    """

    rule: str
    values: Floats
    days: Floats
    steps: Floats

    @classmethod
    def empty(cls, cells: int, rule: str) -> StepCells:
        """Start a longer step, with nothing accumulated."""
        _, start = EXTREMES.get(rule, (np.add, 0.0))
        return cls(rule, np.full(cells, start), np.zeros(cells), np.zeros(cells))

    def take(self, values: Floats, missing: NDArray[np.bool_] | None, lengths: Floats) -> None:
        """Add (t, m) values of steps with the given lengths [days].

        A cell is summed step by step, whatever the runs are in which its steps come, so that it
        has the same sum to the last bit (a product of matrices would group steps and cells).
        """
        self.steps[:] += len(values) if missing is None else (~missing).sum(axis=0)
        for number, length in enumerate(lengths.tolist()):
            self.days[:] += length if missing is None else length * ~missing[number]
        join, start = EXTREMES.get(self.rule, (np.add, 0.0))
        shown = values if missing is None else np.where(missing, start, values)
        if join is not np.add:
            join(self.values, join.reduce(shown, axis=0), out=self.values)
            return
        plain = self.rule == "sum" or bool((lengths == 1.0).all())
        for row, length in zip(shown, lengths.tolist(), strict=True):
            self.values[:] += row if plain else row * length

    def joined(self, other: StepCells | None) -> StepCells:
        """Return what is known of both together."""
        if other is None:
            return self
        join, _ = EXTREMES.get(self.rule, (np.add, 0.0))
        values = join(self.values, other.values)
        days, steps = self.days + other.days, self.steps + other.steps
        return StepCells(self.rule, values, days, steps)


@dataclass(eq=False)
class RollingCells:
    """The last steps of a band: joins as many as a window is wide.

    As van Herk 1992 (doi:10.1016/0167-8655(92)90069-C), and Gil and Werman 1993
    (doi:10.1109/34.211471), do it: steps are taken in runs as wide as the window. What a window has
    of its first run was joined from that run's end backwards, and what it has of its second one
    from the beginning. So a window costs three sums, however wide it is; nothing is subtracted; and
    the order of the sums depends on the steps' numbers alone.
    """

    width: int
    _run: int = -1
    _steps: dict[int, StepCells] = field(default_factory=dict)  #: of this run, by their place
    _begun: StepCells | None = None  #: these together
    _before: dict[int, StepCells] = field(default_factory=dict)  #: from a place of the last run on

    def add(self, number: int, cells: StepCells) -> StepCells:
        """Take the next step that has data; return the window that ends with it."""
        run, place = divmod(number, self.width)
        if run != self._run:
            self._before = self._to_the_end() if run == self._run + 1 else {}
            self._run, self._steps, self._begun = run, {}, None
        self._steps[place] = cells
        self._begun = cells.joined(self._begun)
        for gone in range(place + 1):
            self._before.pop(gone, None)
        return self._begun.joined(self._before.get(place + 1))

    def _to_the_end(self) -> dict[int, StepCells]:
        """Join the steps of the run, from each place to the end."""
        found: dict[int, StepCells] = {}
        joined = None
        for place in range(self.width - 1, 0, -1):
            if place in self._steps:
                joined = self._steps[place].joined(joined)
            if joined is not None:
                found[place] = joined
        return found

"""Which storage chunks the steps of a result lie in, and how steps are joined to blocks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from csserv.catalog.timeline.timeline import Stretch
from csserv.tasks.plan.area_part import Size
from csserv.tasks.plan.file_forms import form_of, of_two_forms
from csserv.tasks.plan.planned_steps import StepGroup


@dataclass(frozen=True, eq=False)
class StepChunks:
    """The chunks that each of the data's steps lies in.

    Attributes
    ----------
    runs : which of the data's steps each step of the result is made of
    """

    runs: Sequence[range]
    stretches: Sequence[Stretch]
    size: Size

    @classmethod
    def of(cls, group: StepGroup, size: Size) -> StepChunks:
        """Find the chunks of a group."""
        return cls(group.runs, group.timeline.stretches, size)

    @cached_property
    def of_steps(self) -> list[tuple[int, int]]:
        """Number of its stretch, and of its chunk in the file, of each of the data's steps."""
        return [
            (k, step // stretch.header.layout.chunk[0])
            for k, stretch in enumerate(self.stretches)
            for step in stretch.steps
        ]

    @cached_property
    def _numbers(self) -> list[int]:
        return [stretch.number for stretch in self.stretches]

    def within(self, steps: range) -> list[Stretch]:
        """Return what is read for some steps of the result."""
        whole = range(self.runs[steps.start].start, self.runs[steps.stop - 1].stop)
        first = bisect_right(self._numbers, whole.start) - 1
        near = slice(first, bisect_left(self._numbers, whole.stop))
        return [part for s in self.stretches[near] if (part := s.cut(whole))]

    def kept(self, steps: range, most: int) -> Iterator[tuple[int, int]]:
        """Join steps of the result that need not be read to blocks of at most so many.

        Each is of one grid and layout, too: it is read after all, if what was kept is damaged.
        """
        for start, stop in pairwise([steps.start, *self._changes(steps), steps.stop]):
            for first in range(start, stop, most):
                yield first, min(first + most, stop)

    def _changes(self, steps: range) -> list[int]:
        """Return the steps at which files of another form begin."""
        if all(one == self._kinds[0] for one in self._kinds):
            return []
        kinds = [self._kinds[self.of_steps[self.runs[i].start][0]] for i in steps]
        return [
            i for i, (one, other) in zip(steps[1:], pairwise(kinds), strict=True) if one != other
        ]

    def groups(self, steps: range, target: int) -> Iterator[tuple[int, int]]:
        """Join steps of the result to blocks of about ``target`` bytes, of one grid and layout."""
        chunks, stretches = self.of_steps, self.stretches
        first, inflated, seen = steps.start, 0, (-1, -1)
        for i in steps:
            run = self.runs[i]
            touched = {chunk for chunk in chunks[run.start : run.stop] if chunk >= seen}
            kind = self._kinds[chunks[run.start][0]]
            if any(self._kinds[k] != kind for k, _ in touched):
                other_one = next(k for k, _ in sorted(touched) if self._kinds[k] != kind)
                raise of_two_forms(stretches[chunks[run.start][0]], stretches[other_one])
            fresh = touched - {seen}
            other = kind != self._kinds[chunks[self.runs[first].start][0]]
            if i > first and (inflated >= target or other) and fresh:
                yield first, i
                first, inflated = i, 0
            inflated += sum(self._bytes[k] for k, _ in fresh)
            seen = max({seen, *fresh})
        yield first, steps.stop

    @cached_property
    def _kinds(self) -> list[tuple[object, ...]]:
        return [form_of(s.header) for s in self.stretches]

    @cached_property
    def _bytes(self) -> list[int]:
        return [self.size.chunk(s.header) for s in self.stretches]

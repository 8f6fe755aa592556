"""The steps that a plan computes, in groups that do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, overload

from csserv.catalog.timeline.timeline import Timeline
from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.outputs.netcdf.step_times import StepTimes
from csserv.zonal.over_time.longer_steps import LongerSteps
from csserv.zonal.over_time.timestep import Step


@dataclass(frozen=True)
class SingleSteps(Sequence[range]):
    """Runs of one step each; to make those of forty years of days takes 2 ms."""

    number: int

    def __len__(self) -> int:
        return self.number

    @overload
    def __getitem__(self, place: int) -> range: ...

    @overload
    def __getitem__(self, place: slice) -> list[range]: ...

    def __getitem__(self, place: int | slice) -> range | list[range]:
        found = range(self.number)[place]
        if isinstance(found, range):
            return [range(one, one + 1) for one in found]
        return range(found, found + 1)


@dataclass(frozen=True, eq=False)
class StepGroup:
    """Steps of a result that do not overlap.

    Attributes
    ----------
    timeline : the data's steps that they are made of
    made : how; None where they are the data's own
    """

    timeline: Timeline
    made: LongerSteps | None

    @cached_property
    def times(self) -> StepTimes:
        """Labels of the steps."""
        if self.made:
            return StepTimes.of(self.made.times)
        return StepTimes(self.timeline.start, self.timeline.calendar)

    @cached_property
    def runs(self) -> Sequence[range]:
        """Which of the data's steps each is made of."""
        if self.made:
            return [step.run for step in self.made.steps]
        return SingleSteps(len(self.timeline))

    @cached_property
    def intervals(self) -> StepIntervals | None:
        """From when to when each step lasts; None where the files are too few to tell."""
        if self.made:
            return StepIntervals.joined([self.made.intervals])
        if not self.timeline.is_timed:
            return None
        return StepIntervals(self.times, StepTimes(self.timeline.end, self.timeline.calendar))


@dataclass(frozen=True, eq=False)
class PlannedSteps:
    """The steps of a result.

    Attributes
    ----------
    times : their labels
    longer : how each is made; none where they are the data's own
    intervals : from when to when each lasts; None where the files are too few to tell
    """

    times: StepTimes
    longer: tuple[Step, ...]
    intervals: StepIntervals | None

    @classmethod
    def of(cls, groups: Sequence[StepGroup]) -> Self:
        """Put the steps of groups one after the other."""
        known = [one.intervals for one in groups]
        intervals = [one for one in known if one]
        return cls(
            times=StepTimes.joined(one.times for one in groups),
            longer=tuple(step for one in groups if one.made for step in one.made.steps),
            intervals=StepIntervals.joined(intervals) if len(intervals) == len(known) else None,
        )

    def pick(self, places: Sequence[int]) -> PlannedSteps:
        """Keep some of the steps, in the order given."""
        return PlannedSteps(
            times=self.times.pick(places),
            longer=tuple(self.longer[n] for n in places if self.longer),
            intervals=self.intervals.pick(places) if self.intervals else None,
        )

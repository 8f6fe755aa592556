"""The steps of a dataset: those of all its files in time order, each an interval, each once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.further.selections import Selection, common_selections
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.read.times.calendar_units import Ints, to_dates, to_seconds
from csserv.catalog.timeline.consistency import Problem
from csserv.catalog.timeline.frequency import DAY, Frequency, moment
from csserv.errors import GranuleError
from csserv.notes import Note
from csserv.request import Period

#: parts of a timeline that are kept at most; requests often repeat a period
MOST_KEPT = 4


@dataclass(frozen=True)
class Stretch:
    """A run of steps of one file, and the number that the first has among all of the dataset."""

    granule: Granule
    header: Header
    steps: range
    number: int

    def cut(self, run: range) -> Stretch | None:
        """Keep those whose number is in a run."""
        first = max(run.start, self.number)
        last = min(run.stop, self.number + len(self.steps))
        if first >= last:
            return None
        if last - first == len(self.steps):
            return self
        steps = self.steps[first - self.number : last - self.number]
        return replace(self, steps=steps, number=first)


@dataclass(frozen=True, eq=False)
class Timeline:
    """Steps in time order.

    Attributes
    ----------
    stretches : where they are read
    start, end : (n,) [s] since ``EPOCH``; starts rise strictly, an end is after its start and
        does not belong to the step
    calendar : cftime's name of it
    frequency : None where steps have none
    numbers : (n,) of the steps, in the frequency; those without a gap between follow each other
    is_timed : whether it is known how long steps are
    problems : what must be mended before some of them can be read
    notes : what was assumed
    since : when the first step of the dataset begins [s], of which these may be a part; None if
        these are all
    """

    stretches: tuple[Stretch, ...]
    start: Ints
    end: Ints
    calendar: str
    frequency: Frequency | None
    numbers: Ints
    is_timed: bool = True
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    since: int | None = None

    def __post_init__(self) -> None:
        rises = bool((np.diff(self.start) > 0).all())
        if not (rises and bool((self.end > self.start).all())):
            raise GranuleError("the steps of the dataset do not follow each other in time")

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def times(self) -> tuple[cftime.datetime, ...]:
        """Beginnings of the steps, which are their labels."""
        return tuple(to_dates(self.start, self.calendar)) if len(self) else ()

    @cached_property
    def end_times(self) -> tuple[cftime.datetime, ...]:
        """Ends of the steps."""
        return tuple(to_dates(self.end, self.calendar))

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """``(n,)`` how long each step is [days]."""
        return np.asarray((self.end - self.start) / DAY, np.float64)

    @cached_property
    def step_days(self) -> float:
        """How long a step is, as a rule [days]; 0 where that is not known."""
        return float(np.median(self.lengths)) if self.is_timed and len(self) else 0.0

    @cached_property
    def granules(self) -> list[tuple[Granule, Header]]:
        """The files that hold them, in time order, each once."""
        return list(
            {one.granule.path: (one.granule, one.header) for one in self.stretches}.values()
        )

    def selections(self, chosen: Mapping[str, str]) -> tuple[Selection, ...]:
        """Return each combination of coordinates of further dimensions that is asked for.

        Raises
        ------
        InvalidRequestError : one does not exist, or files have different ones
        """
        files = ((granule.path.name, header.further) for granule, header in self.granules)
        return common_selections(files, chosen)

    @cached_property
    def ends(self) -> tuple[cftime.datetime, cftime.datetime]:
        """Beginnings of the first and of the last step."""
        first, last = to_dates(self.start[[0, -1]], self.calendar)
        return first, last

    @property
    def record_start(self) -> int:
        """When the first step of the dataset begins [s]."""
        return int(self.start[0]) if self.since is None else self.since

    @property
    def period(self) -> Period:
        """All their days, to the end of the last step."""
        moments = np.array([self.start[0], self.end.max() - 1])
        first, last = ((t.year, t.month, t.day) for t in to_dates(moments, self.calendar))
        return Period.of_days(first, last)

    @property
    def overlaps(self) -> bool:
        """Whether steps reach into the next ones, as running totals do."""
        return bool((self.end[:-1] > self.start[1:]).any())

    def within(self, period: Period) -> Timeline:
        """Keep the steps that begin in a period; the latest periods are kept, with their times."""
        kept = self._within
        found = kept.get(period)
        if found is None:
            start, end = self.span(period)
            first, last = np.searchsorted(self.start, [start, end])
            found = self._cut(range(int(first), int(last)), start, end)
            for old in list(kept)[: max(0, len(kept) - MOST_KEPT + 1)]:
                kept.pop(old, None)  # another thread may have done it
            kept[period] = found
        return found

    @cached_property
    def _within(self) -> dict[Period, Timeline]:
        return {}

    def part(self, run: range) -> Timeline:
        """Keep a run of steps, at least one, by their index."""
        return self._cut(run, int(self.start[run.start]), int(self.end[run.stop - 1]))

    def pick(self, mask: NDArray[np.bool_]) -> Timeline:
        """Keep some of the steps, at least one.

        Parameters
        ----------
        mask : (n,) which
        """
        edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)
        firsts = [one.number for one in self.stretches]
        kept, count = [], 0
        for begin, stop in edges.tolist():
            near = slice(bisect_right(firsts, begin) - 1, bisect_left(firsts, stop))
            cut = (one.cut(range(begin, stop)) for one in self.stretches[near])
            kept += [replace(o, number=o.number - begin + count) for o in cut if o is not None]
            count += stop - begin
        spans = [(int(self.start[a]), int(self.end[b - 1])) for a, b in edges.tolist()]
        found = replace(
            self,
            stretches=tuple(kept),
            start=self.start[mask],
            end=self.end[mask],
            numbers=self.numbers[mask],
            problems=tuple(p for p in self.problems if any(p.concerns(*one) for one in spans)),
            since=self.record_start,
        )
        return self._hand_on(found, edges.tolist())

    def _cut(self, run: range, start: int, end: int) -> Timeline:
        kept = [part for one in self.stretches if (part := one.cut(run)) is not None]
        if run.start:
            kept = [replace(one, number=one.number - run.start) for one in kept]
        found = replace(
            self,
            stretches=tuple(kept),
            start=self.start[run.start : run.stop],
            end=self.end[run.start : run.stop],
            numbers=self.numbers[run.start : run.stop],
            problems=tuple(one for one in self.problems if one.concerns(start, end)),
            since=self.record_start,
        )
        return self._hand_on(found, [[run.start, run.stop]])

    def _hand_on(self, part: Timeline, runs: Iterable[Sequence[int]]) -> Timeline:
        """Give a part its times, if they are known; dates of years of days take long to make."""
        if "times" in self.__dict__:
            part.__dict__["times"] = tuple(t for a, b in runs for t in self.times[a:b])
        return part

    def beyond(self, period: Period) -> Iterator[Note]:
        """Tell which part of a period lies before the first step, or after the last one."""
        start, end = self.span(period)
        form = "%Y-%m-%d" if self._shortest >= 1 else "%Y-%m-%d %H:%M"
        first, last = (one.strftime(form) for one in self.ends)
        if start + self.end[0] - self.start[0] <= self.start[0]:
            yield Note("period", f"asked from {period.start}, data from {first}")
        if end - (self.end[-1] - self.start[-1]) >= self.end[-1]:
            yield Note("period", f"asked to {period.end}, data to {last}")

    @cached_property
    def _shortest(self) -> float:
        return float(self.lengths.min())

    def span(self, period: Period) -> tuple[int, int]:
        """Return beginning and end of a period [s]; the end does not belong to it."""
        return _span(period, self.calendar)

    def check(self) -> None:
        """See that all steps can be read.

        Raises
        ------
        GranuleError : something must be mended first; says what
        """
        if self.problems:
            raise GranuleError(self.problems[0].text)


@lru_cache(maxsize=64)  # asked several times of each request
def _span(period: Period, calendar: str) -> tuple[int, int]:
    days = moment(period.first, calendar), moment(period.last, calendar, after=True)
    start, end = to_seconds(days, calendar).tolist()
    return start, end

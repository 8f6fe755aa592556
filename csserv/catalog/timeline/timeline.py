"""The steps of a dataset: those of all its files in time order, each an interval, each once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.further.selections import Selection, common_selections
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.read.times.calendar_units import Ints, to_dates, to_seconds
from csserv.catalog.timeline.consistency import (
    Member,
    Problem,
    check_lengths,
    choose_files,
    one_calendar,
)
from csserv.catalog.timeline.frequency import DAY, Frequency, find_frequency, moment
from csserv.catalog.timeline.intervals import lay_out, said_days
from csserv.catalog.timeline.one_unit import in_one_unit
from csserv.errors import GranuleError
from csserv.machine.collection_pause import pause_collection
from csserv.notes import Note, each_once
from csserv.request import Period


@dataclass(frozen=True)
class TimeRules:
    """What the row of a dataset says of its steps.

    Attributes
    ----------
    time_at : "start", "centre" or "end": where time stamps stand in their steps
    days : length of a step [days]; 0 where it is not said
    prefer : which of several files counts; see ``consistency.each_once``
    """

    time_at: str = ""
    days: float = 0.0
    prefer: str | tuple[str, ...] = ""


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
    def lengths(self) -> NDArray[np.float64]:
        """``(n,)`` how long each step is [days]."""
        return np.asarray((self.end - self.start) / DAY, np.float64)

    @property
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

    @property
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
        """Keep the steps that begin in a period."""
        start, end = self.span(period)
        first, last = np.searchsorted(self.start, [start, end])
        return self._cut(range(int(first), int(last)), start, end)

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
        form = "%Y-%m-%d" if self.lengths.min() >= 1 else "%Y-%m-%d %H:%M"
        first, last = (one.strftime(form) for one in self.ends)
        if start + self.end[0] - self.start[0] <= self.start[0]:
            yield Note("period", f"asked from {period.start}, data from {first}")
        if end - (self.end[-1] - self.start[-1]) >= self.end[-1]:
            yield Note("period", f"asked to {period.end}, data to {last}")

    def span(self, period: Period) -> tuple[int, int]:
        """Return beginning and end of a period [s]; the end does not belong to it."""
        days = (
            moment(period.first, self.calendar),
            moment(period.last, self.calendar, after=True),
        )
        start, end = to_seconds(days, self.calendar).tolist()
        return start, end

    def check(self) -> None:
        """See that all steps can be read.

        Raises
        ------
        GranuleError : something must be mended first; says what
        """
        if self.problems:
            raise GranuleError(self.problems[0].text)


@pause_collection()
def lay_timeline(
    pairs: Iterable[tuple[Granule, Header]],
    rules: TimeRules = TimeRules(),
    chosen: Mapping[str, str] | None = None,
) -> Timeline:
    """Put the steps of files in order, and check the archive as a whole.

    Parameters
    ----------
    pairs : the files, at least one
    chosen : what is chosen of further dimensions; a lead time moves the times of a forecast
    """
    found = [Member(one, header, header.stamps_of(chosen or {})) for one, header in pairs]
    members, problems, notes = one_calendar(found)
    calendar = members[0].stamps.calendar
    moments = np.concatenate([one.stamps.moments for one in members])
    counts = [len(one.stamps) for one in members]
    of_file = np.repeat(np.arange(len(members)), counts)
    has_bounds = np.repeat([one.stamps.bounds is not None for one in members], counts)
    bounds = np.concatenate([_bounds(one) for one in members])
    usual = _usual(rules, members)
    laid = lay_out(moments, bounds, has_bounds, calendar, rules.time_at, usual)
    if laid.trouble:
        problems.append(Problem(laid.trouble))
    problems += check_lengths(members)
    order = np.argsort(laid.start, kind="stable")
    start, end, file = laid.start[order], laid.end[order], of_file[order]
    kept, more, told = choose_files(members, file, start, end, rules.prefer)
    converted, others, units = in_one_unit(members)
    index = np.concatenate([np.arange(count) for count in counts])[order]
    frequency, numbers = find_frequency(start[kept], calendar, usual)
    return Timeline(
        stretches=tuple(_stretches(converted, file[kept], index[kept])),
        start=start[kept],
        end=end[kept],
        calendar=calendar,
        frequency=frequency,
        numbers=numbers,
        is_timed=laid.is_timed,
        problems=(*problems, *more, *others),
        notes=each_once(
            [*notes, *laid.notes, *told, *units, *_of_stamps(members), *_of_places(members)]
        ),
    )


def _usual(rules: TimeRules, members: Sequence[Member]) -> float:
    """How long a step is, as the row says it, or else all files [days]; 0 where they do not."""
    said = set(map(said_days, {one.stamps.step for one in members}))
    bounds = [one.stamps.bounds for one in members if one.stamps.bounds is not None]
    own = float(np.median(np.diff(bounds[0], axis=1))) / DAY if bounds else 0.0
    return rules.days or (said.pop() if len(said) == 1 else 0.0) or own


def _bounds(member: Member) -> Ints:
    """``(n, 2)`` bounds of the steps of a file; any where it says none."""
    bounds = member.stamps.bounds
    return np.zeros((len(member.stamps), 2), np.int64) if bounds is None else bounds


def _stretches(members: Sequence[Member], of_file: Ints, index: Ints) -> Iterator[Stretch]:
    """Join steps that follow each other in one file."""
    if not len(of_file):
        return
    breaks = (np.diff(of_file) != 0) | (np.diff(index) != 1)
    starts = [0, *(np.flatnonzero(breaks) + 1).tolist()]
    for first, stop in zip(starts, [*starts[1:], len(of_file)], strict=True):
        one = members[of_file[first]]
        steps = range(int(index[first]), int(index[first]) + stop - first)
        yield Stretch(one.granule, one.header, steps, first)


def _of_stamps(members: Sequence[Member]) -> Iterator[Note]:
    """Tell what was assumed to read the times of files."""
    if any(one.stamps.by_month for one in members):
        yield Note("months", "times counted in months are read as calendar months")
    odd = [one.name for one in members if one.stamps.odd_bounds]
    if odd:
        text = "its bounds of time cannot be those of its times, and are not used"
        yield Note("steps", text, odd[0])


def _of_places(members: Sequence[Member]) -> Iterator[Note]:
    """Tell what was assumed to place cells, each once, of the first file that it is of."""
    told = {text: one.name for one in reversed(members) for text in one.header.placing}
    for text, name in told.items():
        yield Note("grid", text, name)

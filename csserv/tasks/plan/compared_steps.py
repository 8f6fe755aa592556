"""Which steps of the data a request against a reference needs, and which it compares with which."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.timeline.frequency import DAY
from csserv.catalog.timeline.timeline import Timeline
from csserv.climatology.comparison import Comparison
from csserv.climatology.matching import AROUND, match_steps
from csserv.errors import InvalidRequestError
from csserv.notes import Note
from csserv.outputs.netcdf.step_times import StepTimes
from csserv.request import Options, Period, Request
from csserv.request.reference import LEAST_YEARS
from csserv.tasks.plan.planned_steps import StepGroup
from csserv.tasks.plan.same_days import apart, as_longer_steps, days_of_years
from csserv.zonal.over_time.longer_steps import longer_steps, with_steps_before
from csserv.zonal.over_time.timestep import Step, check_time_step

#: a season or week that begins in the reference may end so much later [days]
BEYOND = 92

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ComparedSteps:
    """All steps of a request against a reference, those that are asked for among them.

    Attributes
    ----------
    mask : (n,) which of the timeline's steps are read
    notes : what is to be said of the reference
    """

    groups: tuple[StepGroup, ...]
    mask: Mask
    comparison: Comparison
    notes: tuple[Note, ...]


@lru_cache(maxsize=4)  # asked twice of a request, and often again: 0.1 s for 40 years of months
def compare_steps(timeline: Timeline, period: Period, options: Options) -> ComparedSteps:
    """Find the steps that are asked for, and those of other years to compare each with.

    A step that the period or the end of the data cuts, and a period as one step, is compared with
    the same days of other years.

    Parameters
    ----------
    timeline : all steps of the dataset, or at least those that are read

    Raises
    ------
    InvalidRequestError : steps are shorter than a day, there are no steps of this name, or the
        reference has too few years
    """
    if timeline.step_days < 1 and not options.makes_longer:
        raise InvalidRequestError(
            "steps shorter than a day have no normals; ask for a time_step, such as daily"
        )
    check_time_step(options.time_step, timeline.lengths)
    len(timeline.times)  # found once here, all parts of it have theirs
    reference = Period.parse(options.against)
    asked = _Steps.of(timeline, period_of_data(timeline, period), options)
    others = _Steps.of(timeline, _with_ends(reference), options)
    found = _Compared(timeline, options, asked, others, reference)
    groups = tuple(found.groups())
    comparison = found.comparison()
    notes = _check_years(comparison, timeline, options)
    return ComparedSteps(groups, found.mask, comparison, notes)


def period_of_data(timeline: Timeline, period: Period) -> Period:
    """Cut a period to the days that the data have."""
    first, last = timeline.ends
    stop = last + timedelta(seconds=int(timeline.end[-1] - timeline.start[-1]) - 1)
    begin, end = (_date(one) for one in (first, stop))
    return Period(max(period.start, begin), min(period.end, end))


def without_reference(every: Timeline, request: Request) -> Request:
    """Return the request that gives the same values, compared with nothing."""
    if not request.options.against or request.options.index:
        return request
    options = replace(request.options, against="", own_year="in")
    return replace(request, period=period_of_data(every, request.period), options=options)


@dataclass(frozen=True, eq=False)
class _Steps:
    """Steps of one kind, and which of the timeline's steps each is made of."""

    times: tuple[cftime.datetime, ...]
    runs: tuple[range, ...]
    steps: tuple[Step, ...]  #: none where they are the data's own
    seconds: int  #: length of a step

    @classmethod
    def of(cls, timeline: Timeline, period: Period, options: Options) -> _Steps:
        within = timeline.within(period)
        if not len(within):
            return cls((), (), (), 0)
        found = with_steps_before(timeline, within, options)
        first = int(np.searchsorted(timeline.start, found.start[0]))
        if not options.makes_longer:
            runs = tuple(range(first + n, first + n + 1) for n in range(len(found)))
            return cls(found.times, runs, (), round(found.step_days * DAY))
        longer = longer_steps(found, period, options)
        runs = tuple(range(first + one.run.start, first + one.run.stop) for one in longer.steps)
        usual = float(np.median([one.days for one in longer.steps])) / longer.window
        return cls(longer.times, runs, longer.steps, round(usual * DAY))

    def is_cut(self, place: int, options: Options) -> bool:
        """Whether a step is to be compared with the same days of other years."""
        if not self.steps:
            return False
        one = self.steps[place]
        begins = options.accumulate > 1 or one.within[0] == one.start
        return options.time_step == "period" or not (begins and one.within[1] == one.end)


class _Compared:
    """Puts the steps of a comparison into groups that do not overlap, and numbers them."""

    def __init__(
        self,
        timeline: Timeline,
        options: Options,
        asked: _Steps,
        others: _Steps,
        reference: Period,
    ) -> None:
        self._timeline, self._options = timeline, options
        self._asked = asked
        self._years = range(reference.start.year, reference.end.year + 1)
        self._cut = [n for n in range(len(asked.times)) if asked.is_cut(n, options)]
        self._whole = sorted({*range(len(asked.times))} - {*self._cut})
        usable = [
            n
            for n, one in enumerate(others.times)
            if one.year in self._years and not others.is_cut(n, options)
        ]
        self._others = [others.times[n] for n in usable]
        self._runs = [others.runs[n] for n in usable]
        is_daily = asked.seconds == DAY and options.accumulate == 1
        self._matches = match_steps(
            [asked.times[n] for n in self._whole],
            self._others,
            self._years,
            asked.seconds,
            AROUND if is_daily else 0,
        )
        self.mask = np.zeros(len(timeline), bool)
        self._count = 0
        #: of each asked step, its own index and those that it is compared with, and their years
        self._found: dict[int, tuple[int, list[int], list[int]]] = {}

    def groups(self) -> Iterator[StepGroup]:
        """Yield the groups: of whole steps, and of parts of steps."""
        if self._whole:
            yield self._whole_steps()
        for number in self._cut:
            yield from self._same_days(number)

    def comparison(self) -> Comparison:
        """Return which step is compared with which, once all groups are known."""
        found = [self._found[n] for n in range(len(self._asked.times))]
        most = max(len(places) for _, places, _ in found)
        return Comparison(
            shown=np.array([place for place, _, _ in found], np.int64),
            samples=np.array([p + [-1] * (most - len(p)) for _, p, _ in found], np.int64),
            years=np.array([y + [0] * (most - len(y)) for _, _, y in found], np.int64),
            asked_years=np.array([one.year for one in self._asked.times], np.int64),
        )

    def _whole_steps(self) -> StepGroup:
        matched = np.unique(self._matches.steps[self._matches.steps >= 0]).tolist()
        runs = [self._asked.runs[n] for n in self._whole] + [self._runs[n] for n in matched]
        picked = self._pick(runs)
        made = None
        if self._options.makes_longer:
            made = longer_steps(picked, years_around(picked), self._options)
        group = StepGroup(picked, made)
        places = {one: self._count + n for n, one in enumerate(_moments(group.times))}
        others = [places.get(one, -1) for one in _moments(self._others)]
        own_moments = _moments([self._asked.times[n] for n in self._whole])
        found = self._matches.steps.tolist(), self._matches.years.tolist()
        rows = zip(self._whole, own_moments, *found, strict=True)
        for number, moment, steps, years in rows:
            own = places[moment]
            pairs = [(others[s], y) for s, y in zip(steps, years, strict=True) if s >= 0]
            self._found[number] = own, [p for p, _ in pairs], [y for _, y in pairs]
        self._count += len(group.times)
        return group

    def _same_days(self, number: int) -> Iterator[StepGroup]:
        """Yield groups of the days of one step, in its own year and in those of the reference."""
        step, label = self._asked.steps[number], self._asked.times[number]
        own, places, years = -1, [], []
        accumulate = self._options.accumulate
        found = days_of_years(self._timeline, step, label.year, self._years, accumulate)
        for group in apart(found):
            for place, one in enumerate(group, self._count):
                own = place if one.year == label.year else own
                if one.year in self._years:
                    places.append(place)
                    years.append(one.year)
            self._count += len(group)
            picked = self._pick([one.run for one in group])
            yield StepGroup(picked, as_longer_steps(group, step, label, picked, self._options))
        self._found[number] = own, places, years

    def _pick(self, runs: Sequence[range]) -> Timeline:
        mask = np.zeros(len(self._timeline), bool)
        for run in runs:
            mask[run.start : run.stop] = True
        self.mask |= mask
        return self._timeline.pick(mask)


def _check_years(found: Comparison, timeline: Timeline, options: Options) -> tuple[Note, ...]:
    """See that there are enough years to tell what is usual; tell which are lacking."""
    there = np.unique(found.years[found.samples >= 0])
    reference = Period.parse(options.against)
    every = reference.end.year - reference.start.year + 1
    if len(there) >= LEAST_YEARS:
        if len(there) == every:
            return ()
        text = f"normals are of {len(there)} of the {every} years of {options.against}: the data "
        text += f"have {there[0]} to {there[-1]}"
        return (Note("reference", text),)
    first, last = timeline.ends
    which = f", which has {len(there)}" if len(there) else ", which has none"
    raise InvalidRequestError(
        f"normals need at least {LEAST_YEARS} years of data in {options.against}{which} of the "
        f"steps asked for; the data begin in {first.year} and end in {last.year}"
    )


def _with_ends(reference: Period) -> Period:
    """Lengthen a reference, so that steps that begin in it are whole."""
    last = min(reference.end, date.max - timedelta(days=BEYOND))
    return Period(reference.start, last + timedelta(days=BEYOND))


def years_around(timeline: Timeline) -> Period:
    """Return a period that cuts none of the steps."""
    first, last = timeline.ends
    return Period(date(max(first.year - 1, 1), 1, 1), date(min(last.year + 1, 9999), 12, 31))


def _moments(times: Sequence[cftime.datetime]) -> list[int]:
    return StepTimes.of(times).seconds.tolist() if len(times) else []


def _date(time: cftime.datetime) -> date:
    """Return the day of any calendar; one that real years lack becomes the last of its month."""
    length = monthrange(time.year, time.month)[1]
    return date(time.year, time.month, min(time.day, length))

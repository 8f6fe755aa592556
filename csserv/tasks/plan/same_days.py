"""The same days of several years as steps of a result: what a step that is cut is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import cftime
import numpy as np

from csserv.catalog.read.times.calendar_units import Ints, to_seconds
from csserv.catalog.timeline.frequency import DAY
from csserv.catalog.timeline.timeline import Timeline
from csserv.climatology.matching import same_days
from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.request import Options
from csserv.request.period import Day
from csserv.zonal.over_time.longer_steps import LongerSteps, calendar_months
from csserv.zonal.over_time.timestep import Step


@dataclass(frozen=True)
class DaysOfYear:
    """The days of one year that a step has.

    Attributes
    ----------
    year : in which it begins
    first, last : days, both included
    run : which of the timeline's steps begin in them
    early : whether they reach back to steps from before the data, of those that are accumulated
    """

    year: int
    first: Day
    last: Day
    run: range
    early: bool = False


def days_of_years(
    timeline: Timeline, step: Step, own: int, years: range, accumulate: int = 1
) -> list[DaysOfYear]:
    """Find the same days of other years, of those that have data, in time order.

    Parameters
    ----------
    own : the year that the step belongs to, which is among those returned
    accumulate : how many steps the step holds
    """
    calendar = timeline.calendar
    numbers = sorted({own, *years})
    days = [same_days(*step.within, year - own, calendar) for year in numbers]
    starts, ends = (_moments([day[place] for day in days], calendar) for place in (0, 1))
    runs = np.searchsorted(timeline.start, [starts, ends + DAY]).T.tolist()
    one = step.days / accumulate * DAY
    early = (starts + one <= timeline.record_start) if accumulate > 1 else np.zeros(len(days), bool)
    found = zip(numbers, days, runs, early.tolist(), strict=True)
    return [
        DaysOfYear(year, *day, range(*run), is_early)
        for year, day, run, is_early in found
        if run[1] > run[0]
    ]


def apart(found: Sequence[DaysOfYear]) -> Iterator[list[DaysOfYear]]:
    """Yield them in groups that do not overlap: one, unless they last longer than a year."""
    left = list(found)
    while left:
        group: list[DaysOfYear] = []
        for one in left:
            if not group or one.run.start >= group[-1].run.stop:
                group.append(one)
        yield group
        left = [one for one in left if one not in group]


def as_longer_steps(
    group: Sequence[DaysOfYear],
    step: Step,
    label: cftime.datetime,
    timeline: Timeline,
    options: Options,
) -> LongerSteps:
    """Make a step of the days of each year.

    Parameters
    ----------
    group : in time order, apart from each other; the data's steps of all of them, one after the
        other, are what the steps are made of
    step, label : the step that they are compared with
    timeline : these steps of the data
    """
    calendar = label.calendar
    counts = [len(one.run) for one in group]
    stops = np.cumsum(counts).tolist()
    starts, ends = (
        [cftime.datetime(*day, calendar=calendar) for day in days]
        for days in ([one.first for one in group], [one.last for one in group])
    )
    after = tuple(day + timedelta(days=1) for day in ends)
    lasts = [(b - a).total_seconds() / DAY for a, b in zip(starts, after, strict=True)]
    steps = tuple(
        replace(
            step,
            run=range(stop - count, stop),
            days=days,
            within=(one.first, one.last),
            complete=step.complete and one.year == label.year,
            early=one.early,
        )
        for one, count, stop, days in zip(group, counts, stops, lasts, strict=True)
    )
    numbers = np.repeat(np.arange(len(group)), counts)
    return LongerSteps(
        steps=steps,
        times=tuple(
            label if one.year == label.year else start
            for one, start in zip(group, starts, strict=True)
        ),
        intervals=StepIntervals(tuple(starts), after),
        group=numbers,
        months=calendar_months(timeline, options, numbers),
        last=np.arange(len(group)),
    )


def _moments(days: Sequence[Day], calendar: str) -> Ints:
    return to_seconds([cftime.datetime(*day, calendar=calendar) for day in days], calendar)

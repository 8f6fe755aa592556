"""Longer time steps: which steps of the data belong to a month, a dekad or a season."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import cftime
import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.errors import InvalidRequestError
from csserv.request.period import Day, Period

#: first and last day
Bounds = tuple[Day, Day]

#: time step of the data, unchanged
NATIVE = "native"

#: name → length of the longest step [days]
TIME_STEPS = {
    "daily": 1.0,
    "pentad": 6.0,
    "weekly": 7.0,
    "dekad": 11.0,
    "monthly": 31.0,
    "seasonal": 92.0,
    "yearly": 366.0,
    "period": np.inf,
}


@dataclass(frozen=True)
class Step:
    """One step of the result, and the steps of the data that it is made of.

    Attributes
    ----------
    start, end : first and last day of the step, even if the period begins or ends within it
    run : indices of the data's steps in it
    days : number of its days that lie in the period
    complete : whether the whole step lies in the period and the data's steps fill it
    within : first and last of its days that lie in the period
    early : whether it holds steps from before the data begin, of those that are accumulated: then
        it has no value, as it would stand for more than was measured
    """

    start: Day
    end: Day
    run: range
    days: float
    complete: bool
    within: Bounds
    early: bool = False


def check_time_step(name: str, lengths: Floats) -> None:
    """Check that longer steps of this name can be made of the data's steps.

    Parameters
    ----------
    lengths : of the data's steps [days]

    Raises
    ------
    InvalidRequestError : the name is unknown, or the step is shorter than those of the data
    """
    if name != NATIVE and name not in TIME_STEPS:
        raise InvalidRequestError(
            f"unknown time step {name!r}; allowed are {NATIVE}, {', '.join(TIME_STEPS)}"
        )
    if name == NATIVE:
        return
    own = float(np.median(lengths))
    if own > TIME_STEPS[name] * 1.05:
        allowed = [known for known, days in TIME_STEPS.items() if own <= days * 1.05]
        raise InvalidRequestError(
            f"the data have steps of {own:.3g} days, longer than {name}; "
            f"allowed are {NATIVE}, {', '.join(allowed)}"
        )


def time_steps(
    name: str, times: Sequence[cftime.datetime], lengths: Floats, period: Period
) -> list[Step]:
    """Group the data's steps into longer ones.

    Pentads and dekads are those of rainfall services: six and three a month, the last one lasts to
    the month's end. Weeks begin on Monday (in calendars without real weeks, every seven days).
    Seasons are DJF, MAM, JJA and SON; a winter belongs to the year of its January. Any other name
    means the whole period as one step.

    Parameters
    ----------
    times : rising, all in the period
    lengths : (times,) of the data's steps [days]

    Returns
    -------
    steps : those that hold at least one step of the data, in time order
    """
    calendar = times[0].calendar
    found = []
    for run in _runs(name, times):
        start, end = _bounds_of(name, times[run.start], period)
        whole = _between(start, end, calendar)
        first, last = (_inside(day, period, calendar) for day in (start, end))
        days = _between(first, last, calendar)
        filled = float(lengths[run.start : run.stop].sum()) > 0.999 * whole
        complete = bool(days == whole and filled)
        found.append(Step(start, end, run, days, complete, (first, last)))
    return found


def _runs(name: str, times: Sequence[cftime.datetime]) -> Iterator[range]:
    """Yield the indices of the times of each step; of its times, only a few are looked at."""
    first, count = 0, len(times)
    while first < count:
        if name not in _BOUNDS:
            stop = count
        else:
            end, reach = _BOUNDS[name](times[first])[1], 1
            while first + reach < count and _day(times[first + reach]) <= end:
                reach *= 2
            near = first + reach // 2, min(first + reach, count)
            stop = bisect_right(times, end, *near, key=_day)
        yield range(first, stop)
        first = stop


def _bounds_of(name: str, time: cftime.datetime, period: Period) -> Bounds:
    """Return first and last day of the step that a time lies in."""
    if name in _BOUNDS:
        return _BOUNDS[name](time)
    first, last = (_inside(day, period, time.calendar) for day in ((1, 1, 1), (9999, 12, 1)))
    return first, last


def _month(time: cftime.datetime) -> int:
    return int(time.daysinmonth)


def _part_of_month(days: int, parts: int) -> Callable[[cftime.datetime], Bounds]:
    def bounds(time: cftime.datetime) -> Bounds:
        part = min((time.day - 1) // days, parts - 1)
        last = (part + 1) * days if part < parts - 1 else _month(time)
        return (time.year, time.month, part * days + 1), (time.year, time.month, last)

    return bounds


def _week(time: cftime.datetime) -> Bounds:
    # the Julian day number of a Monday is a multiple of seven
    monday = time - timedelta(days=time.toordinal() % 7)
    return _day(monday), _day(monday + timedelta(days=6))


def _season(time: cftime.datetime) -> Bounds:
    first = time.month // 3 * 3 or 12
    year = time.year - (time.month < 3)
    end_year, end_month = (year + 1, 2) if first == 12 else (year, first + 2)
    last = cftime.datetime(end_year, end_month, 1, calendar=time.calendar).daysinmonth
    return (year, first, 1), (end_year, end_month, int(last))


def _year(time: cftime.datetime) -> Bounds:
    last = cftime.datetime(time.year, 12, 1, calendar=time.calendar).daysinmonth
    return (time.year, 1, 1), (time.year, 12, int(last))


#: time step → function that gives first and last day of the step that a time lies in
_BOUNDS: dict[str, Callable[[cftime.datetime], Bounds]] = {
    "daily": lambda time: (_day(time), _day(time)),
    "pentad": _part_of_month(5, 6),
    "weekly": _week,
    "dekad": _part_of_month(10, 3),
    "monthly": _part_of_month(31, 1),
    "seasonal": _season,
    "yearly": _year,
}


def _inside(day: Day, period: Period, calendar: str) -> Day:
    """Return the day of the period that is nearest to a day."""
    if period.holds(day):
        return day
    bound = (
        period.start
        if day < (period.start.year, period.start.month, period.start.day)
        else period.end
    )
    length = cftime.datetime(bound.year, bound.month, 1, calendar=calendar).daysinmonth
    whole_month = period.holds((bound.year, bound.month, 31)) and bound == period.end
    return bound.year, bound.month, int(length) if whole_month else min(bound.day, int(length))


def _between(start: Day, end: Day, calendar: str) -> float:
    """Count the days from the first to the last, both included."""
    first, last = (cftime.datetime(*day, calendar=calendar) for day in (start, end))
    return _days(last - first) + 1.0


def _days(length: timedelta) -> float:
    return length.total_seconds() / 86400.0


def _day(time: cftime.datetime) -> Day:
    return time.year, time.month, time.day

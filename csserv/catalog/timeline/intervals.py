"""From when to when each step of a dataset lasts: as files say it, its row, or its frequency."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.times.calendar_units import Ints, to_dates, to_seconds
from csserv.catalog.timeline.frequency import (
    DAY,
    EvenFrequency,
    Frequency,
    MonthlyFrequency,
    find_frequency,
)
from csserv.notes import Note

#: where a time stamp stands in its step, as a row may say it
TIME_AT = ("start", "centre", "end")

#: [s]
HOUR = 3600

#: what is said of stamps such as 23:59:59
LAST = "time stamps are the last second of an hour, and taken for the ends of their steps"

#: words for the step of a dataset, and their length, about [days]
STEP_DAYS = {
    "hour": 1 / 24,
    "day": 1.0,
    "3 days": 3.0,
    "pentad": 5.0,
    "week": 7.0,
    "8 days": 8.0,
    "dekad": 10.0,
    "15 days": 15.0,
    "month": 30.4,
    "season": 91.3,
    "year": 365.2,
}

#: how files say the same: CMIP's frequencies, and letters of ISO 8601
_SHORT = {"hr": "hour", "mon": "month", "yr": "year", "daily": "day", "monthly": "month"}
_SHORT |= {"hourly": "hour", "weekly": "week", "yearly": "year", "annual": "year", "y": "year"}
_SHORT |= {"dekadal": "dekad", "seasonal": "season", "minute": "minute", "min": "minute"}
_ISO = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_ISO_CLOCK = {"H": "hour", "M": "minute"}

#: months from the beginning of a season to the month of its stamp
_LATE = {"centre": 1, "end": 2}

#: a stamp so long after the beginning of a season may be its middle [days]
_UNSURE = 10

#: lengths of even steps that two stamps are enough to tell [days]
USUAL_DAYS = (1.0, 5.0, 7.0, 8.0, 10.0, 16.0)

#: differences of stamps that tell any other length
SURE = 3


@dataclass(frozen=True, eq=False)
class Intervals:
    """Steps in the order of their time stamps.

    Attributes
    ----------
    start, end : (n,) [s] since ``EPOCH``; an end is not of its step
    is_timed : whether their length is known
    trouble : what must be said before their times can be known; empty where they are
    notes : what was assumed
    """

    start: Ints
    end: Ints
    is_timed: bool = True
    trouble: str = ""
    notes: tuple[Note, ...] = ()


def lay_out(
    moments: Ints,
    bounds: Ints,
    has_bounds: NDArray[np.bool_],
    calendar: str,
    time_at: str,
    usual: float,
) -> Intervals:
    """Find beginning and end of each step.

    Parameters
    ----------
    moments : (n,) time stamps [s] since ``EPOCH``, in any order; each may come several times
    bounds : (n, 2) beginnings and ends, where ``has_bounds``
    time_at : where stamps stand, one of ``TIME_AT``; empty where the row does not say it
    usual : length of a step as it is said [days]; 0 where it is not

    Notes
    -----
    Bounds of a file count first, then what the row says, then the frequency: stamps of months and
    parts of months mean the month or part that they lie in; others are beginnings of steps, but
    middles where all lie in the middle of even steps of a day at most, and ends where all are the
    last second of an hour, as 23:59:59 is.
    """
    if has_bounds.all():
        return Intervals(bounds[:, 0], bounds[:, 1])
    at = time_at or _seen(moments, bounds, has_bounds)
    last = moments % HOUR == HOUR - 1
    moments = moments + last
    ends = bool(last.all()) and not at
    at = "end" if ends else at
    anchors = moments - (at == "end")
    each, place = np.unique(anchors, return_inverse=True)
    frequency, numbers = find_frequency(each, calendar, usual, _LATE.get(at, 0))
    if isinstance(frequency, MonthlyFrequency):
        found = _of_months(each, numbers, frequency, at)
    elif isinstance(frequency, EvenFrequency):
        found = _even(each + (at == "end"), frequency, at)
    else:
        found = _uneven(each)
    if frequency and not usual and not _is_sure(each, frequency):
        found = replace(found, is_timed=False)
    start = np.where(has_bounds, bounds[:, 0], found.start[place])
    end = np.where(has_bounds, bounds[:, 1], found.end[place])
    notes = (*found.notes, Note("steps", LAST)) if ends else found.notes
    return Intervals(start, end, found.is_timed, found.trouble, notes)


def said_days(text: str) -> float:
    """Return how long a step is that a row or a file says in words [days]; 0 for unknown words.

    >>> said_days("month"), said_days("P1D"), said_days("3hr"), said_days("PT12H"), said_days("?")
    (30.4, 1.0, 0.125, 0.5, 0.0)
    """
    word = text.strip()
    if word.casefold() in STEP_DAYS:
        return STEP_DAYS[word.casefold()]
    if match := re.fullmatch(r"P(\d+)([YMWD])|PT(\d+)([HM])", word):
        count, unit = (match[1], _ISO[match[2]]) if match[1] else (match[3], _ISO_CLOCK[match[4]])
    elif match := re.fullmatch(r"(\d*) ?([a-z]+?)s?", word.casefold()):
        count, unit = match[1] or "1", _SHORT.get(match[2], match[2])
    else:
        return 0.0
    return int(count) * {"minute": 1 / 1440, **STEP_DAYS}.get(unit, 0.0)


def _is_sure(each: Ints, frequency: Frequency) -> bool:
    """Whether stamps tell how long a step is: few of them may be far apart because others lack.

    The 1st and the 3rd of a month are two days of which one between lacks, sooner than two steps of
    two days; and two days a year apart are no years.
    """
    lengths = np.diff(each) / DAY
    if isinstance(frequency, MonthlyFrequency):
        return frequency.months == 1 or len(lengths) >= SURE - 1
    if not isinstance(frequency, EvenFrequency):
        return False
    days = frequency.days
    usual = days < 1 or any(abs(days - one) < 0.01 * one for one in USUAL_DAYS)
    alike = int((np.abs(lengths - days) < 0.01 * days).sum())
    return alike >= (1 if usual else SURE)


def _seen(moments: Ints, bounds: Ints, has_bounds: NDArray[np.bool_]) -> str:
    """See from the steps that have bounds where stamps stand; empty where they do not tell."""
    if not has_bounds.any():
        return ""
    start, end = bounds[has_bounds].T
    share = (moments[has_bounds] - start) / (end - start)
    for at, where in zip(TIME_AT, (0.0, 0.5, 1.0), strict=True):
        if np.abs(share - where).max() < 0.1:
            return at
    return ""


def _of_months(each: Ints, numbers: Ints, frequency: MonthlyFrequency, at: str) -> Intervals:
    calendar = frequency.calendar
    counted = numbers.tolist()
    start = to_seconds([frequency.begin(n) for n in counted], calendar)
    end = to_seconds([frequency.begin(n + 1) for n in counted], calendar)
    late = float((each - start).max()) / DAY
    notes: tuple[Note, ...] = ()
    if late >= 1 and not at:
        stamp = to_dates(each[:1], calendar)[0]
        said = f"time stamps such as {stamp.strftime('%Y-%m-%d')} are taken for the whole "
        step = {"monthly": "month", "yearly": "year"}.get(frequency.name, frequency.name)
        notes = (Note("steps", f"{said}{step} that they lie in"),)
    unsure = frequency.months == 3 and late >= _UNSURE and not at
    trouble = (
        "its steps are of three months, and their time stamps do not stand at the beginning: say "
        "time_at = 'start', 'centre' or 'end' in its row"
    )
    return Intervals(start, end, trouble=trouble if unsure else "", notes=notes)


def _even(each: Ints, frequency: EvenFrequency, at: str) -> Intervals:
    length = round(frequency.days * DAY)
    notes: tuple[Note, ...] = ()
    if not at and _are_middles(each, length):
        at = "centre"
        notes = (Note("steps", "time stamps are taken for the middle of their steps"),)
    start = each - {"centre": length // 2, "end": length}.get(at, 0)
    end = start + length
    later = np.append(start[1:], end[-1])  # of the next step, which may come early at a year's end
    early = (later > start) & (later < end)
    odd = ~early & (later != end)
    odd[-1] = True
    if early.any() and _begin_years(later[early], frequency.calendar):
        end[odd] = np.minimum(end[odd], _next_year(start[odd], frequency.calendar))
    end = np.where(early, later, end)
    return Intervals(start, end, notes=notes)


def _begin_years(moments: Ints, calendar: str) -> bool:
    """Whether all are the first moment of a year, as where steps of 8 days begin anew with it."""
    return all(date.timetuple()[1:6] == (1, 1, 0, 0, 0) for date in to_dates(moments, calendar))


def _next_year(moments: Ints, calendar: str) -> Ints:
    """Return the beginning of the year after each moment."""
    years = [date.year + 1 for date in to_dates(moments, calendar)]
    return to_seconds([cftime.datetime(one, 1, 1, calendar=calendar) for one in years], calendar)


def _are_middles(each: Ints, length: int) -> bool:
    """Whether all stamps lie in the middle of even steps that begin with the day."""
    return length <= DAY and bool((each % length * 2 == length).all())


def _uneven(each: Ints) -> Intervals:
    if len(each) == 1:
        return Intervals(each, each + round(DAY), is_timed=False)
    lengths = np.diff(each)
    end = np.append(each[1:], each[-1] + round(float(np.median(lengths))))
    note = Note("steps", "steps are of unequal length: each is taken to last until the next")
    return Intervals(each, end, notes=(note,))

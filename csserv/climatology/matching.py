"""Finds the steps of other years that a step is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cftime
import numpy as np
from numpy.typing import NDArray

#: steps of a day are compared with those of so many days before and after, too
AROUND = 7

DAY = 86400

Ints = NDArray[np.int64]
Day = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Matches:
    """The steps of a reference that each of some steps is compared with.

    Attributes
    ----------
    steps : (asked, most) index of the reference's steps; -1 where there are fewer
    years : (asked, most) year that each stands for; 0 where there is none
    """

    steps: Ints
    years: Ints


def match_steps(
    asked: Sequence[cftime.datetime],
    reference: Sequence[cftime.datetime],
    years: range,
    seconds: int,
    around: int = 0,
) -> Matches:
    """Find, for each step and year, the step of the reference that begins nearest to the same date.

    It begins at most half a step away: months, dekads and seasons begin on that date itself, weeks
    at most three days from it. 29 February is compared with the last days of other Februaries.

    Parameters
    ----------
    asked : beginnings of the steps that are compared
    reference : those of the steps to compare with, rising
    years : of the reference
    seconds : length of a step [s]
    around : take all steps that begin at most so many days from that date
    """
    if not asked or not reference:
        return Matches(np.empty((len(asked), 0), np.int64), np.empty((len(asked), 0), np.int64))
    dates = [(one.month, one.day, one.hour, one.minute, one.second) for one in asked]
    kinds = {one: number for number, one in enumerate(dict.fromkeys(dates))}
    calendar = reference[0].calendar
    starts = _seconds(reference)
    targets = np.array(
        [[_second(_same_date(year, date, calendar)) for year in years] for date in kinds], np.int64
    )
    reach = around * DAY if around else seconds // 2
    first = np.searchsorted(starts, targets - reach, "left")
    last = np.searchsorted(starts, targets + reach, "right")
    if not around:
        first, last = _nearest(starts, targets, first, last)
    most = int((last - first).max())
    places = first[..., None] + np.arange(most)
    there = places < last[..., None]
    steps = np.where(there, places, -1).reshape(len(kinds), -1)
    of_years = np.where(there, np.array(years)[None, :, None], 0).reshape(len(kinds), -1)
    kind = np.array([kinds[one] for one in dates])
    return Matches(steps[kind], of_years[kind])


def same_days(first: Day, last: Day, years: int, calendar: str) -> tuple[Day, Day]:
    """Move first and last day by some years; the end of a month stays one.

    >>> same_days((2024, 2, 1), (2024, 2, 29), -1, "standard")
    ((2023, 2, 1), (2023, 2, 28))
    >>> same_days((2023, 2, 1), (2023, 2, 28), 1, "standard")
    ((2024, 2, 1), (2024, 2, 29))
    """
    year, month, day = first
    start = year + years, month, min(day, _days_in(year + years, month, calendar))
    year, month, day = last
    length = _days_in(year + years, month, calendar)
    is_end = day == _days_in(year, month, calendar)
    return start, (year + years, month, length if is_end else min(day, length))


def _nearest(starts: Ints, targets: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Keep of each range of steps the one that begins nearest; the earlier of two."""
    after = np.clip(np.searchsorted(starts, targets), 0, len(starts) - 1)
    before = np.maximum(after - 1, 0)
    near = np.where(
        np.abs(starts[before] - targets) <= np.abs(starts[after] - targets), before, after
    )
    found = (near >= first) & (near < last)
    return np.where(found, near, 0), np.where(found, near + 1, 0)


def _same_date(year: int, date: tuple[int, ...], calendar: str) -> cftime.datetime:
    month, day, *clock = date
    return cftime.datetime(
        year, month, min(day, _days_in(year, month, calendar)), *clock, calendar=calendar
    )


def _days_in(year: int, month: int, calendar: str) -> int:
    return int(cftime.datetime(year, month, 1, calendar=calendar).daysinmonth)


def _seconds(dates: Sequence[cftime.datetime]) -> Ints:
    return np.array([_second(one) for one in dates], np.int64)


def _second(date: cftime.datetime) -> int:
    return round(float(date.toordinal(fractional=True)) * DAY)

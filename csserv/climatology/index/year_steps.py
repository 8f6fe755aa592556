"""Folds a series by year and step of the year, whatever its calendar, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.index.index_series import Floats
from csserv.errors import InvalidRequestError

#: days before each month of a leap year: daily steps of real calendars are counted by it, so that
#: 1 March is the 61st of every year, as climate-indices counts
_BEFORE_MONTH = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30])

#: number of 29 February among the days of a leap year, from 0
_LEAP_DAY = 59


@dataclass(frozen=True, eq=False)
class YearSteps:
    """Where each step of a series lies: year, and step of the year.

    Attributes
    ----------
    times : (time,) starts of the steps
    time_step : "monthly", "dekad", "pentad" or "daily"
    calendar : of the times
    """

    times: tuple[cftime.datetime, ...]
    time_step: str
    calendar: str

    @classmethod
    def of(cls, starts: Sequence[Any] | NDArray[Any], time_step: str) -> YearSteps:
        """Read the starts of steps.

        Raises
        ------
        InvalidRequestError : there are none, they do not rise, or two lie in one step
        """
        times = _as_dates(starts)
        if not times:
            raise InvalidRequestError("no steps: an index needs a record")
        steps = cls(times, time_step, str(times[0].calendar))
        if (np.diff(steps.positions) <= 0).any():
            raise InvalidRequestError(f"the steps do not rise, or are shorter than {time_step}")
        return steps

    @property
    def count(self) -> int:
        """Steps of a year."""
        return _COUNTS[self.time_step] if self.time_step != "daily" else _days(self.calendar)

    @property
    def first_year(self) -> int:
        """Year of the first step."""
        return int(self.times[0].year)

    @property
    def years(self) -> int:
        """Years from the first to the last step."""
        return int(self.times[-1].year) - self.first_year + 1

    @property
    def positions(self) -> NDArray[np.int64]:
        """(time,) number of each step, counted from the first of the first year."""
        number = _NUMBERS[self.time_step]
        return np.array(
            [(t.year - self.first_year) * self.count + number(t, self.calendar) for t in self.times]
        )

    @property
    def lengths(self) -> Floats:
        """(time,) [days]."""
        return np.array([_LENGTHS[self.time_step](time) for time in self.times], float)

    def begin(self, position: int) -> cftime.datetime:
        """Return when the step of a number begins, also of one that the series does not have.

        Of daily steps of real calendars, 29 February of common years is 1 March.
        """
        years, number = divmod(int(position), self.count)
        return _BEGINNINGS[self.time_step](self.first_year + years, number, self.calendar)

    def spans(self, accumulate: int = 1) -> list[tuple[cftime.datetime, cftime.datetime]]:
        """Return from when to when each step lasts, with the steps before it that it holds."""
        return [
            (self.begin(one - accumulate + 1), self.begin(one + 1))
            for one in self.positions.tolist()
        ]

    def fold(self, values: Floats) -> Floats:
        """Return (years, steps of a year, series); steps that there are not are NaN.

        Of daily steps, 29 February of common years is the mean of its neighbours, as
        climate-indices has it.
        """
        folded = np.full((self.years * self.count, values.shape[1]), np.nan)
        folded[self.positions] = values
        cube = folded.reshape(self.years, self.count, -1)
        if self.time_step == "daily" and self.count == 366:
            common = ~np.isin(self.first_year + np.arange(self.years), self._leap_years())
            before, after = cube[common, _LEAP_DAY - 1], cube[common, _LEAP_DAY + 1]
            cube[common, _LEAP_DAY] = (before + after) / 2
        return cube

    def unfold(self, cube: Floats) -> Floats:
        """Return (time, series) of what was folded."""
        flat: Floats = cube.reshape(self.years * self.count, -1)[self.positions]
        return flat

    def _leap_years(self) -> list[int]:
        every = range(self.first_year, self.first_year + self.years)
        return [year for year in every if cftime.is_leap_year(year, self.calendar)]


def _as_dates(starts: Sequence[Any] | NDArray[Any]) -> tuple[cftime.datetime, ...]:
    if isinstance(starts, np.ndarray) and np.issubdtype(starts.dtype, np.datetime64):
        starts = starts.astype("datetime64[s]").tolist()
    return tuple(
        cftime.datetime(t.year, t.month, t.day, calendar=getattr(t, "calendar", "standard"))
        for t in starts
    )


def _days(calendar: str) -> int:
    return {"noleap": 365, "365_day": 365, "360_day": 360}.get(calendar, 366)


def _day_number(time: cftime.datetime, calendar: str) -> int:
    if _days(calendar) != 366:
        return int(time.dayofyr) - 1
    return int(_BEFORE_MONTH[time.month - 1]) + int(time.day) - 1


def _day_of_year(year: int, number: int, calendar: str) -> cftime.datetime:
    if _days(calendar) != 366:
        return cftime.datetime(year, 1, 1, calendar=calendar) + timedelta(days=number)
    month = int(np.searchsorted(_BEFORE_MONTH, number, "right"))
    day = number - int(_BEFORE_MONTH[month - 1]) + 1
    if (month, day) == (2, 29) and not cftime.is_leap_year(year, calendar):
        month, day = 3, 1
    return cftime.datetime(year, month, day, calendar=calendar)


def _part_of_month(year: int, number: int, calendar: str, parts: int, days: int) -> cftime.datetime:
    month, part = divmod(number, parts)
    return cftime.datetime(year, month + 1, 1 + days * part, calendar=calendar)


def _last_part(time: cftime.datetime, parts: int, days: int) -> int:
    return min((int(time.day) - 1) // days, parts - 1)


def _part_length(time: cftime.datetime, parts: int, days: int) -> int:
    last = _last_part(time, parts, days) == parts - 1
    return int(time.daysinmonth) - days * (parts - 1) if last else days


#: time step → steps of a year, where it has a fixed number
_COUNTS = {"monthly": 12, "dekad": 36, "pentad": 72}

#: time step → number of a step in its year
_NUMBERS: dict[str, Callable[[cftime.datetime, str], int]] = {
    "monthly": lambda time, _: time.month - 1,
    "dekad": lambda time, _: 3 * (time.month - 1) + _last_part(time, 3, 10),
    "pentad": lambda time, _: 6 * (time.month - 1) + _last_part(time, 6, 5),
    "daily": _day_number,
}

#: time step → when a step of a year begins, of year, number and calendar
_BEGINNINGS: dict[str, Callable[[int, int, str], cftime.datetime]] = {
    "monthly": partial(_part_of_month, parts=1, days=0),
    "dekad": partial(_part_of_month, parts=3, days=10),
    "pentad": partial(_part_of_month, parts=6, days=5),
    "daily": _day_of_year,
}

#: time step → length of a step [days]
_LENGTHS: dict[str, Callable[[cftime.datetime], int]] = {
    "monthly": lambda time: time.daysinmonth,
    "dekad": lambda time: _part_length(time, 3, 10),
    "pentad": lambda time: _part_length(time, 6, 5),
    "daily": lambda time: 1,
}

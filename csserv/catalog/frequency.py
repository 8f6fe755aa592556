"""The frequency of a dataset: which steps it should have, so that those missing can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Protocol, TypeAlias

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.request.period import Day

Times: TypeAlias = Sequence[cftime.datetime]
Ints = NDArray[np.int64]

#: as units of time: any moment will do from which days are counted
SINCE = "days since 1950-01-01"

#: days of a part of a month, but for the last one
PART_DAYS = {1: 31, 2: 15, 3: 10, 6: 5}

#: how far time stamps may be apart within their months, or parts of months [days]
SPREAD = 3

#: share of a step by which steps may be uneven, and how many may be more so
UNEVEN, FEW = 0.25, 0.05


class Frequency(Protocol):
    """Steps one after the other, each with a number."""

    @property
    def name(self) -> str:
        """How long steps are, as ``csserv.zonal.timestep`` says it, or as "3 days"."""

    @property
    def calendar(self) -> str:
        """The calendar of the data."""

    @property
    def is_short(self) -> bool:
        """Whether steps are shorter than a day."""

    def begin(self, number: int) -> cftime.datetime:
        """Say when a step begins."""

    def due(self, start: cftime.datetime, end: cftime.datetime) -> range:
        """Find the steps whose time stamps lie from ``start`` to before ``end``."""


@dataclass(frozen=True)
class MonthlyFrequency:
    """Steps of whole months, or of parts of one: pentads and dekads have unequal lengths.

    Attributes
    ----------
    months : of a step
    parts : steps of a month; the last one lasts to its end
    phase : month of a year in which a step begins, from 0, modulo ``months``
    lag : from the beginning of a step to its time stamp [days]
    """

    name: str
    calendar: str
    months: int
    parts: int
    phase: int = 0
    lag: int = 0

    is_short = False

    def number(self, time: cftime.datetime) -> int:
        """Say which step a time lies in."""
        part = min((time.day - 1) // PART_DAYS[self.parts], self.parts - 1)
        months = time.year * 12 + time.month - 1 - self.phase
        return int(months // self.months * self.parts + part)

    def begin(self, number: int) -> cftime.datetime:
        """Say when a step begins."""
        whole, part = divmod(number, self.parts)
        year, month = divmod(whole * self.months + self.phase, 12)
        day = part * PART_DAYS[self.parts] + 1
        return cftime.datetime(year, month + 1, day, calendar=self.calendar)

    def due(self, start: cftime.datetime, end: cftime.datetime) -> range:
        """Find the steps whose time stamps lie from ``start`` to before ``end``."""
        first, last = self._not_before(start), self._not_before(end)
        return range(first, max(first, last))

    def _not_before(self, time: cftime.datetime) -> int:
        """Find the first step whose time stamp does not lie before a time."""
        least = ceil((12 - self.phase) / self.months) * self.parts  # calendars begin with year 1
        number = max(self.number(time), least)
        return number + int(self._stamp(number) < time)

    def _stamp(self, number: int) -> cftime.datetime:
        latest = self.begin(number + 1) - timedelta(days=1)
        return min(self.begin(number) + timedelta(days=self.lag), latest)


@dataclass(frozen=True)
class EvenFrequency:
    """Steps of a fixed length.

    Attributes
    ----------
    days : length of a step [days]
    knots : numbers and times (``SINCE``) of some steps, rising: time runs evenly between them
    """

    name: str
    calendar: str
    days: float
    knots: tuple[tuple[int, float], ...]

    @property
    def is_short(self) -> bool:
        """Whether steps are shorter than a day."""
        return self.days < 0.95

    def begin(self, number: int) -> cftime.datetime:
        """Say when a step begins."""
        numbers, times = zip(*self._knots(), strict=True)
        moment = float(np.interp(number, numbers, times))
        return cftime.num2date(
            round(moment * 86400), SINCE.replace("days", "seconds"), self.calendar
        )

    def due(self, start: cftime.datetime, end: cftime.datetime) -> range:
        """Find the steps whose time stamps lie from ``start`` to before ``end``."""
        numbers, times = zip(*self._knots(), strict=True)
        moments = cftime.date2num([start, end], SINCE, self.calendar)
        # a thousandth of a step is what rounding may have done to a time stamp
        first, last = (ceil(n - 1e-3) for n in np.interp(moments, times, numbers))
        return range(first, max(first, last))

    def _knots(self) -> list[tuple[int, float]]:
        """Add knots so far out that any time of a request lies between them."""
        far = ceil(4_000_000 / self.days)
        (first, start), (last, end) = self.knots[0], self.knots[-1]
        return [
            (first - far, start - far * self.days),
            *self.knots,
            (last + far, end + far * self.days),
        ]


@dataclass(frozen=True)
class _Kind:
    """Steps of months or parts of them, and how far apart they are [days]."""

    name: str
    low: float
    high: float
    months: int
    parts: int


_KINDS = (
    _Kind("pentad", 4.5, 6.5, 1, 6),
    _Kind("dekad", 8.0, 11.5, 1, 3),
    _Kind("half-monthly", 13.0, 16.5, 1, 2),
    _Kind("monthly", 27.5, 31.5, 1, 1),
    _Kind("seasonal", 88.0, 93.0, 3, 1),
    _Kind("yearly", 359.5, 366.5, 12, 1),
)

#: length of an even step [days] → its name
_EVEN = {1 / 24: "hourly", 1.0: "daily", 7.0: "weekly"}


def find_frequency(times: Times, usual: float = 0.0) -> tuple[Frequency | None, Ints]:
    """Find the frequency of time stamps, and the number of each.

    Parameters
    ----------
    times : rising, of one calendar
    usual : length of a step where there is but one; 0 for unknown [days]

    Returns
    -------
    frequency : None where there is none to be seen
    numbers : (times,), rising; those of steps without a gap between follow each other
    """
    moments = np.asarray(cftime.date2num(list(times), SINCE, times[0].calendar), np.float64)
    # the lower median: of two lengths, the longer one is that of a gap
    lengths = np.sort(np.diff(moments))
    step = float(lengths[(len(lengths) - 1) // 2]) if len(lengths) else usual
    for kind in _KINDS:
        if kind.low <= step <= kind.high and (found := _of_months(kind, times)):
            return found
    return _even(moments, step, times[0].calendar)


def _of_months(kind: _Kind, times: Times) -> tuple[Frequency, Ints] | None:
    phase = (times[0].month - 1) % kind.months if kind.months == 3 else 0
    plain = MonthlyFrequency(kind.name, times[0].calendar, kind.months, kind.parts, phase)
    numbers = np.array([plain.number(time) for time in times], np.int64)
    lags = [
        (time - plain.begin(number)).days
        for time, number in zip(times, numbers.tolist(), strict=True)
    ]
    steps = np.diff(numbers)
    if max(lags) - min(lags) > SPREAD or (
        len(steps) and (steps.min() < 1 or np.median(steps) != 1)
    ):
        return None
    lag = int(np.median(lags))
    return MonthlyFrequency(kind.name, plain.calendar, kind.months, kind.parts, phase, lag), numbers


def _even(
    moments: NDArray[np.float64], step: float, calendar: str
) -> tuple[Frequency | None, Ints]:
    if step <= 0:
        return None, np.arange(len(moments), dtype=np.int64)
    steps = np.diff(moments) / step
    whole = np.rint(steps)
    off = np.abs(steps - whole) > UNEVEN
    if len(steps) and (whole.min() < 1 or off.mean() > FEW):
        return None, np.arange(len(moments), dtype=np.int64)
    numbers = np.concatenate([[0], np.cumsum(whole)]).astype(np.int64)
    # between neighbours without a gap nothing is asked, so the ends of gaps are enough
    ends = np.flatnonzero(whole > 1)
    kept = sorted({0, len(moments) - 1, *ends.tolist(), *(ends + 1).tolist()})
    knots = tuple((int(numbers[i]), float(moments[i])) for i in kept)
    return EvenFrequency(_even_name(step), calendar, step, knots), numbers


def _even_name(days: float) -> str:
    """Name a length.

    >>> _even_name(1.0), _even_name(3.0), _even_name(0.125)
    ('daily', '3 days', '3 hours')
    """
    for length, name in _EVEN.items():
        if abs(days - length) < 0.01 * length:
            return name
    return f"{days * 24:.3g} hours" if days < 1 else f"{days:.3g} days"


def moment(day: Day, calendar: str, after: bool = False) -> cftime.datetime:
    """Return the beginning of a day, or its end, in a calendar that may not have it.

    >>> moment((2019, 2, 31), "noleap", after=True).isoformat()[:10]
    '2019-03-01'
    """
    first = cftime.datetime(day[0], day[1], 1, calendar=calendar)
    length = int(first.daysinmonth)
    return first + timedelta(days=min(day[2], length) if after else min(day[2] - 1, length))

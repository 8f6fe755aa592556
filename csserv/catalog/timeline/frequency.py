"""The frequency of a dataset: the rule by which its steps follow each other, found from its times.

It numbers the steps without gaps, so a number that no file has is a missing step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Protocol

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.times.calendar_units import add_months, to_dates, to_seconds
from csserv.request.period import Day

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: [s]
DAY = 86400.0


#: parts of a month → days of each part but the last, which lasts to the end of the month
PART_DAYS = {1: 31, 2: 15, 3: 10, 6: 5}

#: how much the position of time stamps within their (part of a) month may vary [days]
SPREAD = 3

#: deviation of a step's length that is tolerated [1], and the share of steps that may exceed it
UNEVEN, FEW = 0.25, 0.05


class Frequency(Protocol):
    """Numbered steps of time, one after the other."""

    @property
    def name(self) -> str:
        """Name of the step: as those of a request, or a length such as "3 days"."""

    @property
    def calendar(self) -> str:
        """CF name of the data's calendar."""

    @property
    def is_short(self) -> bool:
        """Whether steps are shorter than a day."""

    def begin(self, number: int) -> cftime.datetime:
        """Return the time at which a step begins."""

    def moments(self, numbers: Ints) -> Ints:
        """Return the moments [s] since ``EPOCH`` at which steps begin."""

    def due(self, start: cftime.datetime, end: cftime.datetime) -> range:
        """Find the steps that begin from ``start`` to before ``end``."""


@dataclass(frozen=True)
class MonthlyFrequency:
    """Steps of whole months, or of parts of a month: pentads, dekads and halves.

    The last part of a month lasts to the month's end, so these steps are of unequal length.

    Attributes
    ----------
    months : of a step
    parts : steps of a month; the last one lasts to its end
    phase : month of a year in which a step begins, from 0, modulo ``months``
    """

    name: str
    calendar: str
    months: int
    parts: int
    phase: int = 0

    is_short = False

    def number(self, time: cftime.datetime) -> int:
        """Return the number of the step that a time lies in."""
        part = min((time.day - 1) // PART_DAYS[self.parts], self.parts - 1)
        months = time.year * 12 + time.month - 1 - self.phase
        return int(months // self.months * self.parts + part)

    def begin(self, number: int) -> cftime.datetime:
        """Return the time at which a step begins."""
        whole, part = divmod(number, self.parts)
        year, month = divmod(whole * self.months + self.phase, 12)
        day = part * PART_DAYS[self.parts] + 1
        return cftime.datetime(year, month + 1, day, calendar=self.calendar)

    def moments(self, numbers: Ints) -> Ints:
        """Return the moments [s] since ``EPOCH`` at which steps begin."""
        return to_seconds([self.begin(number) for number in numbers.tolist()], self.calendar)

    def due(self, start: cftime.datetime, end: cftime.datetime) -> range:
        """Find the steps that begin from ``start`` to before ``end``."""
        first, last = self._not_before(start), self._not_before(end)
        return range(first, max(first, last))

    def _not_before(self, time: cftime.datetime) -> int:
        """Find the first step that does not begin before a time."""
        least = ceil((12 - self.phase) / self.months) * self.parts  # calendars begin with year 1
        number = max(self.number(time), least)
        return number + int(self.begin(number) < time)


@dataclass(frozen=True)
class EvenFrequency:
    """Steps of a fixed length.

    Attributes
    ----------
    days : length of a step [days]
    knots : numbers and times [days] since ``EPOCH`` of some steps, rising; time runs evenly
        between them
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
        """Return the time at which a step begins, rounded to a second."""
        return to_dates(self.moments(np.array([number])), self.calendar)[0]

    def moments(self, numbers: Ints) -> Ints:
        """Return the moments [s] since ``EPOCH`` at which steps begin."""
        known, times = zip(*self._knots(), strict=True)
        found: Ints = np.rint(np.interp(numbers, known, times) * DAY).astype(np.int64)
        return found

    def due(self, start: cftime.datetime, end: cftime.datetime) -> range:
        """Find the steps that begin from ``start`` to before ``end``."""
        numbers, times = zip(*self._knots(), strict=True)
        moments = to_seconds([start, end], self.calendar) / DAY
        # a thousandth of a step is what rounding may have done to a time stamp
        first, last = (ceil(n - 1e-3) for n in np.interp(moments, times, numbers))
        return range(first, max(first, last))

    def _knots(self) -> list[tuple[int, float]]:
        """Add a knot far before the first and far after the last: any date can be interpolated."""
        far = ceil(4_000_000 / self.days)
        (first, start), (last, end) = self.knots[0], self.knots[-1]
        return [
            (first - far, start - far * self.days),
            *self.knots,
            (last + far, end + far * self.days),
        ]


@dataclass(frozen=True)
class _Kind:
    """A kind of monthly frequency, and the range of its step lengths [days]."""

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


def named_frequency(name: str, calendar: str, phase: int = 0) -> MonthlyFrequency | None:
    """Return the steps of months, or of parts of a month, that a name stands for; None for others.

    Parameters
    ----------
    phase : month of a year in which a step begins, from 0, modulo its months
    """
    kinds = (kind for kind in _KINDS if kind.name == name)
    return next((MonthlyFrequency(name, calendar, k.months, k.parts, phase) for k in kinds), None)


def find_frequency(
    moments: Ints, calendar: str, usual: float = 0.0, phase: int = 0
) -> tuple[Frequency | None, Ints]:
    """Find the frequency of time stamps, and the number of each.

    Parameters
    ----------
    moments : rising [s] since ``EPOCH``
    calendar : of them
    usual : length of a step as it is said; it counts where stamps are further apart, as those of
        single steps and of archives with many gaps; 0 for unknown [days]
    phase : how many months after the beginning of a season its stamps stand

    Returns
    -------
    frequency : None where the times follow no frequency
    numbers : (times,) step number of each time, rising; a jump of more than 1 is a gap. Without a
        frequency: 0, 1, 2, …
    """
    # the lower median: of two lengths, the longer one is that of a gap
    lengths = np.sort(np.diff(moments)) / DAY
    step = float(lengths[(len(lengths) - 1) // 2]) if len(lengths) else usual
    sparse = 0 < 1.5 * usual < step and bool(lengths[0] > 0.7 * usual) if len(lengths) else True
    step = usual if sparse else step
    for kind in _KINDS:
        if kind.low <= step <= kind.high and (
            found := _of_months(kind, moments, calendar, phase, sparse)
        ):
            return found
    return _even(moments / DAY, step, calendar)


def _of_months(
    kind: _Kind, moments: Ints, calendar: str, late: int, sparse: bool
) -> tuple[Frequency, Ints] | None:
    times = to_dates(moments, calendar)
    late = late if kind.months == 3 else 0
    phase = (times[0].month - 1 - late) % kind.months if kind.months == 3 else 0
    frequency = MonthlyFrequency(kind.name, calendar, kind.months, kind.parts, phase)
    turned = [add_months(time, -late) if late else time for time in times]
    numbers = np.array([frequency.number(time) for time in turned], np.int64)
    lags = [
        (time - frequency.begin(number)).days
        for time, number in zip(turned, numbers.tolist(), strict=True)
    ]
    steps = np.diff(numbers)
    if max(lags) - min(lags) > SPREAD or (
        len(steps) and (steps.min() < 1 or not (sparse or np.median(steps) == 1))
    ):
        return None
    return frequency, numbers


def _even(moments: Floats, step: float, calendar: str) -> tuple[Frequency | None, Ints]:
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
    """Name a step of a fixed length [days].

    >>> _even_name(1.0), _even_name(3.0), _even_name(0.125)
    ('daily', '3 days', '3 hours')
    """
    for length, name in _EVEN.items():
        if abs(days - length) < 0.01 * length:
            return name
    return f"{days * 24:.3g} hours" if days < 1 else f"{days:.3g} days"


def moment(day: Day, calendar: str, after: bool = False) -> cftime.datetime:
    """Return the beginning of a day (or its end, if ``after``) as a time of the given calendar.

    A day that the calendar does not have is taken as the end of its month.

    >>> moment((2019, 2, 31), "noleap", after=True).isoformat()[:10]
    '2019-03-01'
    """
    first = cftime.datetime(day[0], day[1], 1, calendar=calendar)
    length = int(first.daysinmonth)
    return first + timedelta(days=min(day[2], length) if after else min(day[2] - 1, length))

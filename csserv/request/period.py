"""The period of a request: its first and last day, both included."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from csserv.errors import InvalidRequestError

Day = tuple[int, int, int]


@dataclass(frozen=True)
class Period:
    """First and last day, both included, in whatever calendar the data have.

    Raises
    ------
    InvalidRequestError : it ends before it starts
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidRequestError(
                f"the period ends ({self.end}) before it starts ({self.start})"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2019``, ``2019-03``, ``2019-03-01``, or two of these joined by ``/``.

        >>> Period.parse("2019-02").end
        datetime.date(2019, 2, 28)
        >>> str(Period.parse("2018/2019-03"))
        '2018-01-01/2019-03-31'

        Raises
        ------
        InvalidRequestError : none of these forms, or no such day
        """
        first, slash, last = str(text).strip().partition("/")
        return cls(_first_day(first, text), _last_day(last if slash else first, text))

    @classmethod
    def of_days(cls, first: Day, last: Day) -> Self:
        """Make it of days of any calendar; one that ours lacks becomes the last of its month.

        >>> str(Period.of_days((2019, 1, 1), (2019, 2, 30)))
        '2019-01-01/2019-02-28'

        Raises
        ------
        InvalidRequestError : a year before 1 or after 9999
        """
        whole = f"{first[0]:04}/{last[0]:04}"
        begin, end = ((y, m, min(d, calendar.monthrange(y, m)[1])) for y, m, d in (first, last))
        return cls(_date(*begin, whole), _date(*end, whole))

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"

    def holds(self, day: Day) -> bool:
        """Whether a (year, month, day) of any calendar lies in the period.

        A period that ends with its month includes all days of the month in the data's calendar,
        such as the 29th and 30th of a February in 360_day.
        """
        return self.first <= day <= self.last

    @property
    def first(self) -> Day:
        """(year, month, day) of the first day."""
        return self.start.year, self.start.month, self.start.day

    @property
    def last(self) -> Day:
        """(year, month, day) of the last day; day 31 if the period ends with its month."""
        length = calendar.monthrange(self.end.year, self.end.month)[1]
        return self.end.year, self.end.month, 31 if self.end.day == length else self.end.day


def _first_day(text: str, whole: str) -> date:
    year, month, day = _fields(text, whole)
    return _date(year, month or 1, day or 1, whole)


def _last_day(text: str, whole: str) -> date:
    year, month, day = _fields(text, whole)
    month = month or 12
    if not day and year >= 1 and 1 <= month <= 12:
        day = calendar.monthrange(year, month)[1]
    return _date(year, month, day or 1, whole)


def _fields(text: str, whole: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?\s*", text)
    if not found:
        raise InvalidRequestError(
            f"{whole!r} is no period; write 2019, 2019-03 or 2019-01-01/2019-12-31"
        )
    year, month, day = (int(part) if part else 0 for part in found.groups())
    return year, month, day


def _date(year: int, month: int, day: int, whole: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise InvalidRequestError(f"{whole!r} is no period: {error}") from None

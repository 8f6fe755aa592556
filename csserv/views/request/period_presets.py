"""Periods that are often asked for, counted from the last day that there are data of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from csserv.request import Period

Make = Callable[[date, date], Period]


def last_days(count: int) -> Make:
    """Take the last days that there are."""
    return lambda first, last: Period(max(first, last - timedelta(days=count - 1)), last)


def this_season(first: date, last: date) -> Period:
    """Take the season of the last day, DJF, MAM, JJA or SON, as far as there are data."""
    month = last.month // 3 * 3 or 12
    year = last.year - (last.month < 3)
    return Period(max(first, date(year, month, 1)), last)


def last_year(first: date, last: date) -> Period:
    """Take the last whole calendar year; what there is of it when the data are younger."""
    whole = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    year = whole if date(whole, 12, 31) >= first else last.year
    return Period(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))


#: what the buttons say → the period, of the first and the last day of the data
PRESETS: dict[str, Make] = {
    "Last 30 days": last_days(30),
    "This season": this_season,
    "Last year": last_year,
    "All": Period,
}

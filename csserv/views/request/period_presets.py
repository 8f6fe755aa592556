"""Common periods, counted from the last day with data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from csserv.request import Period

#: makes a period of the first and the last day with data
Preset = Callable[[date, date], Period]


def last_days(count: int) -> Preset:
    """Return a preset of the last ``count`` days."""
    return lambda first, last: Period(max(first, last - timedelta(days=count - 1)), last)


def this_season(first: date, last: date) -> Period:
    """Return the season of the last day, DJF, MAM, JJA or SON, as far as it has data."""
    month = last.month // 3 * 3 or 12
    year = last.year - (last.month < 3)
    return Period(max(first, date(year, month, 1)), last)


def last_year(first: date, last: date) -> Period:
    """Return the last complete calendar year; if the data are younger, the part with data."""
    whole = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    year = whole if date(whole, 12, 31) >= first else last.year
    return Period(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))


#: label of a button → preset
PRESETS: dict[str, Preset] = {
    "Last 30 days": last_days(30),
    "This season": this_season,
    "Last year": last_year,
    "All": Period,
}

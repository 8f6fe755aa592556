"""Common periods, counted from the last day with data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from csserv.language import mark, month_names, tr
from csserv.request import Period
from csserv.views.parts.amounts import counted

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
    mark("Last 30 days"): last_days(30),
    mark("This season"): this_season,
    mark("Last year"): last_year,
    mark("All"): Period,
}

#: preset → what its button says, of the last day with data
TITLES = {
    "Last 30 days": mark("Last 30 days of data (to {last})"),
    "This season": mark("Season to {last}"),
}

#: data that end longer ago are told to be old [days]
LONG_AGO = 92


def titles(last: date | None) -> list[list[str]]:
    """Return each preset and the text of its button; without a day, its name.

    >>> titles(date(2021, 12, 31))[0]
    ['Last 30 days', 'Last 30 days of data (to 31 Dec 2021)']
    """
    said = "" if last is None else plain_day(last)
    return [[name, tr(TITLES.get(name, name) if said else name, last=said)] for name in PRESETS]


def plain_day(day: date) -> str:
    """Write a day as people do.

    >>> plain_day(date(2021, 3, 1))
    '1 Mar 2021'
    """
    return f"{day.day} {month_names(short=True)[day.month]} {day.year}"


def age_text(last: date, today: date) -> str:
    """Say that data end long ago; empty where they do not.

    >>> age_text(date(2021, 12, 31), date(2024, 2, 15))
    '**The data end on 31 Dec 2021, 2 years and 1 month ago.** The last days are those of the data.'
    >>> age_text(date(2021, 12, 31), date(2022, 2, 15))
    ''
    """
    if (today - last).days <= LONG_AGO:
        return ""
    months = 12 * (today.year - last.year) + today.month - last.month - (today.day < last.day)
    years, rest = divmod(months, 12)
    parts = [counted(years, "year")] * (years > 0) + [counted(rest, "month")] * (rest > 0)
    return tr(
        "**The data end on {day}, {time} ago.** The last days are those of the data.",
        day=plain_day(last),
        time=tr(" and ").join(parts),
    )

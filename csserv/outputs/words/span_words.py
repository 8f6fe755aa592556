"""Spans of time in words: "March-May 2011", "1-10 March 2011"."""

from __future__ import annotations

from datetime import timedelta

import cftime

from csserv.language import month_names

#: year, month, day
Day = tuple[int, int, int]


def span_in_words(start: str, end: str, calendar: str = "standard") -> str:
    """Name a span by its years, months or days.

    Parameters
    ----------
    start, end : ISO 8601; the end does not belong to it
    calendar : CF name

    >>> span_in_words("2011-03-01", "2011-06-01"), span_in_words("2010-12-01", "2011-03-01")
    ('March-May 2011', 'December 2010-February 2011')
    >>> span_in_words("2011-01-01", "2012-01-01"), span_in_words("1991-01-01", "2021-01-01")
    ('2011', '1991-2020')
    >>> span_in_words("2011-03-21", "2011-04-01"), span_in_words("2011-03-05", "2011-03-06")
    ('21-31 March 2011', '5 March 2011')
    >>> span_in_words("2010-12-28", "2011-01-04"), span_in_words("2011-02-21", "2011-03-01")
    ('28 December 2010-3 January 2011', '21-28 February 2011')
    >>> span_in_words("2019-02-21", "2019-03-01", "360_day")
    '21-30 February 2019'
    >>> span_in_words("2011-03-01T06:00:00", "2011-03-01T12:00:00")
    '1 March 2011 06:00-12:00'
    """
    if "T" in start + end:
        return _hours(start, end, calendar)
    first, behind = _day(start), _day(end)
    last = _day_before(behind, calendar)
    if first[2] == behind[2] == 1:
        whole_years = first[1] == behind[1] == 1
        return _joined(*((one[0],) if whole_years else one[:2] for one in (first, last)))
    return _joined(first, last)


def _joined(first: tuple[int, ...], last: tuple[int, ...]) -> str:
    """Write both, and once what they share from the year on."""
    if first == last:
        return _text(first)
    shared = 0
    while shared < len(first) - 1 and first[shared] == last[shared]:
        shared += 1
    return f"{_text(first, shared)}-{_text(last)}"


def _text(parts: tuple[int, ...], without: int = 0) -> str:
    """Write a year, a month or a day, without its first parts."""
    texts = [str(parts[0]), *(month_names()[one] for one in parts[1:2]), *map(str, parts[2:])]
    return " ".join(reversed(texts[without:]))


def _hours(start: str, end: str, calendar: str) -> str:
    (day, begun), (other, ended) = (
        (_day(text[:10]), text[11:16] or "00:00") for text in (start, end)
    )
    if day == other:
        return f"{_text(day)} {begun}-{ended}"
    if ended == "00:00" and _day_before(other, calendar) == day:
        return f"{_text(day)} {begun}-24:00"
    return f"{_text(day)} {begun}-{_text(other)} {ended}"


def _day(text: str) -> Day:
    year, month, day = map(int, text.split("-"))
    return year, month, day


def _day_before(day: Day, calendar: str) -> Day:
    before = cftime.datetime(*day, calendar=calendar) - timedelta(days=1)
    return before.year, before.month, before.day

"""The date that times count from: read by a grammar of its own, as libraries skip what they miss.

cftime 1.6 takes "2020-01-01 12" and "2020-01-01 00:00 -6:00", which CF allows, for midnight UTC.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import cast

import cftime

from csserv.errors import GranuleError, shortened

_DATE = re.compile(
    r"(?P<year>[+-]?\d{1,6})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:[T,]|\s+)(?P<clock>\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?))?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?",
    re.IGNORECASE,
)


def reference_date(text: str, calendar: str) -> cftime.datetime:
    """Read the date that times count from, as "2020-01-01 06:00:00 -6:00"; in UTC.

    Parameters
    ----------
    calendar : cftime's name of it

    Raises
    ------
    GranuleError : it is written otherwise, or does not exist
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise GranuleError(
            f"its times count from {shortened(text)!r}, which is no date that is understood; write "
            "it as 2020-01-31 18:00:00, in UTC, or with its distance from UTC (-06:00) after it"
        )
    zone = found["zone"] or ""
    if found["clock"] is None and zone[:1] in ("+", "-"):
        raise GranuleError(
            f"its times count from {text!r}, which may be an hour of that day, or a time zone; "
            "write out the time, as in 2020-01-31 00:00:00 -06:00"
        )
    plain = f"{found['year']}-{found['month']}-{found['day']} {_clock(found['clock'] or '0')}"
    try:
        date = cftime.num2date(0, f"days since {plain}", calendar, only_use_cftime_datetimes=True)
    except (ValueError, TypeError, OverflowError):
        raise GranuleError(
            f"its times count from {text!r}, which is no date of the calendar {calendar}"
        ) from None
    return cast(cftime.datetime, date - _offset(zone))


def _clock(text: str) -> str:
    """Fill in minutes and seconds.

    >>> _clock("6"), _clock("18:30"), _clock("1:2:3.")
    ('06:00:00', '18:30:00', '01:02:03.0')
    """
    hour, minute, second = (*text.split(":"), "0", "0")[:3]
    whole, dot, part = second.partition(".")
    return f"{hour:0>2}:{minute:0>2}:{whole:0>2}" + (f".{part or 0}" if dot else "")


def _offset(zone: str) -> timedelta:
    """Return how far local time is before that of UTC.

    >>> str(_offset("+05:30")), str(_offset("530")), str(_offset("Z"))
    ('5:30:00', '0:00:00', '0:00:00')
    >>> _offset("-6") == -timedelta(hours=6) == _offset("-0600")
    True
    """
    if zone[:1] not in ("+", "-"):
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])
    length = timedelta(hours=int(hours), minutes=int(minutes))
    return -length if zone[0] == "-" else length

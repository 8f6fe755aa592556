"""Units of time: lengths, months of the calendar, moments since a date, dates as numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.times.reference_date import reference_date
from csserv.catalog.read.times.rounded_times import in_seconds, spacing_of, tidy
from csserv.errors import GranuleError, shortened

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: moments are whole seconds since then, in the calendar of the data
EPOCH = "seconds since 1970-01-01"

#: units of time → their length [s]
SECONDS = {"week": 604800.0, "day": 86400.0, "d": 86400.0, "hour": 3600.0, "hr": 3600.0}
SECONDS |= {"h": 3600.0, "minute": 60.0, "min": 60.0, "second": 1.0, "sec": 1.0, "s": 1.0}
SECONDS |= {"millisecond": 1e-3, "msec": 1e-3, "ms": 1e-3, "microsecond": 1e-6, "nanosecond": 1e-9}

#: units that the calendar counts → how many months they have
MONTHS = {"month": 1, "mon": 1, "year": 12, "yr": 12, "common_year": 12}

#: spellings of calendars that files have → cftime's
CALENDARS = {"": "standard", "gregorian": "standard", "365_day": "noleap", "365": "noleap"}
CALENDARS |= {"no_leap": "noleap", "366_day": "all_leap", "366": "all_leap", "360": "360_day"}
KNOWN = ("standard", "proleptic_gregorian", "noleap", "all_leap", "360_day", "julian")

_SINCE = re.compile(r"^\s*([a-z_]+)\s+since\s+\S", re.IGNORECASE)
_AS = re.compile(r"^\s*(?:day|month|year)s?\s+as\s+(%Y(?:%m(?:%d)?)?)(?:\.%f)?\s*$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Moments:
    """Times as whole seconds since ``EPOCH``.

    Attributes
    ----------
    start : (n,) [s]
    end : (n,) [s], where the units say how long each lasts: middles of months; else None
    calendar : cftime's name
    by_month : whether whole months of the calendar were counted
    """

    start: Ints
    end: Ints | None
    calendar: str
    by_month: bool = False


def calendar_name(given: str) -> str:
    """Return cftime's name of a calendar.

    Raises
    ------
    GranuleError : one that has no dates, or is unknown
    """
    text = given.strip().casefold()
    if text == "none":
        raise GranuleError(
            "its calendar is 'none': it is a climatology, whose steps have no dates to ask for"
        )
    name = CALENDARS.get(text, text)
    if name not in KNOWN:
        raise GranuleError(f"its calendar {given!r} is unknown; known are {', '.join(KNOWN)}")
    return name


def is_moment(units: str) -> bool:
    """Whether units are those of a time since a date, or of dates written as numbers.

    >>> is_moment("days since 2000-01-01"), is_moment("day as %Y%m%d.%f"), is_moment("days")
    (True, True, False)
    """
    return bool(_SINCE.match(units) or _AS.match(units))


def is_length(units: str) -> bool:
    """Whether units are those of a length of time.

    >>> is_length("days"), is_length("months"), is_length("mm")
    (True, True, False)
    """
    word = singular(units)
    return word in SECONDS or word in MONTHS


def singular(word: str) -> str:
    """Return the unit of time that a word means, without a plural's s.

    >>> singular("Days"), singular("s"), singular("common_years")
    ('day', 's', 'common_year')
    """
    text = word.strip().casefold()
    return text[:-1] if text.endswith("s") and len(text) > 2 and text != "ms" else text


def to_moments(values: NDArray[Any], units: str, calendar: str) -> Moments:
    """Turn numbers of a time axis into moments, tidied; see :func:`tidy`.

    Whole months since a date, or the middles of months, are months of the calendar: so IRI, NMME
    and climatologies mean them, whose calendar "360" is that of real dates.

    Raises
    ------
    GranuleError : units of no time, or a date that does not exist
    """
    if match := _AS.match(units):
        return Moments(
            _absolute(values, match[1].casefold(), calendar), None, calendar_name(calendar)
        )
    match = _SINCE.match(units)
    if not match:
        raise GranuleError(
            f"its times have the units {shortened(units)!r}; write them as 'days since 1970-01-01'"
        )
    word, name = singular(match[1]), calendar_name(calendar)
    if word in MONTHS:
        own = "standard" if calendar.strip() == "360" else name
        return _by_month(values, units, MONTHS[word], own)
    if word not in SECONDS:
        raise GranuleError(f"its times are counted in {match[1]!r}, which is no unit of time")
    exact = in_seconds(values, SECONDS[word]) + _first(units, name)
    return Moments(tidy(exact, spacing_of(values) * SECONDS[word]), None, name)


def to_lengths(values: NDArray[Any], units: str) -> tuple[Ints, int]:
    """Turn lead times into seconds, or into months; the second number says months of a unit.

    Raises
    ------
    GranuleError : units of no length of time
    """
    word = singular(units)
    if word in MONTHS:
        return np.floor(values.astype(np.float64) * MONTHS[word] + 1e-6).astype(np.int64), MONTHS[
            word
        ]
    if word not in SECONDS:
        raise GranuleError(f"its lead times have the units {units!r}; write days, hours or months")
    exact = values.astype(np.float64) * SECONDS[word]
    return tidy(exact, spacing_of(values) * SECONDS[word]), 0


def to_dates(moments: Ints | Sequence[int], calendar: str) -> list[cftime.datetime]:
    """Turn moments into dates."""
    found = cftime.num2date(
        np.asarray(moments, np.int64), EPOCH, calendar, only_use_cftime_datetimes=True
    )
    return list(np.atleast_1d(found))


def to_seconds(dates: Sequence[cftime.datetime], calendar: str) -> Ints:
    """Turn dates into moments."""
    seconds: Floats = np.rint(cftime.date2num(list(dates), EPOCH, calendar))
    return seconds.astype(np.int64)


def add_months(date: cftime.datetime, months: int) -> cftime.datetime:
    """Return the same day some months later, or the last one of a shorter month.

    >>> add_months(cftime.datetime(2020, 1, 31), 1).isoformat()
    '2020-02-29T00:00:00'
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    first = date.replace(year=year, month=month + 1, day=1)
    return first.replace(day=min(date.day, int(first.daysinmonth)))


def _by_month(values: NDArray[Any], units: str, months: int, calendar: str) -> Moments:
    reference = _reference(units, calendar)
    counted = values.astype(np.float64)
    whole = np.floor(counted + 1e-3)
    middle = np.abs(counted - whole - 0.5) < 0.02
    if not (middle.all() or (np.abs(counted - whole) < 2e-3).all()):
        raise GranuleError(
            f"its times are fractions of months ({counted.ravel()[0]:g} {units}), which have no "
            "dates; write them in days"
        )
    numbers = [round(number * months) for number in whole.tolist()]
    start = to_seconds([add_months(reference, n) for n in numbers], calendar)
    if not middle.all():
        return Moments(start, None, calendar, by_month=True)
    end = to_seconds([add_months(reference, n + months) for n in numbers], calendar)
    return Moments(start, end, calendar, by_month=True)


def _absolute(values: NDArray[Any], form: str, calendar: str) -> Ints:
    """Read dates that are written as numbers, such as 20200131.5 for noon."""
    digits = {"%y": 4, "%y%m": 6, "%y%m%d": 8}[form]
    found = []
    for value in values.tolist():
        whole = int(np.floor(value + 1e-6))
        text = f"{whole:0{digits}}"
        year, month, day = int(text[:4]), int(text[4:6] or 1), int(text[6:8] or 1)
        share = round((value - whole) * 86400) if digits == 8 else 0
        try:
            date = cftime.datetime(year, month, day, calendar=calendar_name(calendar))
        except ValueError:
            raise GranuleError(f"its time {value!r} is no date as {form}") from None
        found.append(to_seconds([date], date.calendar)[0] + max(0, share))
    return np.asarray(found, np.int64)


@lru_cache(maxsize=256)  # the same few texts in thousands of files
def _first(units: str, calendar: str) -> float:
    """Return the moment that numbers count from [s]."""
    return float(to_seconds([_reference(units, calendar)], calendar)[0])


def _reference(units: str, calendar: str) -> cftime.datetime:
    text = re.split("since", units, maxsplit=1, flags=re.IGNORECASE)[1]
    return reference_date(text.strip(), calendar)

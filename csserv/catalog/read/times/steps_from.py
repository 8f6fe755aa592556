"""Moments that follow each other from a first one on, by the name of a step; parts of months."""

from __future__ import annotations

import re

import numpy as np

from csserv.catalog.read.times.calendar_units import (
    MONTHS,
    SECONDS,
    Ints,
    add_months,
    singular,
    to_dates,
    to_seconds,
)
from csserv.errors import GranuleError

#: parts of a month: how many there are, and days of each but the last, which lasts to its end
PARTS = {"dekad": (3, 10), "pentad": (6, 5)}


def steps_from(first: int, step: str, count: int) -> Ints:
    """Return the moments [s] of steps that follow each other.

    Parameters
    ----------
    first : of the first one [s] since ``calendar_units.EPOCH``
    step : day, dekad, month, …, or several of them, such as "16 days"

    Raises
    ------
    GranuleError : a step that is not known
    """
    match = re.fullmatch(r"(\d*) ?([a-z]+)", step.strip().casefold())
    unit = singular(match[2]) if match else ""
    each = int(match[1] or 1) if match else 0
    if not each or unit not in PARTS | MONTHS | SECONDS:
        raise GranuleError(
            f"its bands are steps of {step or 'no length'}; say how long a step is in its row: "
            "time_step = 'day', 'dekad', 'month', …"
        )
    numbers = each * np.arange(count)
    if unit in SECONDS:
        return np.asarray(first + numbers * int(SECONDS[unit]), np.int64)
    start = to_dates([first], "standard")[0]
    if unit in MONTHS:
        dates = [add_months(start, int(number) * MONTHS[unit]) for number in numbers]
        return to_seconds(dates, "standard")
    parts, days = PARTS[unit]
    place = min((start.day - 1) // days, parts - 1) + numbers
    months = start.replace(day=1, hour=0, minute=0, second=0)
    found = [
        add_months(months, int(n // parts)).replace(day=int(n % parts) * days + 1) for n in place
    ]
    return to_seconds(found, "standard")

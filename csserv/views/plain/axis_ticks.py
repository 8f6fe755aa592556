"""Where the ticks of an axis are, and what they are called."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from csserv.language import local_number, month_names

#: steps between ticks, of a power of ten
NICE = (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0)

#: unit of ticks of time → how many of it may lie between two ticks
EVERY = {
    "hour": (1, 3, 6, 12),
    "day": (1, 2, 5, 10),
    "month": (1, 2, 3, 6),
    "year": (1, 2, 5, 10, 20, 50, 100, 200, 500),
}

#: days of a unit, about
DAYS = {"hour": 1 / 24, "day": 1.0, "month": 30.44, "year": 365.25}

#: seconds since 1970, UTC
Seconds = float


@dataclass(frozen=True)
class TimeTick:
    """A tick of a time axis: its place [s since 1970], its label, and what stands below that."""

    place: Seconds
    label: str
    below: str = ""


def value_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers that span a range: one below it or at its end, one above it.

    >>> value_ticks(0, 83), value_ticks(-1.2, 0.4, 5)
    ([0.0, 20.0, 40.0, 60.0, 80.0, 100.0], [-1.5, -1.0, -0.5, 0.0, 0.5])
    """
    least = (high - low) / (most - 1) or 1.0
    power = 10.0 ** math.floor(math.log10(least))
    for step in (nice * power for nice in NICE):
        # of numbers that are not quite what they should be
        first = math.floor(low / step + 1e-9)
        last = math.ceil(high / step - 1e-9)
        if last - first < most:
            return [number * step for number in range(first, last + 1)]
    return [low, high]


def tick_texts(ticks: list[float]) -> list[str]:
    """Write the numbers of ticks with as many decimals as tell them apart.

    >>> tick_texts([0.0, 0.25, 0.5]), tick_texts([0.0, 1000.0])
    (['0.00', '0.25', '0.50'], ['0', '1,000'])
    """
    step = ticks[1] - ticks[0]
    if step < 1e-4 or abs(ticks[-1]) >= 1e9:
        return [_minus(f"{one:.3g}") for one in ticks]
    exact = (n for n in range(6) if abs(step * 10**n - round(step * 10**n)) < 1e-6)
    decimals = next(exact, 6)
    return [_minus(f"{one or 0.0:,.{decimals}f}") for one in ticks]


def _minus(text: str) -> str:
    return local_number(text).replace("-", "\u2212")


def time_ticks(start: Seconds, end: Seconds, most: int, step: Seconds = 0.0) -> list[TimeTick]:
    """Return at most so many ticks where hours, days, months or years begin.

    Parameters
    ----------
    step : length of the steps that are drawn: between months no days are told, nor hours
    """
    days = (end - start) / 86400
    # some months and years are shorter
    told = [unit for unit in EVERY if DAYS[unit] <= 1.1 * step / 86400]
    units = list(EVERY)[max(len(told) - 1, 0) :]
    choices = [(unit, every) for unit in units for every in EVERY[unit]]
    for unit, every in choices:
        if days / (DAYS[unit] * every) <= most - 1:
            return _labelled(_begins(start, end, unit, every)[:most], unit)
    return _labelled(_begins(start, end, *choices[-1])[:most], "year")


def _begins(start: Seconds, end: Seconds, unit: str, every: int) -> list[datetime]:
    """Return where each unit begins that counts, between two times."""
    first, last = (datetime.fromtimestamp(0, UTC) + timedelta(seconds=s) for s in (start, end))
    found, moment = [], _floor(first, unit, every)
    while moment < last:
        if moment >= first:
            found.append(moment)
        moment = _next(moment, unit, every)
    return found


def _floor(moment: datetime, unit: str, every: int) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "hour":
            return day
        case "day":
            return day.replace(day=1)
        case "month":
            return day.replace(day=1, month=1)
    return day.replace(day=1, month=1, year=max(1, moment.year // every * every))


def _next(moment: datetime, unit: str, every: int) -> datetime:
    match unit:
        case "hour":
            return moment + timedelta(hours=every)
        case "day":
            # a month begins anew, and no tick stands just before it
            later = moment + timedelta(days=every)
            left = (later.replace(day=28) + timedelta(days=4)).replace(day=1) - later
            if later.month == moment.month and left.days > every // 2:
                return later
            return (moment.replace(day=28) + timedelta(days=4)).replace(day=1)
        case "month":
            month = moment.month - 1 + every
            return moment.replace(year=moment.year + month // 12, month=month % 12 + 1)
    return moment.replace(year=moment.year + every)


def _labelled(moments: list[datetime], unit: str) -> list[TimeTick]:
    ticks: list[TimeTick] = []
    before = ""
    for moment in moments:
        label, below = _texts(moment, unit)
        ticks.append(TimeTick(moment.timestamp(), label, below if below != before else ""))
        before = below
    return ticks


def _texts(moment: datetime, unit: str) -> tuple[str, str]:
    """Return the label of a tick, and what it belongs to."""
    month = month_names(short=True)[moment.month]
    return {
        "hour": (f"{moment:%H:%M}", f"{moment.day} {month}"),
        "day": (f"{moment.day} {month}", str(moment.year)),
        "month": (month, str(moment.year)),
        "year": (str(moment.year), ""),
    }[unit]

"""What a dataset offers to choose of, and its coverage in words."""

from __future__ import annotations

import calendar
from datetime import date

from csserv.catalog import Coverage
from csserv.views.parts.amounts import counted
from csserv.zonal.timestep import NATIVE, TIME_STEPS

#: gaps that are named one by one
NAMED = 3


def days(there: Coverage) -> tuple[date, date]:
    """Return the first and the last day that a person can choose."""
    return as_date(there.first), as_date(there.last)


def as_date(text: str) -> date:
    """Bring a day of any calendar to one that a person can choose, the last of its month.

    >>> as_date("2019-02-30T06:00").isoformat()
    '2019-02-28'
    """
    year, month, day = (int(part) for part in text[:10].split("-"))
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def time_steps(there: Coverage) -> list[str]:
    """List the time steps that can be asked for: the data's own, and longer ones."""
    return [NATIVE, *(name for name, most in TIME_STEPS.items() if most > there.step_days * 1.05)]


def frequency(there: Coverage) -> str:
    """Say how long the steps are."""
    return f"every {there.time_step}" if there.time_step[:1].isdigit() else there.time_step


def gaps(there: Coverage) -> str:
    """Say which steps are missing between the first and the last one."""
    if there.frequency is None:
        return "unknown: the steps have no frequency"
    if not there.gaps:
        return "no gaps"
    runs = [stretch(gap.first, gap.last) for gap in there.gaps[:NAMED]]
    more = f" and {len(there.gaps) - NAMED} more" if len(there.gaps) > NAMED else ""
    return f"{counted(there.lacking, 'step')} missing: {', '.join(runs)}{more}"


def stretch(first: str, last: str) -> str:
    """Write a run of days.

    >>> stretch("2019-02-01", "2019-02-03"), stretch("2019-02-01", "2019-02-01")
    ('2019-02-01 to 2019-02-03', '2019-02-01')
    """
    return first if first == last else f"{first} to {last}"


def holes(there: Coverage) -> list[tuple[float, float]]:
    """Place the gaps on the time span: where each begins, and how long it is [%]."""
    whole = max(len(there.ends), 1)
    return [
        (100 * (hole.start - there.ends.start) / whole, 100 * len(hole) / whole)
        for hole in there.holes
    ]


def updated(there: Coverage) -> str:
    """Say when the newest file changed.

    It is written as ``2026-03-01T12:30:05Z``.
    """
    return f"{there.updated[:10]} {there.updated[11:16]} UTC"


def grid(there: Coverage) -> str:
    """Say how fine the grid is."""
    wide, high = there.resolution
    return f"{there.rows:,} x {there.columns:,} cells of {high:.2g}° x {wide:.2g}°"


def box(there: Coverage) -> str:
    """Say where the data are."""
    west, south, east, north = there.bounds
    east = east - 360 if east > 180 else east
    return f"{_lon(west)} to {_lon(east)}, {_lat(south)} to {_lat(north)}"


def _lon(value: float) -> str:
    return f"{abs(value):.5g}° {'W' if value < 0 else 'E'}"


def _lat(value: float) -> str:
    return f"{abs(value):.5g}° {'S' if value < 0 else 'N'}"

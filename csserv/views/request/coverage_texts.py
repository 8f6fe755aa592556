"""The coverage of a dataset as text, and the days and time steps that it lets a user choose."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from csserv.catalog import Coverage
from csserv.language import from_to, listed, local_number, tr
from csserv.views.parts.amounts import counted
from csserv.zonal.over_time.timestep import NATIVE, TIME_STEPS

#: most gaps that are named one by one
MOST_NAMED = 3


def selectable_days(coverage: Coverage) -> tuple[date, date]:
    """Return the first and the last day that can be chosen: the last step to its end.

    A period that ended with the first day of the last month would cut its season short.
    """
    first, last = as_date(coverage.first), as_date(coverage.last)
    if coverage.frequency is not None:
        end = coverage.frequency.begin(coverage.ends.stop) - timedelta(seconds=1)
        last = max(last, as_date(f"{end.year:04}-{end.month:02}-{end.day:02}"))
    return first, last


def as_date(text: str) -> date:
    """Convert a day of any calendar; one that does not exist becomes the last of its month.

    >>> as_date("2019-02-30T06:00").isoformat()
    '2019-02-28'
    """
    year, month, day = (int(part) for part in text[:10].split("-"))
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def selectable_time_steps(coverage: Coverage) -> list[str]:
    """Return the time steps that can be chosen: that of the data, and longer ones."""
    return [
        NATIVE,
        *(name for name, most in TIME_STEPS.items() if most > coverage.step_days * 1.05),
    ]


def frequency(coverage: Coverage) -> str:
    """Write the length of the steps."""
    step = coverage.time_step
    return tr("every {step}", step=step) if step[:1].isdigit() else tr(step)


def gaps(coverage: Coverage) -> str:
    """Write which steps are missing between the first and the last one."""
    if coverage.frequency is None:
        return tr("unknown: the steps have no frequency")
    if not coverage.gaps:
        return tr("no gaps")
    runs = [day_range(gap.first, gap.last) for gap in coverage.gaps[:MOST_NAMED]]
    more = ""
    if len(coverage.gaps) > MOST_NAMED:
        more = tr(" and {count} more", count=len(coverage.gaps) - MOST_NAMED)
    steps = counted(coverage.lacking, "step")
    return tr("{steps} missing: {runs}", steps=steps, runs=listed(runs) + more)


def day_range(first: str, last: str) -> str:
    """Write a range of days.

    >>> day_range("2019-02-01", "2019-02-03"), day_range("2019-02-01", "2019-02-01")
    ('2019-02-01 to 2019-02-03', '2019-02-01')
    """
    return from_to(first if first == last else f"{first}/{last}")


def gap_spans(coverage: Coverage) -> list[tuple[float, float]]:
    """Return start and length of each gap, as shares of the time span [%], 0 to 100."""
    whole = max(len(coverage.ends), 1)
    return [
        (100 * (hole.start - coverage.ends.start) / whole, 100 * len(hole) / whole)
        for hole in coverage.holes
    ]


def updated(coverage: Coverage) -> str:
    """Write when the newest file changed, UTC, to the minute."""
    return f"{coverage.updated[:10]} {coverage.updated[11:16]} UTC"


def grid(coverage: Coverage) -> str:
    """Write the number and the size of the cells of the grid."""
    wide, high = coverage.resolution
    return tr(
        "{rows} x {columns} cells of {high}° x {wide}°",
        rows=local_number(f"{coverage.rows:,}"),
        columns=local_number(f"{coverage.columns:,}"),
        high=local_number(f"{high:.2g}"),
        wide=local_number(f"{wide:.2g}"),
    )


def extent(coverage: Coverage) -> str:
    """Write the bounds of the data [degrees]."""
    west, south, east, north = coverage.bounds
    east = east - 360 if east > 180 else east
    across = tr("{low} to {high}", low=_lon(west), high=_lon(east))
    return listed([across, tr("{low} to {high}", low=_lat(south), high=_lat(north))])


def _lon(value: float) -> str:
    return _degrees(value, tr("W") if value < 0 else tr("E"))


def _lat(value: float) -> str:
    return _degrees(value, tr("S") if value < 0 else tr("N"))


def _degrees(value: float, side: str) -> str:
    number = local_number(f"{abs(value):.5g}")
    return f"{number}° {side}"

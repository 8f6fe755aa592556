"""The reference of a request: the years that suit a dataset, and what a result says of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cftime
import numpy as np

from csserv.catalog import CatalogEntry
from csserv.catalog.read.times.calendar_units import to_seconds
from csserv.catalog.timeline.timeline import Timeline
from csserv.climatology.climatological_axis import climatological_axis
from csserv.climatology.comparison import Comparison
from csserv.climatology.matching import AROUND
from csserv.climatology.normals import PERCENTILES, describe
from csserv.errors import InvalidRequestError
from csserv.outputs.series import iso
from csserv.request import Options, Period
from csserv.request.reference import COVERED, DEFAULT, LEAST_YEARS, STANDARD
from csserv.tasks.plan.blocks import Plan
from csserv.tasks.plan.index_plan import series_options, wants_reference


def settle_reference(entry: CatalogEntry, period: Period, options: Options) -> Options:
    """Put years in place of "default".

    They are those of the World Meteorological Organization; where the data begin later, or cover
    less than ``COVERED`` of them, all whole years of the data.

    Raises
    ------
    InvalidRequestError : there are too few; says what there is
    """
    if wants_reference(options):
        options = replace(options, against=DEFAULT)
    if options.against != DEFAULT:
        return options
    every = entry.timeline_for(period, series_options(replace(options, against="")))
    return replace(options, against=default_reference(every, entry.name))


def check_compared(options: Options) -> None:
    """See that what is asked for can be compared with a reference.

    Raises
    ------
    InvalidRequestError : ``own_year`` is of no reference
    """
    if options.own_year != "in" and not options.against:
        raise InvalidRequestError(
            f"own_year is {options.own_year!r}, which says something with against alone: the "
            f"reference that the year is left out of, such as {STANDARD}"
        )


def describe_reference(options: Options, plan: Plan, units: str) -> dict[str, Any] | None:
    """Say in a result what its steps are compared with; None where that is nothing.

    Parameters
    ----------
    units : of the values
    """
    if (comparison := plan.comparison) is None:
        return None
    years = np.sort(comparison.years, axis=1)
    repeats = bool(((np.diff(years, axis=1) == 0) & (years[:, 1:] > 0)).any())
    return {
        "reference": options.against,
        "own_year": options.own_year,
        **({"window_days": 2 * AROUND + 1} if repeats else {}),
        "percentiles": PERCENTILES,
        "statistics": describe(units),
        **_steps_of_year(options, plan, comparison),
    }


def _steps_of_year(options: Options, plan: Plan, comparison: Comparison) -> dict[str, Any]:
    """Say from when to when each normal is of; nothing where that is not known."""
    if (lasts := plan.steps.intervals) is None:
        return {}
    complete = [one.complete for one in plan.asked.longer]
    found = climatological_axis(
        comparison, options.own_year, plan.steps.times, lasts.start, lasts.end, complete
    )
    if found is None:
        return {}
    of_step = [None if place < 0 else place for place in found.of_asked.tolist()]
    each = {"time": found.times, "start": found.starts, "end": found.ends}
    return {
        "climatology": {name: [*map(iso, one)] for name, one in each.items()} | {"of_step": of_step}
    }


def default_reference(every: Timeline, name: str) -> str:
    """Return first and last year of the reference that suits some steps, as "1991/2020"."""
    standard = Period.parse(STANDARD)
    first, last = _whole_years(every)
    within = every.within(standard)
    start, end = every.span(standard)
    covered = float((within.end - within.start).sum()) / (end - start)
    if first <= standard.start.year and round(100 * covered) >= COVERED:
        return STANDARD
    if last - first + 1 < LEAST_YEARS:
        begin, stop = every.ends
        raise InvalidRequestError(
            f"normals need at least {LEAST_YEARS} whole years; {name} has "
            f"{max(0, last - first + 1)}, from {begin:%Y-%m-%d} to {stop:%Y-%m-%d}"
        )
    return f"{first:04}/{last:04}"


def _whole_years(every: Timeline) -> tuple[int, int]:
    """Return the first and the last year that the data have from its first to its last day."""
    begin, last = every.ends
    year = int(begin.year)
    first = year if every.start[0] <= _new_year(every, year) else year + 1
    final = int(last.year)
    return first, final if every.end[-1] >= _new_year(every, final + 1) else final - 1


def _new_year(every: Timeline, year: int) -> int:
    return int(
        to_seconds([cftime.datetime(year, 1, 1, calendar=every.calendar)], every.calendar)[0]
    )

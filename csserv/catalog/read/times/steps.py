"""Reads when the steps of a file are, and from when to when each lasts where that is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import netCDF4
import numpy as np

from csserv.catalog.read.coordinates import (
    StoredVariable,
    Variable,
    attribute_of,
    kind_of,
    lookup,
    text_of,
    values_of,
)
from csserv.catalog.read.times.calendar_units import (
    Moments,
    add_months,
    singular,
    to_dates,
    to_lengths,
    to_moments,
    to_seconds,
)
from csserv.catalog.read.times.file_dates import date_of_name, written_date
from csserv.catalog.read.times.rounded_times import Floats
from csserv.catalog.read.times.stamps import CountedTimes, Leads, Stamps, check_rising
from csserv.catalog.read.times.time_axis import TimeAxis
from csserv.errors import GranuleError

#: attributes that say how long a step is: of the variable, of its file, of the time coordinate
STEP_WORDS = ("time_step", "frequency", "time_coverage_resolution")


@dataclass(frozen=True, eq=False)
class ToldTimes:
    """The time stamps of a file, and what they were read from.

    Attributes
    ----------
    counted : the numbers, where the stamps follow from nothing else
    counts, bounds : the variables that hold these, and their bounds
    """

    stamps: Stamps
    counted: CountedTimes | None = None
    counts: StoredVariable | None = None
    bounds: StoredVariable | None = None


def read_times(axis: TimeAxis, variable: Variable, path: Path, pattern: str) -> ToldTimes:
    """Read the time stamps of a variable.

    Parameters
    ----------
    pattern : of the date in the file's name, where it stands there only

    Raises
    ------
    GranuleError : no dates, none in rising order, or those of a climatology
    """
    stamp = axis.stamp
    if stamp is None:
        return ToldTimes(stamps_of_name(path, pattern))
    stated = _step_of(variable, stamp)
    if axis.run is not None:
        return ToldTimes(replace(_of_one_run(axis.run, stamp), step=stated))
    if "climatology" in stamp.ncattrs():
        raise GranuleError(
            "its times are those of a climatology, each the mean of several years; there are no "
            "dates to ask for"
        )
    if kind_of(stamp) in "SU":
        return ToldTimes(_written(stamp, stated))
    bounds = lookup(stamp, text_of(stamp, "bounds"))
    counted = replace(_counted(stamp, bounds), step=stated)
    stamps = counted.stamps()
    if axis.leads is not None:
        return ToldTimes(replace(stamps, leads=_leads(axis.leads)))
    stored = None if bounds is None else StoredVariable.of(bounds)
    return ToldTimes(stamps, counted, StoredVariable.of(stamp), stored)


def stamps_of_name(path: Path, pattern: str) -> Stamps:
    """Read the one time stamp of a file from its name.

    Raises
    ------
    GranuleError : the name does not follow the pattern
    """
    moment, step = date_of_name(path, pattern)
    return Stamps(np.array([moment], np.int64), None, "standard", step=step)


def pairs(values: np.ma.MaskedArray, count: int) -> Floats:
    """Return bounds, (n, 2), or none where they do not fit so many times or some are missing."""
    if values.size != 2 * count or np.ma.is_masked(values):
        return np.empty((0, 2))
    return np.asarray(values.data).reshape(-1, 2)


def _written(stamp: Variable, stated: str) -> Stamps:
    """Read dates that are written out, such as 2020-01-31_18:00:00."""
    values = netCDF4.chartostring(stamp[:]) if kind_of(stamp) == "S" else stamp[:]
    texts = map(str, np.atleast_1d(np.asarray(values)).tolist())
    moments = np.array([written_date(text, stamp.name) for text in texts], np.int64)
    check_rising(moments, "standard")
    return Stamps(moments, None, "standard", step=stated)


def _counted(stamp: Variable, bounds: Variable | None = None) -> CountedTimes:
    units, calendar = text_of(stamp, "units"), text_of(stamp, "calendar")
    if not units:
        raise GranuleError(
            f"its {stamp.name} says no units, so its steps have no dates; write them, as `ncatted "
            f"-a units,{stamp.name},o,c,'days since 2020-01-01'` does"
        )
    numbers = _numbers(stamp)
    if bounds is None:
        return CountedTimes(numbers, units, calendar)
    both = pairs(np.ma.masked_invalid(np.ma.asarray(bounds[:])), len(numbers))
    return CountedTimes(numbers, units, calendar, both, text_of(bounds, "units") or units)


def _numbers(variable: Variable) -> Floats:
    values = np.atleast_1d(values_of(variable))
    if not np.ma.isMaskedArray(values) and values.size and np.isfinite(values).all():
        return values
    values = np.ma.masked_invalid(np.ma.atleast_1d(values))
    if not values.size:
        raise GranuleError(
            f"its {variable.name} is empty: it holds no step; leave it out, or fetch it again"
        )
    if missing := int(np.ma.getmaskarray(values).sum()):
        raise GranuleError(
            f"its {variable.name} has no time at {missing} of {values.size} steps; leave these "
            "steps out, or fill in their times"
        )
    return np.asarray(values.data)


def _moments(stamp: Variable) -> tuple[Moments, str]:
    if kind_of(stamp) in "SU":
        return Moments(_written(stamp, "").moments, None, "standard"), ""
    told = _counted(stamp)
    return to_moments(told.numbers, told.units, told.calendar), told.units


def _of_one_run(run: Variable, lead: Variable) -> Stamps:
    """Add lead times to the time of the one run of a file."""
    start, units = _moments(run)
    lengths, months = to_lengths(_numbers(lead), text_of(lead, "units"))
    plain = Stamps(start.start, None, start.calendar, units)
    moments = np.concatenate([plain.later(start.start, n, months > 0) for n in lengths.tolist()])
    check_rising(moments, start.calendar)
    bounds = None
    if months:
        ends = [add_months(date, months) for date in to_dates(moments, start.calendar)]
        bounds = np.stack([moments, to_seconds(ends, start.calendar)], axis=1)
    return replace(plain, moments=moments, bounds=bounds, by_month=start.by_month or months > 0)


def _leads(leads: Variable | None) -> Leads | None:
    if leads is None:
        return None
    lengths, months = to_lengths(_numbers(leads), text_of(leads, "units"))
    dimension = str(leads.dimensions[0]) if leads.size > 1 else ""
    labels = tuple(f"{value:g}" for value in np.atleast_1d(leads[:]).astype(float).tolist())
    return Leads(dimension, labels, lengths, months > 0)


def _step_of(variable: Variable, stamp: Variable) -> str:
    """Return what the file says of the length of its steps, in its own words."""
    group = variable.group()
    for name in STEP_WORDS:
        for place in (variable, stamp, group):
            if said := text_of(place, name):
                return said
    width = attribute_of(stamp, "pointwidth")  # of the IRI Data Library
    unit = singular(text_of(stamp, "units").split(" since ")[0])
    return unit if width == 1.0 else ""

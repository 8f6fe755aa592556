"""The steps of a file: their time stamps, and from when to when each lasts where that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.calendar_units import (
    Ints,
    Moments,
    add_months,
    singular,
    to_dates,
    to_lengths,
    to_moments,
    to_seconds,
)
from csserv.catalog.read.coordinates import (
    Variable,
    attribute_of,
    kind_of,
    lookup,
    text_of,
    values_of,
)
from csserv.catalog.read.dates.file_dates import date_of_name, written_date
from csserv.catalog.read.time_axis import TimeAxis
from csserv.errors import GranuleError

#: how far a stamp may lie outside its bounds, as rounding may leave it [s]
LOOSE = 60

#: attributes that say how long a step is: of the variable, of its file, of the time coordinate
STEP_WORDS = ("time_step", "frequency", "time_coverage_resolution")


@dataclass(frozen=True, eq=False)
class Leads:
    """Lead times of a dimension, one of which is chosen: seconds, or months where these count."""

    dimension: str
    labels: tuple[str, ...]
    lengths: Ints
    by_month: bool


@dataclass(frozen=True, eq=False)
class Stamps:
    """The time stamps of a file, rising.

    Attributes
    ----------
    moments : (n,) [s] since ``calendar_units.EPOCH``
    bounds : (n, 2) beginning and end of each step [s]; None where the file does not say them
    calendar : cftime's name of it
    units : of the time coordinate, as the file has them
    step : how long the file says that a step is, as "month" or "P1D"; empty where it does not
    by_month : whether whole months of the calendar were counted
    leads : lead times to choose of; the moments are those of the runs then
    odd_bounds : whether the file has bounds that cannot be those of its times
    """

    moments: Ints
    bounds: Ints | None
    calendar: str
    units: str = ""
    step: str = ""
    by_month: bool = False
    leads: Leads | None = None
    odd_bounds: bool = False

    def __len__(self) -> int:
        return len(self.moments)

    def valid_for(self, chosen: Mapping[str, str], index: int) -> Stamps:
        """Return the times for which the values of one lead are valid.

        Parameters
        ----------
        index : of the lead that is chosen
        """
        if self.leads is None or (self.leads.dimension and self.leads.dimension not in chosen):
            return self
        lead = int(self.leads.lengths[index])
        moments = self._later(self.moments, lead, self.leads.by_month)
        return replace(self, moments=moments, bounds=None, leads=None)

    def _later(self, moments: Ints, lead: int, by_month: bool) -> Ints:
        if not by_month:
            return moments + lead
        dates = [add_months(date, lead) for date in to_dates(moments, self.calendar)]
        return to_seconds(dates, self.calendar)


def read_stamps(axis: TimeAxis, variable: Variable, path: Path, pattern: str) -> Stamps:
    """Read the time stamps of a variable.

    Parameters
    ----------
    pattern : of the date in the file's name, where it stands there only

    Raises
    ------
    GranuleError : no dates, none in rising order, or those of a climatology
    """
    if axis.stamp is None:
        moment, step = date_of_name(path, pattern)
        return Stamps(np.array([moment], np.int64), None, "standard", step=step)
    stated = _step_of(variable, axis.stamp)
    if axis.run is not None:
        return replace(_of_one_run(axis.run, axis.stamp), step=stated)
    if "climatology" in axis.stamp.ncattrs():
        raise GranuleError(
            "its times are those of a climatology, each the mean of several years; there are no "
            "dates to ask for"
        )
    found, units = _moments(axis.stamp)
    _check_rising(found.start, found.calendar)
    bounds, odd = _bounds(axis.stamp, units, found)
    return Stamps(
        moments=found.start,
        bounds=bounds,
        calendar=found.calendar,
        units=units,
        step=stated,
        by_month=found.by_month,
        leads=_leads(axis.leads),
        odd_bounds=odd,
    )


def _moments(stamp: Variable) -> tuple[Moments, str]:
    if kind_of(stamp) in "SU":
        return Moments(_texts(stamp), None, "standard"), ""
    units, calendar = text_of(stamp, "units"), text_of(stamp, "calendar")
    if not units:
        raise GranuleError(
            f"its {stamp.name} says no units, so its steps have no dates; write them, as `ncatted "
            f"-a units,{stamp.name},o,c,'days since 2020-01-01'` does"
        )
    values = _numbers(stamp)
    return to_moments(values, units, calendar), units


def _numbers(variable: Variable) -> NDArray[np.float64]:
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


def _texts(stamp: Variable) -> Ints:
    """Read dates that are written out, such as 2020-01-31_18:00:00."""
    values = netCDF4.chartostring(stamp[:]) if kind_of(stamp) == "S" else stamp[:]
    texts = map(str, np.atleast_1d(np.asarray(values)).tolist())
    return np.array([written_date(text, stamp.name) for text in texts], np.int64)


def _check_rising(moments: Ints, calendar: str) -> None:
    falls = np.flatnonzero(np.diff(moments) <= 0)
    if not len(falls):
        return
    one, other = (date.isoformat() for date in to_dates(moments[falls[0] : falls[0] + 2], calendar))
    if one == other:
        raise GranuleError(f"it holds the time {one} twice, to the second; leave one out")
    raise GranuleError(
        f"its times do not rise: {one} is followed by {other}; sort it, as `cdo sorttimestamp` does"
    )


def _bounds(stamp: Variable, units: str, found: Moments) -> tuple[Ints | None, bool]:
    """Read from when to when each step lasts; and whether the file says what cannot be."""
    said = lookup(stamp, text_of(stamp, "bounds"))
    if said is None:
        return (None if found.end is None else np.stack([found.start, found.end], axis=1)), False
    values = np.ma.masked_invalid(np.ma.asarray(said[:]))
    shape = (len(found.start), 2)
    if values.reshape(-1).shape != (2 * shape[0],) or np.ma.is_masked(values):
        return None, True
    own = text_of(said, "units") or units
    both = to_moments(values.data.reshape(-1), own, text_of(stamp, "calendar")).start.reshape(shape)
    both = both + (both % 60 == 59)  # a step to 23:59:59 is one to midnight
    lasts = (both[:, 0] < both[:, 1]).all() and (np.diff(both[:, 0]) > 0).all()
    holds = (both[:, 0] - LOOSE <= found.start) & (found.start <= both[:, 1] + LOOSE)
    return (both, False) if lasts and holds.all() else (None, True)


def _of_one_run(run: Variable, lead: Variable) -> Stamps:
    """Add lead times to the time of the one run of a file."""
    start, units = _moments(run)
    lengths, months = to_lengths(_numbers(lead), text_of(lead, "units"))
    plain = Stamps(start.start, None, start.calendar, units)
    moments = np.concatenate([plain._later(start.start, n, months > 0) for n in lengths.tolist()])
    _check_rising(moments, start.calendar)
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


def calendar_of(calendars: set[str]) -> str:
    """Return the one calendar that files of several ones share dates with; empty for none.

    >>> calendar_of({"standard", "proleptic_gregorian"}), calendar_of({"standard", "noleap"})
    ('standard', 'standard')
    >>> calendar_of({"noleap", "360_day"})
    ''
    """
    if len(calendars) == 1:
        return next(iter(calendars))
    dates_exist = {"standard", "proleptic_gregorian", "noleap"}
    return "standard" if calendars <= dates_exist else ""

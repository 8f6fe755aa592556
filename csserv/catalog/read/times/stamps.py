"""The time stamps of a file, and how they follow from the numbers that it counts them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from csserv.catalog.read.times.calendar_units import (
    Ints,
    Moments,
    add_months,
    to_dates,
    to_moments,
    to_seconds,
)
from csserv.catalog.read.times.rounded_times import Floats
from csserv.errors import GranuleError

#: how far a stamp may lie outside its bounds, as rounding may leave it [s]
LOOSE = 60


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
        moments = self.later(self.moments, lead, self.leads.by_month)
        return replace(self, moments=moments, bounds=None, leads=None)

    def later(self, moments: Ints, lead: int, by_month: bool) -> Ints:
        """Return moments that lie a lead time later [s], or as many months."""
        if not by_month:
            return moments + lead
        dates = [add_months(date, lead) for date in to_dates(moments, self.calendar)]
        return to_seconds(dates, self.calendar)


@dataclass(frozen=True, eq=False)
class CountedTimes:
    """Times as a file counts them, such as the days since a date.

    Attributes
    ----------
    numbers : (n,) none missing
    units, calendar : of the numbers, as the file has them
    bounds : (n, 2) beginnings and ends; (0, 2) where the file's are none that could be; None where
        it has none
    bounds_units : of these
    step : how long the file says that a step is
    """

    numbers: Floats
    units: str
    calendar: str
    bounds: Floats | None = None
    bounds_units: str = ""
    step: str = ""

    def stamps(self) -> Stamps:
        """Turn them into stamps.

        Raises
        ------
        GranuleError : units of no time, a date that does not exist, or times that do not rise
        """
        found = to_moments(self.numbers, self.units, self.calendar)
        check_rising(found.start, found.calendar)
        bounds = self._bounds(found)
        return Stamps(
            moments=found.start,
            bounds=bounds,
            calendar=found.calendar,
            units=self.units,
            step=self.step,
            by_month=found.by_month,
            odd_bounds=self.bounds is not None and bounds is None,
        )

    def _bounds(self, found: Moments) -> Ints | None:
        """Return from when to when each step lasts; None where the file says what cannot be."""
        if self.bounds is None:
            return None if found.end is None else np.stack([found.start, found.end], axis=1)
        if len(self.bounds) != len(found.start):
            return None
        plain = to_moments(self.bounds.reshape(-1), self.bounds_units, self.calendar).start
        both = plain.reshape(-1, 2)
        both = both + (both % 60 == 59)  # a step to 23:59:59 is one to midnight
        lasts = (both[:, 0] < both[:, 1]).all() and (np.diff(both[:, 0]) > 0).all()
        holds = (both[:, 0] - LOOSE <= found.start) & (found.start <= both[:, 1] + LOOSE)
        return both if lasts and holds.all() else None


def check_rising(moments: Ints, calendar: str) -> None:
    """See that each moment lies after the one before it.

    Raises
    ------
    GranuleError : two of them do not
    """
    falls = np.flatnonzero(np.diff(moments) <= 0)
    if not len(falls):
        return
    one, other = (date.isoformat() for date in to_dates(moments[falls[0] : falls[0] + 2], calendar))
    if one == other:
        raise GranuleError(f"it holds the time {one} twice, to the second; leave one out")
    raise GranuleError(
        f"its times do not rise: {one} is followed by {other}; sort it, as `cdo sorttimestamp` does"
    )


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

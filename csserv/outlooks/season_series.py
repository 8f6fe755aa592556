"""Cuts the season of each year out of series of the whole record."""

from __future__ import annotations

import calendar as calendar_module
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.matching import same_days
from csserv.climatology.season import SeasonSteps
from csserv.errors import InvalidRequestError
from csserv.outputs.series import read_iso
from csserv.request import Period
from csserv.request.period import Day

Floats = NDArray[np.float64]

#: month and day
Date = tuple[int, int]

LEAP_DAY: Date = (2, 29)


@dataclass(frozen=True, eq=False)
class Amounts:
    """Amounts of steps, as a result has them.

    Attributes
    ----------
    times : (time,) beginnings of steps, rising
    values : (time, series)
    """

    times: tuple[cftime.datetime, ...]
    values: Floats

    @classmethod
    def of(cls, plain: Mapping[str, Any], series: Sequence[Mapping[str, Any]]) -> Amounts:
        """Read some series of a result's JSON.

        Raises
        ------
        InvalidRequestError : they are no amounts, so that a total of them means nothing
        """
        rule = (plain.get("time_step") or {}).get("rule", "")
        if "days of the step" not in rule and not rule.startswith("sum"):
            raise InvalidRequestError(
                "a season's total needs amounts, such as of rain; longer steps of "
                f"{plain['request']['dataset']} [{plain['units']}] are: {rule or 'as they are'}"
            )
        calendar = plain["calendar"]
        return cls(
            tuple(read_iso(text, calendar) for text in plain["series"][0]["time"]),
            np.array([one["value"] for one in series], dtype=float).T,
        )

    def within(self, first: Day, last: Day) -> slice:
        """Return the run of steps that begin from one day to another, both included."""
        days = [(t.year, t.month, t.day) for t in self.times]
        inside = [n for n, day in enumerate(days) if first <= day <= last]
        return slice(inside[0], inside[-1] + 1) if inside else slice(0, 0)


def season_steps(
    observed: Amounts, season: Period, reference: Period, members: Sequence[Amounts] = ()
) -> tuple[SeasonSteps, list[cftime.datetime], cftime.datetime]:
    """Cut a season out of all years.

    Steps of other years stand beside those of the same date; 29 February counts with the day before
    where the season's own year has none, and as nothing in years that have none.

    Parameters
    ----------
    members : of a forecast, of the same series; steps that it lacks are missing

    Returns
    -------
    steps : of the season; beginnings of these; end of the last one

    Raises
    ------
    InvalidRequestError : no year of the reference has data of the season
    """
    calendar = observed.times[0].calendar
    last = _last_day(season, calendar)
    own = season.start.year
    others = [y for y in range(reference.start.year, reference.end.year + 1) if y != own]
    every = {
        year: observed.within(*same_days(season.first, last, year - own, calendar))
        for year in others
    }
    runs = [run for run in every.values() if run.stop > run.start]
    if not runs:
        raise InvalidRequestError(f"no year of {reference} has data of the season {season}")
    fullest = max(runs, key=lambda run: run.stop - run.start)
    now = observed.within(season.first, last)
    dates = {_date(time): None for run in (fullest, now) for time in observed.times[run]}
    starts = sorted(_in_season(date, season, calendar) for date in dates if _is_there(date, season))
    places = {_date(time): place for place, time in enumerate(starts)}
    years = np.stack([_placed(observed, run, places) for run in runs])
    ahead = [_placed(one, one.within(season.first, last), places) for one in members]
    end = cftime.datetime(*last, calendar=calendar) + timedelta(days=1)
    placed = _placed(observed, now, places)
    return SeasonSteps(placed, years, np.stack(ahead) if ahead else None), starts, end


def _last_day(season: Period, calendar: str) -> Day:
    year, month, day = season.last
    length = int(cftime.datetime(year, month, 1, calendar=calendar).daysinmonth)
    return year, month, min(day, length)


def _date(time: cftime.datetime) -> Date:
    return time.month, time.day


def _year_of(date: Date, season: Period) -> int:
    """Return the year of the season that a date lies in."""
    return season.start.year + ((*date,) < (season.start.month, season.start.day))


def _is_there(date: Date, season: Period) -> bool:
    year = _year_of(date, season)
    return date != LEAP_DAY or calendar_module.isleap(year)


def _in_season(date: Date, season: Period, calendar: str) -> cftime.datetime:
    return cftime.datetime(_year_of(date, season), *date, calendar=calendar)


def _placed(observed: Amounts, run: slice, places: Mapping[Date, int]) -> Floats:
    """Return (steps, series) of a run of steps, each at the place of its date."""
    placed = np.full((len(places), observed.values.shape[1]), np.nan)
    dates = [_date(time) for time in observed.times[run]]
    if LEAP_DAY in places and LEAP_DAY not in dates and (2, 28) in dates and (3, 1) in dates:
        placed[places[LEAP_DAY]] = 0.0
    for date, values in zip(dates, observed.values[run], strict=True):
        if date in places:
            placed[places[date]] = values
        elif date == LEAP_DAY and (2, 28) in places:
            placed[places[2, 28]] += values
    return placed

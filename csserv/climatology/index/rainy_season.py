"""Onset and cessation of the rains: when a season begins and ends, from daily rain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cftime
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from csserv.climatology.index.calculation import Calculation
from csserv.climatology.index.index_series import Floats, IndexSeries

#: days before a search whose rain the soil still holds: a full soil is dry sooner than that
SPIN_UP = 60


def onset(asked: Calculation) -> IndexSeries:
    """First wet day of the first wet spell that no dry spell follows; days after the search began.

    A wet spell is ``spell_days`` days with ``spell_rain`` mm or more in all, ``wet_days`` of them
    wet: more than ``wet_day`` mm. A dry spell is ``dry_days`` days in a row that are not wet, the
    last of them one of the ``look_ahead`` days after the wet spell.

    Source: IRI's Climate Data Library and maprooms (onsetDate), whose defaults are 5 days, 20 mm, 3
    wet days of 1 mm, 7 dry days in 21; 3 days and 1 wet day are those of the maprooms for the
    Greater Horn of Africa (definition "icpac").
    """
    given = asked.parameters

    def first(rain: Floats) -> Floats:
        return _onset(rain, given)

    told = {
        "definition": given["definition"],
        "source": "IRI Climate Data Library, onsetDate",
        "missing": "none if no day searched is one, or a day is missing up to those that decide",
    }
    # as IRI: the last day of a wet spell is one of the days searched
    span = int(given["search_days"]) + int(given["look_ahead"])
    return _by_season(asked, (0, span), first, {"what": "onset of the rains", **told})


def cessation(asked: Calculation) -> IndexSeries:
    """First of ``dry_days`` days in a row on which the soil holds less than ``dry_soil`` mm.

    The soil takes up rain, loses ``loss`` mm a day, and holds from 0 to ``capacity`` mm; it is
    empty 60 days before the search.

    Source: IRI's Climate Data Library and maprooms (cessation by water balance), whose defaults are
    5 mm/day, 60 mm, 5 mm and 3 days.
    """
    given = asked.parameters

    def first(rain: Floats) -> Floats:
        return _cessation(rain, given)

    told = {
        "source": "IRI Climate Data Library, water balance and cessation",
        "missing": "none if no day searched is one, or one of those that decide is missing",
    }
    span = int(given["search_days"])
    return _by_season(asked, (SPIN_UP, span), first, {"what": "end of the rains", **told})


def _onset(rain: Floats, given: Any) -> Floats:
    """Return (series,) days after the first day of (days, series); NaN for none."""
    days, ahead, dry = (int(given[name]) for name in ("spell_days", "look_ahead", "dry_days"))
    wet = rain > given["wet_day"]
    spell = _windows(rain, days).sum(axis=-1) >= given["spell_rain"]
    spell &= _windows(wet, days).sum(axis=-1) >= given["wet_days"]
    last = np.arange(len(spell)) + days - 1  # of each spell
    ends_dry = np.zeros(rain.shape, bool)  # a dry spell ends on that day
    ends_dry[dry - 1 :] = _windows(~wet, dry).all(axis=-1)
    kept = last + ahead < len(rain)
    spell, last = spell[kept], last[kept]
    if ahead:
        followed = np.asarray(
            _windows(ends_dry, ahead).any(axis=-1)
        )  # starts on the day of its number
        spell &= ~followed[last + 1]
    unknown = np.isnan(rain).cumsum(axis=0) > 0
    begin = spell.argmax(axis=0)
    series = np.arange(rain.shape[1])
    known = (
        spell.any(axis=0) & ~unknown[np.minimum(begin + days - 1 + ahead, len(rain) - 1), series]
    )
    first_wet = _windows(wet, days)[begin, series].argmax(axis=-1)
    return np.where(known, begin + first_wet, np.nan)


def _cessation(rain: Floats, given: Any) -> Floats:
    """Return (series,) days after the first day of the search; NaN for none."""
    soil = np.zeros(rain.shape[1])
    held = np.empty(rain.shape)
    for day, amount in enumerate(rain):
        soil = np.clip(soil + amount - given["loss"], 0.0, given["capacity"])
        held[day] = soil
    dry = held[SPIN_UP:] < given["dry_soil"]
    run = _windows(dry, int(given["dry_days"])).all(axis=-1)
    begin = run.argmax(axis=0)
    decided = SPIN_UP + begin + int(given["dry_days"]) - 1
    unknown = np.isnan(rain).cumsum(axis=0) > 0
    known = run.any(axis=0) & ~unknown[decided, np.arange(rain.shape[1])]
    return np.where(known, begin, np.nan)


def _windows(values: NDArray[Any], days: int) -> NDArray[Any]:
    return sliding_window_view(values, days, axis=0)


def _by_season(
    asked: Calculation,
    days: tuple[int, int],
    first: Callable[[Floats], Floats],
    told: dict[str, Any],
) -> IndexSeries:
    """Search each season that begins within the record; days that there are not are missing.

    Parameters
    ----------
    days : of a window, before its search begins and from then on
    first : (days, series) of a window → (series,) days after the search began
    """
    rain, (before, span) = asked.rain(), days
    month, day = (int(part) for part in asked.parameters["search_from"].split("-"))
    calendar = asked.steps.calendar
    numbers = _day_numbers(list(asked.steps.times), calendar)
    begun = [
        start
        for year in range(asked.steps.first_year, asked.steps.first_year + asked.steps.years)
        if (start := cftime.datetime(year, month, day, calendar=calendar)) <= asked.steps.times[-1]
    ]
    found = []
    for start in _day_numbers(begun, calendar) - before:
        window = np.full((before + span, rain.shape[1]), np.nan)
        inside = (numbers >= start) & (numbers < start + len(window))
        window[numbers[inside] - start] = rain[inside]
        found.append(first(window))
    values = np.array(found).reshape(len(begun), rain.shape[1])
    since = asked.parameters["search_from"]
    receipt = {
        "index": asked.name,
        "time_step": asked.time_step,
        "calendar": calendar,
        "library": "csserv",
        "parameters": dict(asked.parameters),
        **told,
        **asked.told,
    }
    attributes = {"long_name": f"{told['what']}, days after {since} (month-day)"}
    lasts = timedelta(days=int(asked.parameters["search_days"]))
    spans = [(one, one + lasts) for one in begun]
    return IndexSeries(values, "d", tuple(begun), spans, attributes, receipt)


def _day_numbers(times: list[cftime.datetime], calendar: str) -> NDArray[np.int64]:
    if not times:
        return np.zeros(0, np.int64)
    return np.asarray(cftime.date2num(times, "days since 1900-01-01", calendar), np.int64)

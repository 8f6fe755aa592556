"""The normals as a climatology has them: each once, with the years that it is of (CF 1.11, 7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cftime
import numpy as np

from csserv.climatology.comparison import FILL, Comparison, Indices

Times = Sequence[cftime.datetime]
Date = tuple[int, int, int, int, int]


@dataclass(frozen=True, eq=False)
class ClimatologicalAxis:
    """The steps of the year of a comparison, rising.

    Attributes
    ----------
    times : when each begins, in the first year of the reference that has its date
    starts, ends : of the first and the last step of the reference that it is of; an end is not of
        its step
    of_asked : (asked,) the step of the year of each asked step; -1 of those that the axis leaves
        out: a part of a step, where the whole one is asked about as well
    """

    times: tuple[cftime.datetime, ...]
    starts: tuple[cftime.datetime, ...]
    ends: tuple[cftime.datetime, ...]
    of_asked: Indices


def climatological_axis(
    comparison: Comparison,
    own_year: str,
    times: Times,
    starts: Times,
    ends: Times,
    complete: Sequence[bool] = (),
) -> ClimatologicalAxis | None:
    """Find the steps of the year of a comparison; None where years have normals of their own.

    These are there with ``own_year`` "out", where several years are asked about.

    Parameters
    ----------
    times, starts, ends : of all steps: labels, and from when to when each lasts
    complete : (asked,) whether a longer step is whole; empty if all are
    """
    dates = [_date(times[n]) for n in comparison.shown.tolist()]
    chosen = _one_of_each(dates, complete)
    if own_year == "out" and len(chosen) < len(dates):
        return None
    found = []
    for date, asked in chosen.items():
        places = [n for n in comparison.samples[asked].tolist() if n != FILL]
        if not places:
            return None
        own = [times[n] for n in places if _date(times[n]) == date] or [times[places[0]]]
        begun, ended = min(starts[n] for n in places), max(ends[n] for n in places)
        found.append((min(own), begun, ended, asked))
    labels, begins, over, order = zip(*sorted(found, key=lambda one: one[0]), strict=True)
    if len(set(labels)) < len(labels):  # CF: they rise
        return None
    numbers = {dates[asked]: number for number, asked in enumerate(order)}
    is_left_out = [
        bool(complete) and not complete[n] and chosen[date] != n for n, date in enumerate(dates)
    ]
    of_asked = [
        -1 if left_out else numbers[date] for date, left_out in zip(dates, is_left_out, strict=True)
    ]
    return ClimatologicalAxis(labels, begins, over, np.array(of_asked, np.int64))


def _one_of_each(dates: Sequence[Date], complete: Sequence[bool]) -> dict[Date, int]:
    """Return of each date the first asked step that is whole; a part of one where none is."""
    whole = [n for n in range(len(dates)) if not complete or complete[n]]
    parts = [n for n in range(len(dates)) if complete and not complete[n]]
    found: dict[Date, int] = {}
    for number in (*whole, *parts):
        found.setdefault(dates[number], number)
    return found


def _date(time: cftime.datetime) -> Date:
    return time.month, time.day, time.hour, time.minute, time.second

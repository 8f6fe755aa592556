"""Says how a season stands and may end, of the results of what fell and of a forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.season import season_outlook
from csserv.errors import InvalidRequestError
from csserv.notes import Note, is_synthetic
from csserv.outlooks.season_answer import SeasonAnswer
from csserv.outlooks.season_series import Amounts, season_steps
from csserv.outputs.series import iso
from csserv.outputs.series_result import SeriesResult
from csserv.request import Period
from csserv.zonal.over_time.timestep import time_steps

#: time steps that lie on the same days every year, the shortest first
STEPS = ("daily", "pentad", "dekad", "monthly")

#: operations over a zone whose sum over time is the season's
OPERATIONS = ("mean", "sum", "total")


def season_of_results(
    results: Sequence[SeriesResult], season: Period, reference: str
) -> SeasonAnswer:
    """Say how a season stands and may end.

    Parameters
    ----------
    results : of what fell in the season and in the years of the reference, by steps of ``STEPS``;
        and of a forecast of the same zones and steps, if there is one
    season : steps that begin within it count whole
    reference : first and last year, such as "1991/2020"

    Raises
    ------
    InvalidRequestError : the results are no amounts of such steps, or have too few years
    """
    observed, *ahead = [result.json for result in results]
    for plain in (observed, *ahead):
        _check_plain(plain)
    if ahead:
        _check_same_zones(observed, ahead[0])
    asked, years = with_whole_steps(season, observed["time_step"]["name"]), Period.parse(reference)
    series = Amounts.of(observed, observed["series"])
    members = _members(ahead[0], observed["units"]) if ahead else []
    steps, starts, end = season_steps(series, asked, years, members)
    found = season_outlook(steps)
    forecast = ahead[0]["request"]["dataset"] if ahead else ""
    if steps.members is not None and not _goes_on(steps.members, found.known):
        raise InvalidRequestError(
            f"{forecast} says nothing of the steps of {observed['request']['dataset']} that are to "
            f"come, from {iso(starts[found.known])} on; its own begin {iso(members[0].times[0])} "
            f"to {iso(members[0].times[-1])}"
        )
    return SeasonAnswer(
        found=found,
        zones=tuple(one["zone"]["name"] for one in observed["series"]),
        times=tuple(map(iso, starts)),
        end=iso(end),
        units=observed["units"],
        reference=reference,
        calendar=observed["calendar"],
        forecast=forecast,
        notes=(
            *(str(Note.from_dict(note)) for note in observed.get("notes", ())),
            *_gaps(steps.now[: found.known]),
        ),
        tasks=tuple(str(plain["id"]) for plain in (observed, *ahead)),
        is_synthetic=any(map(is_synthetic, (observed, *ahead))),
    )


def with_whole_steps(season: Period, step: str) -> Period:
    """Let a season end with the step that its last day lies in: so do those of other years.

    >>> str(with_whole_steps(Period.parse("2024-03/2024-05-12"), "dekad"))
    '2024-03-01/2024-05-20'
    """
    end = season.end
    day = cftime.datetime(end.year, end.month, end.day, calendar="standard")
    (last,) = time_steps(step, [day], np.ones(1), season)
    return Period(season.start, date(*last.end))


def _check_plain(plain: Mapping[str, Any]) -> None:
    """See that a result is of single steps of one operation, which add up to a season."""
    asked = plain["request"]
    if asked["operation"] not in OPERATIONS:
        raise InvalidRequestError(
            f"{asked['dataset']}: the result has {asked['operation']}; a season's total is made of "
            f"{', '.join(OPERATIONS)}"
        )
    step = plain.get("time_step") or {}
    if step.get("name") not in STEPS or "accumulate" in step or "index" in plain:
        raise InvalidRequestError(
            f"{asked['dataset']}: a season's total is made of the values of single steps; give a "
            f"result with a time_step of {', '.join(STEPS)}"
        )


def _check_same_zones(observed: Mapping[str, Any], ahead: Mapping[str, Any]) -> None:
    known = [one["zone"] for one in observed["series"]]
    theirs = [one["zone"] for one in ahead["series"]]
    if (
        any(zone not in known for zone in theirs)
        or observed["request"]["area_sha256"] != (ahead["request"]["area_sha256"])
    ):
        raise InvalidRequestError(
            f"{observed['request']['area']} and {ahead['request']['area']} are other zones; a "
            "forecast goes on where data of the same area end"
        )


def _gaps(known: NDArray[np.float64]) -> Iterator[str]:
    """Tell that steps of the season are missing among (steps, series) that are known."""
    lacks = ~np.isfinite(known)
    if steps := int(lacks.any(axis=1).sum()):
        where = "" if lacks.all(axis=1).any() else ", in some of the zones"
        which = f"1 of the {len(known)} steps so far has"
        if steps > 1:
            which = f"{steps} of the {len(known)} steps so far have"
        yield f"{which} no data{where}; each counts as the mean of the others"


def _goes_on(members: NDArray[np.float64], known: int) -> bool:
    """Whether a forecast says anything of the steps to come, if there are any."""
    ahead = members[:, known:]
    return not ahead.size or bool(np.isfinite(ahead).any())


def _members(plain: Mapping[str, Any], units: str) -> list[Amounts]:
    """Take the members of a forecast apart: each has a series of every zone."""
    if plain["units"] != units:
        raise InvalidRequestError(
            f"the forecast is in {plain['units']}, and what fell in {units}; "
            "allowed is one in the same units"
        )
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in plain["series"]:
        groups.setdefault(str(one.get("select", {})), []).append(one)
    return [Amounts.of(plain, series) for series in groups.values()]

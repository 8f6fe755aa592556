"""Asks how a season stands and may end: one request for what fell, and one for a forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.area_lookup import AreaLike
from csserv.climatology.season import season_outlook
from csserv.errors import InvalidRequestError
from csserv.notes import Note
from csserv.outlooks.season_answer import SeasonAnswer
from csserv.outlooks.season_series import Amounts, season_steps
from csserv.outputs.series import iso
from csserv.request import Options, Period
from csserv.request.reference import STANDARD, read_reference
from csserv.zonal.over_time.timestep import time_steps

#: time steps that lie on the same days every year, the shortest first
STEPS = ("daily", "pentad", "dekad", "monthly")

#: operations over a zone whose sum over time is the season's
OPERATIONS = ("mean", "sum", "total")

#: longest season [days]
LONGEST = 366


def ask_season(
    service: Any,
    dataset: str,
    area: AreaLike,
    season: Period | str,
    against: str | bool = True,
    forecast: str = "",
    select: Mapping[str, Any] | None = None,
    operation: str = "mean",
    on_tasks: Callable[..., object] = lambda *tasks: None,
) -> SeasonAnswer:
    """Ask how a season stands, and how it may end; see ``SeasonAnswer``.

    Parameters
    ----------
    service : that the requests are submitted to, here or elsewhere
    season : first and last day or month: ``"2024-03/2024-05"``, of a year at most; steps that begin
        within it count whole, so that months or dekads may end it later
    against : years that say what is normal; True for those that suit the dataset
    forecast : dataset that goes on where ``dataset`` ends; empty for none
    select : of the forecast's dimensions, ``{"member": "*"}`` for all members
    on_tasks : called with the tasks once they are queued; may wait for them

    Raises
    ------
    InvalidRequestError : the season is longer than a year, the data are no amounts, or have too few
        years
    """
    if operation not in OPERATIONS:
        raise InvalidRequestError(
            f"operation is {operation!r}; of a season's total, allowed are {', '.join(OPERATIONS)}"
        )
    asked = season if isinstance(season, Period) else Period.parse(season)
    if (asked.end - asked.start).days + 1 > LONGEST:
        raise InvalidRequestError(f"the season {asked} is longer than a year")
    step, reference = _step_and_reference(service, dataset, operation, area, asked, against)
    asked = _with_whole_steps(asked, step)
    years = Period.parse(reference)
    whole = Period(min(years.start, asked.start), max(years.end, asked.end))
    tasks = [service.submit(dataset, operation, area, whole, time_step=step)]
    if forecast:
        given = {"time_step": step, "select": select}
        tasks.append(service.submit(forecast, operation, area, asked, **given))
    on_tasks(*tasks)
    observed, *ahead = [service.result(task) for task in tasks]
    plain = observed.json
    series = Amounts.of(plain, plain["series"])
    members = _members(ahead[0].json, plain["units"]) if ahead else []
    steps, starts, end = season_steps(series, asked, years, members)
    found = season_outlook(steps)
    if steps.members is not None and not _goes_on(steps.members, found.known):
        raise InvalidRequestError(
            f"{forecast} says nothing of the steps of {dataset} that are to come, from "
            f"{iso(starts[found.known])} on; its own begin {iso(members[0].times[0])} to "
            f"{iso(members[0].times[-1])}"
        )
    return SeasonAnswer(
        found=found,
        zones=tuple(one["zone"]["name"] for one in plain["series"]),
        times=tuple(map(iso, starts)),
        end=iso(end),
        units=plain["units"],
        reference=reference,
        calendar=plain["calendar"],
        forecast=forecast,
        notes=tuple(str(Note.from_dict(note)) for note in plain.get("notes", ())),
        tasks=tuple(task.id for task in tasks),
    )


def _goes_on(members: NDArray[np.float64], known: int) -> bool:
    """Whether a forecast says anything of the steps to come, if there are any."""
    ahead = members[:, known:]
    return not ahead.size or bool(np.isfinite(ahead).any())


def _step_and_reference(
    service: Any,
    dataset: str,
    operation: str,
    area: AreaLike,
    season: Period,
    against: str | bool,
) -> tuple[str, str]:
    """Return the shortest time step that the data have, and the reference that suits them."""
    wanted = read_reference(against)
    if not wanted:
        raise InvalidRequestError(
            f"against is {against!r}; a season is compared with other years: allowed are first and "
            f"last year, such as {STANDARD}, or True"
        )
    why: InvalidRequestError | None = None
    for step in STEPS:
        try:
            options = Options(time_step=step, against=wanted)
            found = service.request(dataset, operation, area, season, options)
        except InvalidRequestError as error:
            why = why or error
            if "steps of" not in str(error):
                raise
        else:
            return step, found.options.against
    raise why or InvalidRequestError(f"{dataset} has no steps that suit a season")


def _with_whole_steps(season: Period, step: str) -> Period:
    """Let a season end with the step that its last day lies in: so do those of other years.

    >>> str(_with_whole_steps(Period.parse("2024-03/2024-05-12"), "dekad"))
    '2024-03-01/2024-05-20'
    """
    end = season.end
    day = cftime.datetime(end.year, end.month, end.day, calendar="standard")
    (last,) = time_steps(step, [day], np.ones(1), season)
    return Period(season.start, date(*last.end))


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

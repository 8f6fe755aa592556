"""Asks how a season stands and may end: one request for what fell, and one for a forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from csserv.catalog.area_lookup import AreaLike
from csserv.errors import InvalidRequestError
from csserv.outlooks.season_answer import SeasonAnswer
from csserv.outlooks.season_of_results import OPERATIONS, STEPS, season_of_results, with_whole_steps
from csserv.request import Options, Period
from csserv.request.reference import STANDARD, read_reference
from csserv.tasks.log.task import Task

#: longest season [days]
LONGEST = 366


@dataclass(frozen=True)
class AskedSeason:
    """A season that is asked about, and the tasks that compute what its answer is made of.

    Attributes
    ----------
    season : with all of the steps that begin in it
    reference : first and last year, such as "1991/2020"
    tasks : of what fell, and of the forecast if there is one
    """

    season: Period
    reference: str
    tasks: tuple[Task, ...]


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
    on_tasks : called with the tasks once they are queued; may wait for them

    Raises
    ------
    InvalidRequestError : as of ``queue_season``; the data are no amounts, or have too few years
    """
    asked = queue_season(service, dataset, area, season, against, forecast, select, operation)
    on_tasks(*asked.tasks)
    results = [service.result(task) for task in asked.tasks]
    return season_of_results(results, asked.season, asked.reference)


def queue_season(
    service: Any,
    dataset: str,
    area: AreaLike,
    season: Period | str,
    against: str | bool = True,
    forecast: str = "",
    select: Mapping[str, Any] | None = None,
    operation: str = "mean",
    **sender: Any,
) -> AskedSeason:
    """Queue the tasks that say how a season stands, and how it may end.

    Parameters
    ----------
    service : that the requests are submitted to, here or elsewhere
    season : first and last day or month: ``"2024-03/2024-05"``, of a year at most; steps that begin
        within it count whole, so that months or dekads may end it later
    against : years that say what is normal; True for those that suit the dataset
    forecast : dataset that goes on where ``dataset`` ends; empty for none
    select : of the forecast's dimensions, ``{"member": "*"}`` for all members
    sender : who asks, as of ``service.submit``

    Raises
    ------
    InvalidRequestError : the season is longer than a year, or the data have no steps of a season
    """
    if operation not in OPERATIONS:
        raise InvalidRequestError(
            f"operation is {operation!r}; of a season's total, allowed are {', '.join(OPERATIONS)}"
        )
    asked = season if isinstance(season, Period) else Period.parse(season)
    if (asked.end - asked.start).days + 1 > LONGEST:
        raise InvalidRequestError(f"the season {asked} is longer than a year")
    step, reference = _step_and_reference(service, dataset, operation, area, asked, against)
    asked = with_whole_steps(asked, step)
    years = Period.parse(reference)
    whole = Period(min(years.start, asked.start), max(years.end, asked.end))
    tasks = [service.submit(dataset, operation, area, whole, time_step=step, **sender)]
    if forecast:
        given = {"time_step": step, "select": select, **sender}
        tasks.append(service.submit(forecast, operation, area, asked, **given))
    return AskedSeason(asked, reference, tuple(tasks))


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

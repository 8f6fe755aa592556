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


@dataclass(frozen=True)
class SeasonQuestion:
    """What is asked about a season.

    Attributes
    ----------
    dataset : of amounts, such as rain, by days, pentads, dekads or months
    season : first and last day or month: ``"2024-03/2024-05"``, of a year at most; steps that begin
        within it count whole, so that months or dekads may end it later
    against : years that say what is normal; True for those that suit the dataset
    forecast : dataset that goes on where ``dataset`` ends; empty for none
    select : of the forecast's dimensions, ``{"member": "*"}`` for all members
    operation : over each zone, one whose sum over time is the season's

    Raises
    ------
    InvalidRequestError : the season is longer than a year, or the operation or years are not
        allowed; says what is
    """

    dataset: str
    area: AreaLike
    season: Period | str
    against: str | bool = True
    forecast: str = ""
    select: Mapping[str, Any] | None = None
    operation: str = "mean"

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise InvalidRequestError(
                f"operation is {self.operation!r}; of a season's total, allowed are "
                f"{', '.join(OPERATIONS)}"
            )
        if (self.period.end - self.period.start).days + 1 > LONGEST:
            raise InvalidRequestError(f"the season {self.period} is longer than a year")
        if not self.reference:
            raise InvalidRequestError(
                f"against is {self.against!r}; a season is compared with other years: allowed are "
                f"first and last year, such as {STANDARD}, or True"
            )

    @property
    def period(self) -> Period:
        """The season as it was asked for."""
        return self.season if isinstance(self.season, Period) else Period.parse(self.season)

    @property
    def reference(self) -> str:
        """First and last year, or "default"."""
        return read_reference(self.against)


def ask_season(
    service: Any,
    question: SeasonQuestion,
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
    asked = queue_season(service, question)
    on_tasks(*asked.tasks)
    return answer_season(service, asked)


def answer_season(service: Any, asked: AskedSeason) -> SeasonAnswer:
    """Say how a season stands, of the results of its tasks; waits for them.

    Raises
    ------
    TaskError : a task has no result; says why
    InvalidRequestError : the results are no amounts, or have too few years
    """
    results = [service.result(task) for task in asked.tasks]
    return season_of_results(results, asked.season, asked.reference)


def queue_season(service: Any, question: SeasonQuestion, **sender: Any) -> AskedSeason:
    """Queue the tasks that say how a season stands, and how it may end.

    Parameters
    ----------
    service : that the requests are submitted to, here or elsewhere
    sender : who asks, as of ``service.submit``

    Raises
    ------
    InvalidRequestError : the data have no steps of a season
    """
    step, reference = _step_and_reference(service, question)
    asked, years = with_whole_steps(question.period, step), Period.parse(reference)
    whole = Period(min(years.start, asked.start), max(years.end, asked.end))
    what, given = (question.operation, question.area), {"time_step": step, **sender}
    tasks = [service.submit(question.dataset, *what, whole, **given)]
    if question.forecast:
        given["select"] = question.select
        tasks.append(service.submit(question.forecast, *what, asked, **given))
    return AskedSeason(asked, reference, tuple(tasks))


def _step_and_reference(service: Any, question: SeasonQuestion) -> tuple[str, str]:
    """Return the shortest time step that the data have, and the reference that suits them."""
    asked = (question.dataset, question.operation, question.area, question.period)
    why: InvalidRequestError | None = None
    for step in STEPS:
        try:
            options = Options(time_step=step, against=question.reference)
            found = service.request(*asked, options)
        except InvalidRequestError as error:
            why = why or error
            if "steps of" not in str(error):
                raise
        else:
            return step, found.options.against
    raise why or InvalidRequestError(f"{question.dataset} has no steps that suit a season")

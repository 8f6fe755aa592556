"""Many requests at once: combinations of some lists, or a zone for each row of a GeoDataFrame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from csserv.catalog.area_lookup import AreaLike
from csserv.errors import InvalidAreaError
from csserv.request import Options, Period
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.geodataframes import area_of_frame, is_frame
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_group import TaskGroup
from csserv.tasks.log.task_ids import id_of

if TYPE_CHECKING:
    import geopandas as gpd

    from csserv.outlooks import SeasonAnswer

One = TypeVar("One")
OneOrMany: TypeAlias = One | list[One] | tuple[One, ...]

#: options of ``submit`` that belong to the request; others are about the client and priority
OF_REQUEST = (
    *("time_step", "units", "weighting", "least_valid", "over_time", "accumulate", "select"),
    *("against", "own_year", "index", "index_options"),
)


class ManyRequests:
    """Methods for many requests, built on those that submit and look up a single one."""

    request: Callable[..., Any]
    submit: Callable[..., Task]
    task: Callable[[Task | str], Task]
    result: Callable[..., Any]

    def submit_many(
        self,
        datasets: OneOrMany[str],
        operations: OneOrMany[str],
        areas: OneOrMany[AreaLike],
        periods: OneOrMany[Period | str],
        **options: Any,
    ) -> TaskGroup:
        """Submit every combination of datasets, operations, areas and periods; each may be a list.

        All are checked before the first one is queued. Options are those of ``submit``::

            service.submit_many("chirps", ["mean", "max"], ["Kenya", "Uganda"], "2019")
        """
        every = (_several(one) for one in (datasets, operations, areas, periods))
        asked = list(product(*every))
        checked = Options.of(**{name: options[name] for name in OF_REQUEST if name in options})
        for one in asked:
            self.request(*one, checked)
        return TaskGroup(tuple(self.submit(*one, **options) for one in asked))

    def map_zones(
        self,
        frame: gpd.GeoDataFrame,
        dataset: str,
        operation: str,
        period: Period | str,
        *,
        name: str | None = None,
        **options: Any,
    ) -> Task:
        """Submit one request with a zone for each row of a GeoDataFrame.

        ``result.to_geodataframe(frame)`` joins the result to the rows, by the index.

        Parameters
        ----------
        name : the column with the zones' names; if None, a usual one (``name``, ``title``, …)
        options : those of ``submit``

        Raises
        ------
        InvalidAreaError : it is no GeoDataFrame, or has no zones
        """
        if not is_frame(frame):
            raise InvalidAreaError(
                f"a {type(frame).__name__} is no GeoDataFrame; submit() takes names, files and more"
            )
        area = area_of_frame(frame, FileChoices(name_field=name or ""))
        return self.submit(dataset, operation, area, period, **options)

    def outlook(
        self,
        dataset: str,
        area: AreaLike,
        season: Period | str,
        *,
        against: str | bool = True,
        forecast: str = "",
        select: Mapping[str, Any] | None = None,
        operation: str = "mean",
    ) -> SeasonAnswer:
        """Say how a season stands against what is normal, and how it may end; waits for the tasks.

        What fell so far goes on as a forecast says, and then as in each year of the reference::

            print(service.outlook("chirps", "Kenya/*", "2024-03/2024-05"))

        Parameters
        ----------
        dataset : of amounts, such as rain, by days, pentads, dekads or months
        season : first and last day or month, of a year at most; the data may end within it. Steps
            that begin in it count whole: months and dekads may end it later, and the answer says so
        against : years that say what is normal; True for those that suit the dataset
        forecast : dataset that goes on where the data end; empty for none
        select : of its further dimensions: ``{"member": "*"}`` for all members
        operation : over each zone

        Raises
        ------
        InvalidRequestError : the season is longer than a year, the data are no amounts, or have too
            few years; says what there is
        """
        from csserv.outlooks.ask_season import SeasonQuestion, ask_season

        question = SeasonQuestion(dataset, area, season, against, forecast, select, operation)
        return ask_season(self, question)

    def group(self, tasks: Iterable[Task | str]) -> TaskGroup:
        """Look up several tasks together, as they are now."""
        return TaskGroup(tuple(self.task(task) for task in tasks))

    def watch_group(
        self, tasks: Iterable[Task | str], interval: float = 0.1
    ) -> Iterator[TaskGroup]:
        """Yield the group each time one of its tasks has changed, until all have ended.

        Parameters
        ----------
        interval : time between looks [s]
        """
        latest: TaskGroup | None = None
        ids = [id_of(task) for task in tasks]
        while latest is None or not latest.is_final:
            group = self.group(ids)
            if group != latest:
                yield group
            else:
                time.sleep(interval)
            latest = group


def _several(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]

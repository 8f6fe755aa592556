"""The front door: one method for each thing a person can do.

Notebooks, dashboard, command line and HTTP API call this, and nothing below it.
"""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from csserv.catalog import Catalog, Layers
from csserv.catalog.catalog import day, file_names
from csserv.errors import (
    TaskCancelledError,
    TaskExpiredError,
    TaskFailedError,
    TaskNotFinishedError,
)
from csserv.outputs import Result
from csserv.request import Area, Options, Period, Request
from csserv.request.files import ENDINGS, read_area
from csserv.settings import Settings, read_settings
from csserv.tasks.background import BackgroundRunner
from csserv.tasks.filter import TaskFilter
from csserv.tasks.log import TaskLog
from csserv.tasks.runner import has_leader
from csserv.tasks.task import RequestRecord, Task, TaskState
from csserv.zonal.meaning import check_options
from csserv.zonal.operations import operation as find_operation


class Service:
    """Submit requests, watch them, and open their results.

    Parameters
    ----------
    settings : where things live
    starts_runner : whether to start a runner in the background when a task is submitted and no
        runner leads the log; it ends with this process, once what it has in hand is done
    """

    def __init__(self, settings: Settings, starts_runner: bool = True) -> None:
        self.settings = settings
        self.catalog = Catalog.read(settings.data, settings.catalog)
        self.layers = Layers.bundled()
        self._log = TaskLog(settings.home)
        self._background = BackgroundRunner(settings) if starts_runner else None

    def request(
        self,
        dataset: str,
        operation: str,
        area: Area | str | Path,
        period: Period | str,
        options: Options | None = None,
    ) -> Request:
        """Check a request, without submitting it.

        Parameters
        ----------
        dataset : name or ClimateSERV number
        operation : a name of ``csserv.zonal.operations.OPERATIONS``
        area : an area; a name like ``"Kenya"``, ``"Kenya/Rift Valley"`` or ``"Kenya/*"`` (each
            unit a zone); or the path of a GeoJSON, zipped shapefile, GeoPackage or KML file
        period : ``"2019"``, ``"2019-03"`` or ``"2019-01-01/2019-12-31"``
        options : time step, units, weighting; see ``csserv.request.Options``

        Raises
        ------
        InvalidRequestError : whatever is wrong, with what is allowed
        """
        return self._checked(dataset, operation, area, period, options)[0]

    def area(self, text: str | Path) -> Area:
        """Find an area by the name of a feature, or read it from a file."""
        path = Path(text)
        if isinstance(text, Path) or path.is_file() or path.suffix.lower() in ENDINGS:
            return read_area(path)
        return self.layers.find(text)

    def extent(self, dataset: str) -> tuple[str, str]:
        """First and last day of the data of a dataset on this machine, ``YYYY-MM-DD``."""
        first, last = self.catalog[dataset].extent()
        return day(first), day(last)

    def submit(
        self,
        dataset: str,
        operation: str,
        area: Area | str | Path,
        period: Period | str,
        *,
        time_step: str | None = None,
        units: str | None = None,
        weighting: str | None = None,
        least_valid: float | None = None,
        select: Mapping[str, Any] | None = None,
        client: str | None = None,
        priority: int = 0,
        task_id: str = "",
    ) -> Task:
        """Check a request and queue it; it is on disk when this returns.

        See :meth:`request` for the first four parameters and the errors.

        Parameters
        ----------
        time_step : "native" (as the data have it), daily, pentad, weekly, dekad, monthly,
            seasonal, yearly, or period: all of it at once. Rates such as mm/day are summed up
            over time, states such as K averaged, cell by cell, before zones are
        units : of the series, such as "degC" or "kg m-2"; those that the operation gives if None
        weighting : "area", exact, unless given; or "centre", as older services count cells
        least_valid : share of a longer step that must have data [%], 80 unless given
        select : what to take of further dimensions: ``{"member": 3}``
        client : who asks; while several wait, each client gets its turn. The user's name unless
            given
        priority : -10 to 10, higher ones are taken first
        task_id : a UUID of your own; submitting it again changes nothing, so that a program that
            did not hear the answer can ask again

        Raises
        ------
        TaskLogError : the log cannot be written; nothing was queued
        """
        options = Options.of(
            select,
            time_step=time_step,
            units=units,
            weighting=weighting,
            least_valid=least_valid,
        )
        request, files = self._checked(dataset, operation, area, period, options)
        who = _user() if client is None else client
        record = RequestRecord.of(request, files)
        task = Task.of(record, self.settings.attempts, who, priority, task_id)
        task = self._log.add(task, request.area)
        self._ensure_runner()
        return task

    def task(self, task: Task | str) -> Task:
        """Look a task up as it now stands.

        Raises
        ------
        TaskNotFoundError : no task has that id
        """
        return self._log.get(_id(task))

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        """List tasks, newest first: ``count`` of those wanted, after the ``first`` ones."""
        return self._log.find(wanted or TaskFilter(), first, count)

    @property
    def revision(self) -> int:
        """A number that rises when some task has changed; looking costs microseconds."""
        return self._log.revision

    def recent(self) -> list[Task]:
        """List open tasks and the latest finished ones, as submitted; archives are not read."""
        return self._log.all()

    def area_of(self, task: Task) -> Area:
        """Read the area that a task asks about."""
        return self._log.area(task.request)

    def start_runner(self) -> None:
        """See that a runner runs what is queued, as a submit does."""
        self._ensure_runner()

    def watch(self, task: Task | str, interval: float = 0.1) -> Iterator[Task]:
        """Yield a task each time it has changed, until it ends; look every ``interval`` [s]."""
        latest: Task | None = None
        while latest is None or not latest.state.is_final:
            current = self._log.get(_id(task))
            if latest is None or _visible(current) != _visible(latest):
                yield current
            else:
                time.sleep(interval)
            latest = current
            self._ensure_runner()

    def wait(self, task: Task | str) -> Task:
        """Wait until a task ends and return how it did."""
        *_, last = self.watch(task)
        return last

    def result(self, task: Task | str, wait: bool = True) -> Result:
        """Open the result of a task; wait for its end first, unless told not to.

        Raises
        ------
        TaskFailedError, TaskCancelledError : the task has no result; says why
        TaskNotFinishedError : the task has not ended, and ``wait`` is false
        TaskExpiredError : the result was kept for its time and is gone
        """
        last = self.wait(task) if wait else self.task(task)
        if last.state is TaskState.FAILED:
            raise TaskFailedError(f"task {last.id} failed: {last.error}")
        if last.state is TaskState.CANCELLED:
            raise TaskCancelledError(f"task {last.id} was cancelled, so it has no result")
        if last.state is not TaskState.SUCCEEDED:
            raise TaskNotFinishedError(
                f"task {last.id} is {last.state} ({last.progress:.0%}); no result yet"
            )
        result = Result(self.settings.home / "results" / last.id)
        if not result.folder.exists():
            raise TaskExpiredError(
                f"the result of task {last.id}, which ended on {str(last.finished)[:10]}, is no "
                f"longer kept ({self._kept()}); submit the request again to compute it anew"
            )
        return result

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task; one that has ended stays as it is."""
        return self._log.cancel(_id(task))

    def has_runner(self) -> bool:
        """Whether some process runs the tasks of this log at this moment."""
        return has_leader(self._log)

    def close(self) -> None:
        """Let the background runner go, when it has done what it has in hand."""
        if self._background:
            self._background.close()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _checked(
        self,
        dataset: str,
        operation: str,
        area: Area | str | Path,
        period: Period | str,
        options: Options | None,
    ) -> tuple[Request, list[str]]:
        """Check a request; return it, and the names of the files that it needs."""
        entry = self.catalog[dataset]
        wanted = find_operation(operation)
        checked = period if isinstance(period, Period) else Period.parse(period)
        place = area if isinstance(area, Area) else self.area(area)
        granules = entry.covering(checked)
        entry.check_area(place)
        request = Request(entry.name, operation, place, checked, options or Options())
        check_options(entry, granules, request.options, wanted)
        return request, file_names(granules)

    def _kept(self) -> str:
        days = self.settings.keep_days
        return f"CSSERV_KEEP_DAYS is {days} days" if days else "somebody removed it"

    def _ensure_runner(self) -> None:
        if self._background:
            self._background.ensure(self.has_runner)


def connect(settings: Settings | None = None) -> Service:
    """Open the service that the settings describe; nothing has to be started beforehand."""
    return Service(settings or read_settings())


def _id(task: Task | str) -> str:
    return task.id if isinstance(task, Task) else task


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())


def _visible(task: Task) -> tuple[object, ...]:
    return task.state, task.done, task.total, task.attempt, task.error

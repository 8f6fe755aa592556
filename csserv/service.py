"""The front door: one method for each thing a person can do.

Notebooks, dashboard, command line and HTTP API call this, and nothing below it.
"""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csserv.catalog import Catalog, Coverage, Layers
from csserv.catalog.catalog import day
from csserv.catalog.dataset_table import dataset_table
from csserv.catalog.places import Place, find_place
from csserv.errors import (
    TaskCancelledError,
    TaskExpiredError,
    TaskFailedError,
    TaskNotFinishedError,
)
from csserv.many import ManyAtOnce
from csserv.outputs import Result
from csserv.request import Area, Options, Period, Request
from csserv.request.limits import Limits
from csserv.settings import Settings
from csserv.table import Table
from csserv.tasks.cluster.worker_pool import WorkerPool
from csserv.tasks.log.overview import Overview
from csserv.tasks.log.retention import remove_task
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.plan.checked_request import CheckedRequest
from csserv.tasks.plan.estimate import Estimate, estimate
from csserv.tasks.run.background import BackgroundRunner
from csserv.tasks.run.contact import Contact
from csserv.tasks.run.leadership import has_leader
from csserv.tasks.work.partial import read_partial
from csserv.zonal.operations import operation as find_operation

if TYPE_CHECKING:  # loaded when used: pandas and rasterio are slow to import
    from csserv.checking import Explanation, Verification
    from csserv.tasks.cluster.worker_info import WorkerInfo

#: finished tasks that are looked at for how long such things take
MEASURED = 100


class Service(ManyAtOnce):
    """Submit requests, watch them, and open their results.

    Parameters
    ----------
    settings : where things live
    starts_runner : whether to start a runner in the background when a task is submitted and no
        runner leads the log; it ends with this process, once what it has in hand is done
    threaded : whether several threads call it at the same time, as those of a server do
    """

    def __init__(
        self, settings: Settings, starts_runner: bool = True, threaded: bool = False
    ) -> None:
        self.settings = settings
        self.catalog = Catalog.read(settings.data, settings.catalog)
        self.layers = Layers.bundled()
        self.limits = _limits(settings)
        self._log = TaskLog(settings.home, threaded)
        self._background = BackgroundRunner(settings) if starts_runner else None
        self._pool = WorkerPool(settings, Contact(settings))
        #: figures of the log: queue, work, failures, usage, disk
        self.overview = Overview(self._log, settings.keep_days)

    def request(
        self,
        dataset: str,
        operation: str,
        area: Place,
        period: Period | str,
        options: Options | None = None,
    ) -> Request:
        """Check a request, without submitting it.

        Parameters
        ----------
        dataset : name or ClimateSERV number
        operation : a name of ``csserv.zonal.operations.OPERATIONS``
        area : an area; a name like ``"Kenya"``, ``"Kenya/Rift Valley"`` or ``"Kenya/*"`` (each
            unit a zone); the path of a GeoJSON, zipped shapefile, GeoPackage or KML file; a
            GeoDataFrame (each row a zone); or a shapely geometry
        period : ``"2019"``, ``"2019-03"`` or ``"2019-01-01/2019-12-31"``
        options : time step, units, weighting; see ``csserv.request.Options``

        Raises
        ------
        InvalidRequestError : whatever is wrong, with what is allowed
        """
        checked = self._checked(dataset, operation, area, period, options)
        checked.check(self.limits)
        return checked.request

    def area(self, given: Place) -> Area:
        """Find an area by the name of a feature, or read it from a file, a frame or a shape.

        Files are those of this machine. Whoever asks from another one gives names to
        ``layers.find`` and files to ``csserv.request.files.reading.read_upload``.
        """
        return find_place(given, self.layers, self.limits)

    def extent(self, dataset: str) -> tuple[str, str]:
        """First and last day of the data of a dataset on this machine, ``YYYY-MM-DD``."""
        first, last = self.catalog[dataset].extent()
        return day(first), day(last)

    def coverage(self, name: str) -> Coverage:
        """Say what there is of a dataset's data on this machine, and where steps are missing."""
        return self.catalog[name].coverage()

    def submit(
        self,
        dataset: str,
        operation: str,
        area: Place,
        period: Period | str,
        *,
        time_step: str | None = None,
        units: str | None = None,
        weighting: str | None = None,
        least_valid: float | None = None,
        select: Mapping[str, Any] | None = None,
        options: Options | None = None,
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
        options : all of these at once, in their stead
        client : who asks; while several wait, each client gets its turn. The user's name unless
            given
        priority : -10 to 10, higher ones are taken first
        task_id : a UUID of your own; submitting it again changes nothing, so that a program that
            did not hear the answer can ask again

        Raises
        ------
        TaskLogError : the log cannot be written; nothing was queued
        TooManyRequestsError : the client has too many unfinished tasks
        """
        options = options or Options.of(
            select,
            time_step=time_step,
            units=units,
            weighting=weighting,
            least_valid=least_valid,
        )
        checked = self._checked(dataset, operation, area, period, options)
        checked.check(self.limits)
        who = _user() if client is None else client
        record = RequestRecord.of(checked.request, checked.files, checked.inflated)
        task = Task.of(record, self.settings.attempts, who, priority, task_id)
        task = self._log.add(task, checked.request.area, self.limits.open_tasks)
        self.ensure_runner()
        return task

    def estimate(
        self,
        dataset: str,
        operation: str,
        area: Area | str | Path,
        period: Period | str,
        options: Options | None = None,
    ) -> Estimate:
        """Say what a request would cost, and whether it would be refused; no task is made.

        See :meth:`request` for the parameters and the errors.
        """
        checked = self._checked(dataset, operation, area, period, options)
        finished = self.tasks(TaskFilter(state=TaskState.SUCCEEDED), count=MEASURED)
        found = estimate(checked, self.limits, finished)
        lacking = checked.lacking
        return replace(
            found,
            missing_steps=lacking.steps,
            missing=lacking.runs,
            queued=self.count_open(),
        )

    def task(self, task: Task | str) -> Task:
        """Look a task up as it now stands.

        Raises
        ------
        TaskNotFoundError : no task has that id
        """
        return self._log.get(_id(task))

    @property
    def datasets(self) -> Table:
        """The datasets, and what of them is here, to look through; ``("rain")`` searches them."""
        return dataset_table(self.catalog)

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        """List tasks, newest first: ``count`` of those wanted, after the ``first`` ones."""
        return self._log.find(wanted or TaskFilter(), first, count)

    def recent(self) -> list[Task]:
        """List open tasks and the latest finished ones, as submitted; archives are not read."""
        return self._log.all()

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
            self.ensure_runner()

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

    def partial(self, task: Task | str) -> dict[str, Any]:
        """Read the series of a task as far as they are known, in the form of a result's JSON.

        Returns
        -------
        the whole result of one that succeeded; else ``series`` with the steps known so far, and
        ``partial`` that is true. There are no ``series`` before the first step is known

        Raises
        ------
        TaskFailedError, TaskCancelledError, TaskExpiredError : there is no result
        """
        last = self.task(task)
        if last.state.is_final:
            return self.result(last, wait=False).json
        work = self.settings.home / "work" / f"{last.id}.{last.attempt}"
        return read_partial(work) or {"series": [], "partial": True}

    def task_area(self, task: Task | str) -> Area:
        """Read the area that a task asks about."""
        return self._log.area(self.task(task).request)

    def file_names(self, task: Task | str) -> list[str]:
        """Name the files of a result, if there are any."""
        folder = self.settings.home / "results" / _id(task)
        return sorted(path.name for path in folder.glob("*"))

    def explain(
        self, result: Result | Task | str, date: Any, zone: str | None = None
    ) -> Explanation:
        """Show the cells behind one number: how much each counts, and what it gives.

        Parameters
        ----------
        result : a result, or its task
        date : a step of the result, or a day in one: ``"2019-03-07"``
        zone : name or id; may be left out where there is but one

        Raises
        ------
        InvalidRequestError : no such step or zone; says what there is
        GranuleError : a file is gone, or the data have changed since
        """
        from csserv.checking import explain

        return explain(self._opened(result), self.catalog, date, zone)

    def verify(self, result: Result | Task | str) -> Verification:
        """Compute a result again from its receipt: identical, or what has changed."""
        from csserv.checking import verify

        return verify(self._opened(result), self.catalog)

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task; one that has ended stays as it is."""
        return self._log.cancel(_id(task))

    def delete(self, task: Task | str) -> None:
        """Remove a task that has ended, and its result.

        Raises
        ------
        TaskNotFinishedError : it has not ended; cancel it first
        """
        remove_task(self._log, self.task(task))

    def refusal(self, act: str, task: Task | None = None) -> str:
        """Say why whoever asks may not ``submit``, ``cancel`` or ``delete``; nobody is refused."""
        return ""

    @property
    def pool(self) -> WorkerPool:
        """The workers to start, drain, stop and recycle."""
        return self._pool

    def workers(self) -> list[WorkerInfo]:
        """List the workers of the runner's cluster, or of the scheduler of the settings.

        Raises
        ------
        SettingsError : no scheduler is set and no runner works, or none answers
        """
        return self._pool.list()

    def stop_worker(self, uuid: str) -> WorkerInfo:
        """Let a worker finish what it does, take nothing new, and go; ``pool`` can do more.

        Raises
        ------
        UnknownWorkerError : there is no such worker
        """
        return self._pool.stop(uuid)

    @property
    def revision(self) -> int:
        """A number that changes when something in the task log has changed."""
        return self._log.revision

    def count_open(self) -> int:
        """Count the tasks that wait or run."""
        return len(self._log.open_ids())

    def has_runner(self) -> bool:
        """Whether some process runs the tasks of this log at this moment."""
        return has_leader(self._log)

    def ensure_runner(self) -> None:
        """Start a runner in the background when none leads, unless that was not wanted."""
        if self._background:
            self._background.ensure(self.has_runner)

    def close(self, wait: bool = True) -> None:
        """Let the background runner go, and the connection to the workers.

        Parameters
        ----------
        wait : until no task is left; else, what it has in hand is queued again
        """
        self._pool.close()
        if self._background:
            self._background.close(wait)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _checked(
        self,
        dataset: str,
        operation: str,
        area: Place,
        period: Period | str,
        options: Options | None,
    ) -> CheckedRequest:
        """Check a request, but for its size."""
        entry = self.catalog[dataset]
        entry.check_here()
        wanted = find_operation(operation)
        checked = period if isinstance(period, Period) else Period.parse(period)
        place = self.area(area)
        own = options or Options()
        own = replace(own, select=tuple((dict(entry.select) | dict(own.select)).items()))
        request = Request(entry.name, operation, place, checked, own)
        return CheckedRequest.of(request, entry, wanted)

    def _opened(self, result: Result | Task | str) -> Result:
        return result if isinstance(result, Result) else self.result(result)

    def _kept(self) -> str:
        days = self.settings.keep_days
        return f"CSSERV_KEEP_DAYS is {days} days" if days else "somebody removed it"


def _limits(settings: Settings) -> Limits:
    return Limits(
        vertices=settings.max_vertices,
        zones=settings.max_zones,
        area_km2=settings.max_area,
        cell_steps=settings.max_cell_steps,
        open_tasks=settings.max_open_tasks,
    )


def _id(task: Task | str) -> str:
    return task.id if isinstance(task, Task) else task


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())


def _visible(task: Task) -> tuple[object, ...]:
    return task.state, task.done, task.total, task.attempt, task.error

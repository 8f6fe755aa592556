"""The service: one method for each thing that a person can do.

Notebooks, dashboard, command line and HTTP API call this module and nothing below it.
"""

from __future__ import annotations

import getpass
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csserv.catalog import Catalog, Coverage
from csserv.catalog.area_lookup import AreaLike, find_area
from csserv.catalog.dataset_table import dataset_table
from csserv.catalog.entry import day
from csserv.catalog.layers.layer_facts import LayerFacts, check_day
from csserv.catalog.own_layers import LayerFolder, OwnLayer, check_name, open_layers
from csserv.errors import (
    InvalidRequestError,
    TaskCancelledError,
    TaskExpiredError,
    TaskFailedError,
    TaskNotFinishedError,
)
from csserv.logs import event
from csserv.logs.request_ids import request_id_of
from csserv.many_requests import ManyRequests
from csserv.outputs import Result
from csserv.patience import Patience
from csserv.request import Area, Options, Period, Request
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.limits import LAYER_LIMITS, Limits
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
from csserv.tasks.run.cluster_connection import ClusterConnection
from csserv.tasks.run.leadership import RunnerState, has_leader, runner_state
from csserv.tasks.work.partial import read_partial
from csserv.zonal.operations import operations

if TYPE_CHECKING:  # loaded where they are used: pandas and rasterio are slow to import
    from csserv.checking import Explanation, Verification
    from csserv.tasks.cluster.worker_info import WorkerInfo

logger = logging.getLogger(__name__)

#: number of finished tasks that estimates of time are based on
MEASURED_TASKS = 100


class Service(ManyRequests):
    """Submit requests, watch their tasks, and open their results.

    Parameters
    ----------
    settings : folders, limits and the cluster to use
    starts_runner : start a runner in the background when a task is submitted and no runner leads
        the log; it ends with this process, after finishing its tasks
    threaded : whether several threads call the service at once, as in a server
    """

    def __init__(
        self, settings: Settings, starts_runner: bool = True, threaded: bool = False
    ) -> None:
        self.settings = settings
        self._patience = Patience(settings.file_timeout)
        self.catalog = Catalog.read(settings.data, settings.catalog, settings.cache, self._patience)
        self._own_layers = LayerFolder(settings.data, self._patience)
        self.layers = open_layers(self._own_layers)
        self.limits = _limits(settings)
        self._results = f"{settings.home}{os.sep}results"
        self._log = TaskLog(settings.home, threaded)
        self._background = BackgroundRunner(settings) if starts_runner else None
        self._pool = WorkerPool(settings, ClusterConnection(settings))
        #: figures about the log: queue, throughput, failures, usage, disk space
        self.overview = Overview(self._log, settings.keep_days)

    def request(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options | None = None,
    ) -> Request:
        """Check a request without submitting it.

        Parameters
        ----------
        dataset : name or ClimateSERV number
        operation : a name in ``csserv.zonal.operations.OPERATIONS``, or a percentile like ``p90``;
            or several, which are computed together: ``"mean,max,p90"``
        area : an area; a name like ``"Kenya"``, ``"Kenya/Rift Valley"`` or ``"Kenya/*"`` (each
            unit is a zone); the path of a GeoJSON, zipped shapefile, GeoPackage or KML file; a
            GeoDataFrame (each row is a zone); or a shapely geometry
        period : ``"2019"``, ``"2019-03"`` or ``"2019-01-01/2019-12-31"``
        options : time step, units, weighting; see ``csserv.request.Options``

        Raises
        ------
        InvalidRequestError : something is wrong; the message says what is allowed
        GranuleError : a file of the period is unreadable
        """
        checked = self._checked(dataset, operation, area, period, options)
        checked.check(self.limits)
        return checked.request

    def area(
        self,
        given: AreaLike,
        *,
        layer: str = "",
        name_field: str = "",
        id_field: str = "",
        crs: str = "",
        encoding: str = "",
        lon_field: str = "",
        lat_field: str = "",
    ) -> Area:
        """Make an area of a feature's name, a file, GeoJSON, a GeoDataFrame, a geometry or a box.

        Files are read on this machine. For callers on other machines, use ``layers.find`` for names
        and ``csserv.request.files.read_upload`` for files.

        Parameters
        ----------
        layer : which of several layers, folders or files in a ZIP; also ``"file.gpkg:layer"``
        name_field, id_field : fields of the names and ids of zones
        crs : coordinate system, such as ``"EPSG:32737"``, of a file that does not state it
        encoding : of the texts of a shapefile or table, such as ``"cp1256"``
        lon_field, lat_field : columns of the longitudes and latitudes of a table
        """
        choices = FileChoices(layer, name_field, id_field, crs, encoding, lon_field, lat_field)
        return find_area(given, self.layers, self.limits, choices)

    def add_layer(
        self,
        name: str,
        given: AreaLike,
        choices: FileChoices = NO_CHOICES,
        *,
        title: str = "",
        source: str = "",
        licence: str = "",
        valid_from: str = "",
        replace: bool = False,
    ) -> OwnLayer:
        """Add a layer of one's own: its zones are then areas by name, such as ``name/Turkana``.

        Parameters
        ----------
        name : small letters, digits, _ and -, such as ``kenya_counties``
        given : a file of polygons or points, a GeoDataFrame, or another area
        choices : how to read a file; see :meth:`area`
        title : what it is, in a few words
        source, licence : who made it, and what may be done with it; results say it
        valid_from : from when on its zones are as they are: ``"2013-03-04"`` or ``"2013"``
        replace : take the place of a layer of this name

        Raises
        ------
        InvalidRequestError : a name that cannot be or is taken, or a file that is none of zones
        SettingsError : the data folder cannot be written
        """
        facts = LayerFacts(source, licence, check_day(valid_from))
        check_name(name)
        area = find_area(given, self.layers, LAYER_LIMITS, choices)
        return self._own_layers.add(name, area, facts, title, replace)

    def remove_layer(self, name: str) -> None:
        """Remove a layer of one's own; results that were made with it stay.

        Raises
        ------
        UnknownLayerError : there is none of that name
        """
        self._own_layers.remove(name)

    def extent(self, dataset: str) -> tuple[str, str]:
        """First and last day of a dataset's data on this machine, ``YYYY-MM-DD``."""
        first, last = self.catalog[dataset].extent()
        return day(first), day(last)

    def coverage(self, name: str) -> Coverage:
        """Return what a dataset's files on this machine cover, and which steps are missing."""
        return self.catalog[name].coverage()

    def submit(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        *,
        time_step: str | None = None,
        units: str | None = None,
        weighting: str | None = None,
        least_valid: float | None = None,
        over_time: str | None = None,
        accumulate: int | None = None,
        select: Mapping[str, Any] | None = None,
        options: Options | None = None,
        client: str | None = None,
        priority: int = 0,
        task_id: str = "",
        request_id: str = "",
    ) -> Task:
        """Check a request and queue it as a task; when this returns, it is on disk.

        See :meth:`request` for the first four parameters and the errors.

        Parameters
        ----------
        time_step : "native" (that of the data), daily, pentad, weekly, dekad, monthly, seasonal,
            yearly, or period (all of it at once). Longer steps are made cell by cell, before zones
            are reduced: rates such as mm/day are summed over time, states such as K averaged
        units : of the series, such as "degC" or "kg m-2"; None for those of the operation
        weighting : "area" (exact shares of cells, the default), or "centre" (whole cells, as in
            older services), or "share" (shares of cells in square degrees, whatever their area, as
            exactextract, terra and Google Earth Engine have them)
        least_valid : share of a longer step that must have data, or it is missing [%]; default 80
        over_time : how longer steps are made: "sum", "mean", "max" or "min"; None for what the data
            need
        accumulate : how many time steps each step of the result holds, itself and those before it:
            ``time_step="monthly", accumulate=3`` is the rain of three months, each month anew
        select : coordinate to take of each further dimension: ``{"member": 3}``; or several,
            ``{"member": [1, 2, 5]}``, or all, ``{"member": "*"}``, each with a series of its own
        options : all of these at once, in their stead
        client : who submits it, the user's name by default; clients take turns if several wait
        priority : -10 to 10; higher ones are claimed first
        task_id : a UUID of your own; submitting it again changes nothing, so that a program that
            did not get the answer can repeat the call
        request_id : by which logs and the result name this call; made if empty

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
            over_time=over_time,
            accumulate=accumulate,
        )
        checked = self._checked(dataset, operation, area, period, options)
        checked.check(self.limits)
        who = _user() if client is None else client
        record = RequestRecord.of(checked.request, checked.files, checked.inflated)
        named = request_id_of(request_id)
        task = Task.of(record, self.settings.attempts, who, priority, task_id, named)
        task = self._log.add(task, checked.request.area, self.limits.open_tasks, is_new=not task_id)
        event(
            logger,
            "task submitted",
            task=task.id,
            request_id=task.request_id,
            client=task.client,
            dataset=task.request.dataset,
            operation=task.request.operation,
        )
        self.ensure_runner()
        return task

    def fetch(
        self,
        product: str,
        first: str | None = None,
        last: str | None = None,
        *,
        box: Sequence[float] | None = None,
        streams: Sequence[str] = (),
        recheck: bool = False,
        client: str | None = None,
    ) -> Task:
        """Queue a task that fetches a product from its provider, or what is new of it.

        Parameters
        ----------
        product : its name, such as "chirps3"; `csserv fetch --list` shows all
        first, last : day, month or year; None for the days of the last fetch, up to today
        box : west, south, east, north [degrees]; None for the box of the last fetch, or all of it
        streams : such as "final"; none for those of the last fetch, or all
        recheck : look at all days anew, also at old ones that are final

        Raises
        ------
        InvalidRequestError : no such product or stream, days that are none, another box than before
        SettingsError : the catalog's row of the dataset is not csserv's own
        """
        from csserv.ingest.open_fetch import asked_for  # not needed by who reads only
        from csserv.ingest.products.product_table import Products
        from csserv.tasks.plan.fetch_task import fetch_record

        asked = asked_for(first, last, box, streams, recheck)
        found = Products.read(self.settings.provider_base)[product]
        record, area = fetch_record(self.catalog, found, asked)
        who = _user() if client is None else client
        task = Task.of(record, self.settings.attempts, who)
        task = self._log.add(task, area, self.limits.open_tasks, is_new=True)
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
        """Estimate what a request would cost, and whether it would be refused; no task is made.

        See :meth:`request` for the parameters and the errors.
        """
        checked = self._checked(dataset, operation, area, period, options)
        finished = self.tasks(TaskFilter(state=TaskState.SUCCEEDED), count=MEASURED_TASKS)
        found = estimate(checked, self.limits, finished)
        lacking = checked.lacking
        return replace(
            found,
            missing_steps=lacking.steps,
            missing=lacking.runs,
            queued=self.count_open(),
        )

    def task(self, task: Task | str) -> Task:
        """Look up a task as it is now.

        Raises
        ------
        TaskNotFoundError : no task has that id
        TaskExpiredError : there was one, and its record is no longer kept
        """
        return self._log.get(_id(task))

    @property
    def datasets(self) -> Table:
        """The datasets and their coverage as a table; call it with a text to search it."""
        return dataset_table(self.catalog)

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        """List tasks, newest first: ``count`` of those wanted, after the ``first`` ones."""
        return self._log.find(wanted or TaskFilter(), first, count)

    def recent(self) -> list[Task]:
        """List open tasks and the latest finished ones, in the order of submission."""
        return self._log.all()

    def watch(self, task: Task | str, interval: float = 0.1) -> Iterator[Task]:
        """Yield a task each time it has changed, until it ends.

        Parameters
        ----------
        interval : time between looks [s]
        """
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
        """Wait until a task ends, and return it."""
        *_, last = self.watch(task)
        return last

    def result(self, task: Task | str, wait: bool = True) -> Result:
        """Open the result of a task; waits until it ends, unless ``wait`` is false.

        Raises
        ------
        TaskFailedError, TaskCancelledError : the task has no result; says why
        TaskNotFinishedError : the task has not ended, and ``wait`` is false
        TaskExpiredError : the result is no longer kept
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
        if last.request.fetch:
            raise InvalidRequestError(
                f"task {last.id} has fetched {last.request.dataset}, and has no result to open; "
                f"ask for it: csserv submit {last.request.dataset} …"
            )
        result = Result(Path(self._results, last.id))
        if not result.folder.exists():
            raise TaskExpiredError(
                f"the result of task {last.id}, which ended on {str(last.finished)[:10]}, is no "
                f"longer kept ({self._kept()}); submit the request again to compute it anew"
            )
        return result

    def partial(self, task: Task | str) -> dict[str, Any]:
        """Return the series of a task as far as they are known, in the form of a result's JSON.

        Returns
        -------
        the whole result if the task succeeded; else ``series`` with the steps known so far, and
        ``partial``, which is true. There are no ``series`` before the first step is known

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
        """Read the area of a task."""
        return self._log.area(self.task(task).request)

    def file_names(self, task: Task | str) -> list[str]:
        """List the file names of a task's result; empty if it has none."""
        # not by pathlib, which takes four times as long: lists of tasks ask for each
        with suppress(FileNotFoundError, NotADirectoryError):
            return sorted(os.listdir(f"{self._results}{os.sep}{_id(task)}"))  # noqa: PTH208
        return []

    def explain(
        self,
        result: Result | Task | str,
        date: Any,
        zone: str | None = None,
        operation: str | None = None,
        select: Mapping[str, Any] | None = None,
    ) -> Explanation:
        """Read the cells behind one number: how much each counts, and what it contributes.

        Parameters
        ----------
        result : a result, or its task
        date : a step of the result, or a day in one: ``"2019-03-07"``
        zone : name or id; needed only if there are several
        operation : of several, the first if None
        select : coordinate of each dimension of which the result has several: ``{"member": 3}``

        Raises
        ------
        InvalidRequestError : no such step, zone, operation or coordinate; says what there is
        GranuleError : a file is gone, or the data have changed since
        """
        from csserv.checking import explain

        return explain(self._opened(result), self.catalog, date, zone, operation, select)

    def verify(
        self,
        result: Result | Task | Path | str,
        whole: bool = False,
        on_file: Callable[[int, int], None] = lambda done, total: None,
    ) -> Verification:
        """Compute a result again, and say whether it is identical or what has changed.

        Parameters
        ----------
        result : a result, its task, or the path of its folder or of its JSON file, even of a copy
        whole : also read each file byte by byte, and keep the SHA-256 beside the JSON the first
            time, to compare with them later
        on_file : called after each file that is read as a whole: how many are, of how many
        """
        from csserv.checking import open_result, verify

        if isinstance(result, str) and (result.endswith(".json") or "/" in result):
            result = Path(result)
        if isinstance(result, Path):
            opened = open_result(result, self.settings.home)
        else:
            opened = self._opened(result)
        return verify(opened, self.catalog, whole, on_file)

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task; one that has ended stays as it is."""
        return self._log.cancel(_id(task))

    def delete(self, task: Task | str) -> None:
        """Remove a finished task and its result.

        Raises
        ------
        TaskNotFinishedError : it has not ended; cancel it first
        """
        remove_task(self._log, self.task(task))

    def refusal(self, act: str, task: Task | None = None) -> str:
        """Say why the caller may not ``submit``, ``cancel`` or ``delete``; empty: all may here."""
        return ""

    @property
    def pool(self) -> WorkerPool:
        """The pool of workers, to start, drain, stop and recycle them."""
        return self._pool

    def workers(self) -> list[WorkerInfo]:
        """List the workers of the settings' scheduler, or else of the runner's cluster.

        Raises
        ------
        SettingsError : no scheduler is set and no runner works, or none answers
        """
        return self._pool.list()

    def stop_worker(self, uuid: str) -> WorkerInfo:
        """Let a worker finish its call, take no new one, and leave; ``pool`` can do more.

        Raises
        ------
        UnknownWorkerError : no worker has that uuid
        """
        return self._pool.stop(uuid)

    @property
    def revision(self) -> int:
        """A number that rises whenever a change of the task log is noticed."""
        return self._log.revision

    def count_open(self) -> int:
        """Count the tasks that wait or run."""
        return len(self._log.open_ids())

    def has_runner(self) -> bool:
        """Whether some process runs the tasks of this log now."""
        return has_leader(self._log)

    def runner_state(self) -> RunnerState:
        """Look whether a runner leads and its loop lives, and which files do not answer."""
        return runner_state(self.settings.home, self._patience.silences())

    def ensure_runner(self) -> None:
        """Start a runner in the background if none leads, and the service may start one."""
        if self._background:
            self._background.ensure(self.has_runner)

    def close(self, wait: bool = True) -> None:
        """Stop the background runner, and close the connection to the workers.

        Parameters
        ----------
        wait : first finish all tasks; if False, running tasks are queued again
        """
        self._pool.close()
        self._patience.close()
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
        area: AreaLike,
        period: Period | str,
        options: Options | None,
    ) -> CheckedRequest:
        """Check a request, except for its size."""
        entry = self.catalog[dataset]
        wanted = operations(operation)
        checked = period if isinstance(period, Period) else Period.parse(period)
        place = self.area(area)
        own = options or Options()
        own = replace(own, select=tuple((dict(entry.select) | dict(own.select)).items()))
        request = Request(entry.name, ",".join(wanted), place, checked, own)
        return CheckedRequest.of(request, entry, tuple(wanted.values()))

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
    except (KeyError, OSError):  # the user of a container may have no name
        return str(os.getuid())


def _visible(task: Task) -> tuple[object, ...]:
    return task.state, task.done, task.total, task.attempt, task.error

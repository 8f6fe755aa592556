"""The service: one method for each thing that a person can do.

Notebooks, dashboard, command line and HTTP API call this module and nothing below it.
"""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csserv.catalog import Catalog, Coverage
from csserv.catalog.area_lookup import AreaLike, find_area
from csserv.catalog.dataset_table import dataset_table
from csserv.catalog.entry import day
from csserv.catalog.layers.layer_facts import LayerFacts, check_day
from csserv.catalog.own_layers import LayerFolder, OwnLayer, check_name, open_layers
from csserv.finished_results import FinishedResults
from csserv.logs.request_ids import request_id_of
from csserv.machine.patience import Patience
from csserv.methods import Sender, ServiceMethods
from csserv.outputs import Result
from csserv.request import Area, Options, Period, Request
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.limits import LAYER_LIMITS, Limits
from csserv.request.plain_text import one_line
from csserv.settings import Settings
from csserv.table import Table
from csserv.tasks.cluster.worker_pool import WorkerPool
from csserv.tasks.log.overview import Overview
from csserv.tasks.log.retention import remove_task
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_ids import id_of
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.plan.checked_request import CheckedRequest
from csserv.tasks.plan.estimate import Estimate, estimate
from csserv.tasks.plan.reference_years import settle_reference
from csserv.tasks.run.background import BackgroundRunner
from csserv.tasks.run.cluster_connection import ClusterConnection
from csserv.tasks.run.leadership import RunnerState, has_leader, runner_state
from csserv.zonal.operations import operations

if TYPE_CHECKING:  # loaded where they are used: pandas and rasterio are slow to import
    from csserv.checking import Explanation, IndexExplanation, Moved, Verification
    from csserv.tasks.cluster.worker_info import WorkerInfo

#: number of finished tasks that estimates of time are based on
MEASURED_TASKS = 100

#: who watches a task looks no more often, however often others change the log [s]
PAUSE = 0.002


class Service(ServiceMethods):
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
        self._results = FinishedResults(settings.home, settings.keep_days)
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
        checked = self._checked(dataset, operation, area, period, options)
        checked.check(self.limits)
        return checked.request

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
        facts = LayerFacts(source, licence, check_day(valid_from))
        check_name(name)
        area = find_area(given, self.layers, LAYER_LIMITS, choices)
        return self._own_layers.add(name, area, facts, title, replace)

    def remove_layer(self, name: str) -> None:
        self._own_layers.remove(name)

    def extent(self, dataset: str) -> tuple[str, str]:
        first, last = self.catalog[dataset].extent()
        return day(first), day(last)

    def coverage(self, name: str) -> Coverage:
        return self.catalog[name].coverage()

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
        request_id: str = "",
    ) -> Task:
        """Queue a task that fetches a product from its provider, or what is new of it.

        Parameters
        ----------
        product : its name or number, such as "chirps3"; `csserv fetch --list` shows all
        first, last : day, month or year; None for the days of the last fetch, up to today
        box : west, south, east, north [degrees]; None for the box of the last fetch, or all of it
        streams : such as "final"; none for those of the last fetch, or all
        recheck : look at all days anew, also at old ones that are final
        client, request_id : as of :meth:`submit`

        Raises
        ------
        InvalidRequestError : no such product or stream, days that are none, another box than before
        SettingsError : the catalog's row of the dataset is not csserv's own
        """
        # not needed by who reads only
        from csserv.ingest.open_fetch import asked_for, product_named
        from csserv.ingest.products.product_table import Products
        from csserv.tasks.plan.fetch_task import fetch_record

        asked = asked_for(first, last, box, streams, recheck)
        found = product_named(Products.read(self.settings.provider_base), self.catalog, product)
        record, area = fetch_record(self.catalog, found, asked)
        return self._add(record, area, Sender(client, request_id=request_id))

    def prepare(
        self,
        dataset: str,
        area: AreaLike,
        operation: str = "mean",
        period: Period | str | None = None,
        *,
        options: Options | None = None,
        client: str | None = None,
        request_id: str = "",
    ) -> Task:
        """Queue a task that computes numbers and keeps them, so that requests for them are quick.

        Parameters
        ----------
        area : such as "Kenya/*"; its zones may be asked for one by one later, in any order
        operation : one or several, of which numbers are kept: not maps
        period : None for all of the data; with the next such task, what is new is added
        options : time step, weighting and so on, as requests will have them
        client, request_id : as of :meth:`submit`

        Raises
        ------
        InvalidRequestError : such numbers are not kept, or would take more than the store may
        """
        # not needed by who reads only
        from csserv.tasks.plan.preparation import ALL, OF_PERIOD, preparation_record, whole_period

        kind = ALL if period is None else OF_PERIOD
        wanted = whole_period(self.coverage(dataset)) if period is None else period
        checked = self._checked(dataset, operation, area, wanted, options)
        record = preparation_record(checked, self.settings.store_max, kind)
        checked.check(replace(self.limits, result_mb=None))
        return self._add(record, checked.request.area, Sender(client, request_id=request_id))

    def make_sums(
        self,
        dataset: str,
        step: str = "monthly",
        *,
        client: str | None = None,
        request_id: str = "",
    ) -> Task:
        """Queue a task that makes time sums: what each cell adds up to in each month.

        Parameters
        ----------
        step : "monthly", "dekad" or "pentad"
        client, request_id : as of :meth:`submit`

        Raises
        ------
        InvalidRequestError : the dataset cannot be summed up over time
        """
        from csserv.tasks.plan.sums.sums_jobs import plan_sums  # not needed by who reads only

        plan = plan_sums(self.catalog[dataset], step)
        return self._add(plan.record, plan.area, Sender(client, request_id=request_id))

    def estimate(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options | None = None,
    ) -> Estimate:
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
        return self._log.get(id_of(task))

    @property
    def datasets(self) -> Table:
        """The datasets and their coverage as a table; call it with a text to search it."""
        return dataset_table(self.catalog)

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        return self._log.find(wanted or TaskFilter(), first, count)

    def recent(self) -> list[Task]:
        """List open tasks and the latest finished ones, in the order of submission."""
        return self._log.all()

    def watch(self, task: Task | str, interval: float = 0.1) -> Iterator[Task]:
        latest: Task | None = None
        with self._log.changes() as changes:
            while latest is None or not latest.state.is_final:
                current = self._log.get(id_of(task))
                if latest is None or _visible(current) != _visible(latest):
                    yield current
                else:
                    changes.wait(interval)
                    time.sleep(min(interval, PAUSE))
                latest = current
                self.ensure_runner()

    def result(self, task: Task | str, wait: bool = True) -> Result:
        return self._results.open(self.wait(task) if wait else self.task(task))

    def partial(self, task: Task | str) -> dict[str, Any]:
        return self._results.partial(self.task(task))

    def task_area(self, task: Task | str) -> Area:
        return self._log.area(self.task(task).request)

    def file_names(self, task: Task | str) -> list[str]:
        return self._results.file_names(id_of(task))

    def explain(
        self,
        result: Result | Task | str,
        date: Any,
        zone: str | None = None,
        operation: str | None = None,
        select: Mapping[str, Any] | None = None,
    ) -> Explanation | IndexExplanation:
        from csserv.checking import explain

        return explain(self._opened(result), self.catalog, date, zone, operation, select)

    def verify(
        self,
        result: Result | Task | Path | str,
        whole: bool = False,
        on_file: Callable[[int, int], None] = lambda done, total: None,
    ) -> Verification:
        from csserv.checking import verify

        return verify(self._kept_result(result), self.catalog, whole, on_file)

    def moved(self, result: Result | Task | Path | str) -> Moved:
        from csserv.checking import moved

        return moved(self._kept_result(result), self.catalog)

    def cancel(self, task: Task | str) -> Task:
        return self._log.cancel(id_of(task))

    def delete(self, task: Task | str) -> None:
        remove_task(self._log, self.task(task))

    def refusal(self, act: str, task: Task | None = None) -> str:
        """Say why the caller may not ``submit``, ``cancel`` or ``delete``; empty: all may here."""
        return ""

    @property
    def pool(self) -> WorkerPool:
        """The pool of workers, to start, drain, stop and recycle them."""
        return self._pool

    def workers(self) -> list[WorkerInfo]:
        return self._pool.list()

    def stop_worker(self, uuid: str) -> WorkerInfo:
        return self._pool.stop(uuid)

    @property
    def revision(self) -> int:
        """A number that rises whenever a change of the task log is noticed."""
        return self._log.revision

    def count_open(self) -> int:
        return len(self._log.open_ids())

    def has_runner(self) -> bool:
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

    def _queue(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options,
        sender: Sender,
    ) -> Task:
        checked = self._checked(dataset, operation, area, period, options)
        checked.check(self.limits)
        record = RequestRecord.of(checked.request, checked.files, checked.inflated)
        return self._add(record, checked.request.area, sender)

    def _add(self, record: RequestRecord, area: Area, sender: Sender) -> Task:
        """Queue a task, and see that somebody runs it."""
        who = _user() if sender.client is None else sender.client
        named = request_id_of(sender.request_id)
        task = Task.of(record, self.settings.attempts, who, sender.priority, sender.task_id, named)
        task = self._log.add(task, area, self.limits.open_tasks, is_new=not sender.task_id)
        self.ensure_runner()
        return task

    def _find_area(self, given: AreaLike, choices: FileChoices) -> Area:
        return find_area(given, self.layers, self.limits, choices)

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
        own = settle_reference(entry, checked, own)
        request = Request(entry.name, ",".join(wanted), place, checked, own)
        return CheckedRequest.of(request, entry, tuple(wanted.values()))

    def _kept_result(self, result: Result | Task | Path | str) -> Result:
        """Open a result of a task, or one that lies anywhere."""
        from csserv.checking import open_result

        if isinstance(result, str) and (result.endswith(".json") or "/" in result):
            result = Path(result)
        if isinstance(result, Path):
            return open_result(result, self.settings.home)
        return self._opened(result)

    def _opened(self, result: Result | Task | str) -> Result:
        return result if isinstance(result, Result) else self.result(result)


def _limits(settings: Settings) -> Limits:
    return Limits(
        vertices=settings.max_vertices,
        zones=settings.max_zones,
        area_km2=settings.max_area,
        cell_steps=settings.max_cell_steps,
        open_tasks=settings.max_open_tasks,
        result_mb=settings.max_result,
    )


def _user() -> str:
    try:
        return one_line(getpass.getuser())
    except (KeyError, OSError):  # the user of a container may have no name
        return str(os.getuid())


def _visible(task: Task) -> tuple[object, ...]:
    return task.state, task.done, task.total, task.attempt, task.error

"""csserv's own way: the calls that the runner makes, on two dask workers."""

from __future__ import annotations

import os
import queue
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import psutil
from distributed import Future
from numpy.typing import NDArray

from benchmarks.archive import LAYOUTS, VARIABLE, folder_of
from benchmarks.cases import Case
from csserv.catalog import Catalog
from csserv.catalog.catalog import TABLE
from csserv.catalog.toml_table import put_rows
from csserv.outputs import Result
from csserv.request import Period, Request
from csserv.tasks.cluster.cluster import Cluster
from csserv.tasks.cluster.connection import open_cluster
from csserv.tasks.log.task import RequestRecord, Task
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.attempt_plan import plan_attempt
from tests.processes import workers_below

Values = NDArray[np.float64]


def catalog_of(root: Path) -> Catalog:
    """Name each layout as a dataset."""
    rows = {
        name: {
            "title": name,
            "variable": VARIABLE,
            "files": f"{folder_of(root, name).name}/*.nc",
            "time_step": "day",
        }
        for name in LAYOUTS
    }
    put_rows(root / TABLE, rows)
    return Catalog.read(root)


@dataclass
class Ours:
    """An open cluster, and where its work lies."""

    cluster: Cluster
    catalog: Catalog
    home: Path
    short: set[Case] = field(default_factory=set)

    def answer(self, case: Case) -> Path:
        """Plan and run a case as the runner does; what takes less than 50 ms is run here.

        Returns the folder of the result; the answer before it is removed.
        """
        shutil.rmtree(self.home / "results", ignore_errors=True)
        attempt = plan(case, self.catalog, self.home)
        if case in self.short:
            (call,) = attempt.waiting
            call.function(*call.args)
        else:
            self.run(attempt)
        shutil.rmtree(attempt.context.work, ignore_errors=True)
        return self.home / "results" / attempt.task.id

    def run(self, attempt: Attempt) -> None:
        """Give the calls of an attempt to the workers, until all are done."""
        news: queue.Queue[Future[Any]] = queue.Queue()
        free = self.cluster.addresses()
        while not attempt.is_done:
            while attempt.waiting and free:
                worker = free.pop()
                started = attempt.start(attempt.waiting[0], self.cluster, worker, worker)
                started.add_done_callback(news.put)
            future = news.get()
            future.result()
            free.append(attempt.in_progress[str(future.key)].worker)
            attempt.finish_call(str(future.key))

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes of the workers."""
        return workers_below(os.getpid())


def values(folder: Path) -> Values:
    """Read the values of a result, ``(steps, zones)``."""
    return np.array([one["value"] for one in Result(folder).json["series"]], float).T


def plan(case: Case, catalog: Catalog, home: Path) -> Attempt:
    """Plan a case."""
    request = Request(case.layout, case.operation, case.area, Period.parse(case.period))
    return plan_request(request, catalog, home)


def plan_request(request: Request, catalog: Catalog, home: Path) -> Attempt:
    """Plan any request, as the runner does."""
    record = RequestRecord.of(request)
    areas = home / "areas"
    areas.mkdir(parents=True, exist_ok=True)
    file = areas / f"{record.area}.geojson"
    if not file.exists():
        file.write_text(request.area.geojson, encoding="utf-8")
    task = Task.of(record, attempts=1, task_id=str(uuid4())).claimed(60)
    return plan_attempt(task, request.area, catalog, home)


@contextmanager
def ours(
    root: Path, home: Path, workers: int = 2, catalog: Catalog | None = None
) -> Iterator[Ours]:
    """Start workers; the catalog is that of all layouts, unless it is given."""
    with open_cluster(None, workers, "4GiB") as cluster:
        while len(cluster.addresses()) < workers:
            time.sleep(0.1)
        yield Ours(cluster, catalog or catalog_of(root), home)

"""One attempt at one task: its blocks, those in flight, and what is done of them."""

from __future__ import annotations

import shutil
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distributed import Future

from csserv.catalog import Catalog, Grid
from csserv.errors import GranuleError
from csserv.request import Area, Period
from csserv.tasks.blocks import Block, plan_blocks
from csserv.tasks.cluster import Cluster
from csserv.tasks.task import Task
from csserv.tasks.worker import Job, assemble, prepare_weights, process_block
from csserv.zonal.operations import OPERATIONS


@dataclass(eq=False)
class Drive:
    """A task on its way: weights, then blocks, then the assembling."""

    task: Task
    job: Job
    document: dict[str, Any]
    weights: dict[Grid, Future[Any]]
    waiting: deque[Block]
    total: int
    finished_steps: int = 0
    reported_steps: int = 0
    futures: list[Future[Any]] = field(default_factory=list)
    in_flight: dict[str, int] = field(default_factory=dict)  #: key of a call → its steps
    assembling: Future[Any] | None = None

    @property
    def done(self) -> int:
        """Steps processed: those of finished blocks, and what blocks in flight reported."""
        return min(self.total, max(self.finished_steps, self.reported_steps))

    def next_block(self, cluster: Cluster) -> Future[Any]:
        """Start the next waiting block."""
        block = self.waiting.popleft()
        key = f"{self.job.task}.{self.job.attempt}-block-{len(self.futures)}"
        weights = self.weights[block.granule.header().grid]
        future = cluster.submit(process_block, block, weights, self.job, key=key)
        self.futures.append(future)
        self.in_flight[str(future.key)] = len(block.steps)
        return future

    def arrived(self, future: Future[Any]) -> None:
        """Count the steps of a block that is done."""
        self.finished_steps += self.in_flight.pop(str(future.key), 0)

    def assemble(self, cluster: Cluster) -> Future[Any]:
        """Start the assembling, on a worker."""
        key = f"{self.job.task}.{self.job.attempt}-assemble"
        weights = next(iter(self.weights.values()))
        self.assembling = cluster.submit(
            assemble, self.job, weights, self.futures, self.document, key=key
        )
        return self.assembling

    def give_up(self) -> None:
        """Cancel what is in flight; a running block notices that its folder is gone."""
        for future in [*self.weights.values(), *self.futures, self.assembling]:
            if future is not None:
                future.cancel()
        shutil.rmtree(self.job.work, ignore_errors=True)


def start_drive(task: Task, area: Area, catalog: Catalog, home: Path, cluster: Cluster) -> Drive:
    """Plan a task and start computing its weights.

    Raises
    ------
    CsservError : the request cannot be served, or a granule is unreadable
    """
    record = task.request
    entry = catalog[record.dataset]
    period = Period.parse(record.period)
    granules = entry.covering(period)
    entry.check_area(area)
    blocks = plan_blocks(granules, period, area)
    days = [(t.year, t.month, t.day) for _, h in granules for t in h.times]
    job = Job(
        task=task.id,
        attempt=task.attempt,
        operation=record.operation,
        granule=granules[0][0],
        daily=len(set(days)) == len(days),
        work=home / "work" / f"{task.id}.{task.attempt}",
        results=home / "results",
    )
    job.parts.mkdir(parents=True, exist_ok=True)
    grids = {header.grid for _, header in granules}
    if len(grids) > 1 and OPERATIONS[record.operation].export:
        raise GranuleError(f"the files of {entry.name} have different grids; no export of them")
    weights = {
        grid: cluster.submit(
            prepare_weights, grid, area.geojson, key=f"{task.id}.{task.attempt}-weights-{number}"
        )
        for number, grid in enumerate(grids)
    }
    document = {
        "request": {
            "dataset": record.dataset,
            "operation": record.operation,
            "period": record.period,
            "area": record.area_title,
            "area_sha256": record.area,
            "fingerprint": record.fingerprint,
        },
        "zones": [{"id": zone.id, "name": zone.name} for zone in area.zones],
        "units": granules[0][1].units or entry.units,
        "dataset": entry.describe(),
        "granules": [granule.describe() for granule, _ in granules],
        "started": task.started,
    }
    steps = sum(len(block.steps) for block in blocks)
    return Drive(task, job, document, weights, deque(blocks), steps)

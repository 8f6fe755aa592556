"""One attempt at one task: its blocks, those in flight, and what is done of them."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from distributed import Future

from csserv.catalog import Catalog
from csserv.errors import EmptySelectionError, GranuleError, TaskFailedError
from csserv.request import Area, Period
from csserv.tasks.blocks import Block, plan_blocks
from csserv.tasks.cluster import Cluster
from csserv.tasks.task import Task
from csserv.tasks.worker import Job, assemble, prepare_weights, process_block
from csserv.zonal.operations import OPERATIONS


@dataclass(eq=False)
class Call:
    """One thing for a worker to do; it is done again when its worker dies."""

    name: str  #: in words, for the one who reads why a task failed
    function: Callable[..., None]
    args: tuple[Any, ...]
    number: int = -1  #: of a block
    steps: int = 0
    reported: int = 0  #: steps that the worker says are done
    tries: int = 0
    worker: str = ""
    future: Future[Any] | None = None


@dataclass(eq=False)
class Drive:
    """A task on its way: weights, then blocks, then the assembling."""

    task: Task
    job: Job
    waiting: deque[Call]  #: can be started now
    later: deque[list[Call]]  #: the groups that follow, each when all before it is done
    total: int
    in_hand: dict[str, Call] = field(default_factory=dict)  #: key → call
    finished_steps: int = 0

    @property
    def done(self) -> int:
        """Steps processed: those of finished blocks, and what blocks in hand reported."""
        reported = sum(call.reported for call in self.in_hand.values())
        return min(self.total, self.finished_steps + reported)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.waiting or self.in_hand or self.later)

    def start(self, cluster: Cluster, worker: str) -> Future[Any]:
        """Start the next waiting call on a worker."""
        call = self.waiting.popleft()
        call.tries += 1
        call.reported = 0
        call.worker = worker
        key = f"{self.job.task}.{self.job.attempt}-{call.function.__name__}-{uuid4().hex[:8]}"
        call.future = cluster.submit(call.function, *call.args, key=key, worker=worker)
        self.in_hand[key] = call
        return call.future

    def report(self, number: int, steps: int) -> None:
        """Note how many steps of a block its worker has done."""
        for call in self.in_hand.values():
            if call.number == number:
                call.reported = min(steps, call.steps)

    def arrived(self, key: str) -> None:
        """Note that a call is done; when its group is, the next one can start."""
        call = self.in_hand.pop(key)
        call.future = None  # dask forgets the call: nothing is lost with its worker
        self.finished_steps += call.steps
        if not (self.waiting or self.in_hand) and self.later:
            self.waiting.extend(self.later.popleft())

    def died(self, key: str, how: str) -> None:
        """Put a call whose worker died back in front.

        Raises
        ------
        TaskFailedError : it has killed as many workers as the task may have attempts
        """
        call = self.in_hand.pop(key)
        if call.tries >= self.task.attempts:
            times = f", {call.tries} times" if call.tries > 1 else ""
            raise TaskFailedError(f"{how} while it worked on {call.name}{times}")
        self.waiting.appendleft(call)

    def lost(self, workers: Container[str]) -> None:
        """Put calls back in front whose workers have left in good order: nobody is to blame."""
        for key, call in list(self.in_hand.items()):
            if call.worker in workers:
                self.in_hand.pop(key)
                call.tries -= 1
                if call.future is not None:
                    call.future.cancel()
                self.waiting.appendleft(call)

    def give_up(self) -> None:
        """Cancel what is in hand; a running call notices that its folder is gone."""
        for call in self.in_hand.values():
            if call.future is not None:
                call.future.cancel()
        # renamed first: a running call that goes on writing cannot fill it again
        gone = self.job.work.with_name(f"{self.job.work.name}.gone")
        with suppress(FileNotFoundError):
            self.job.work.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def plan_drive(task: Task, area: Area, catalog: Catalog, home: Path) -> Drive:
    """Plan a task, and make its work folder.

    Raises
    ------
    CsservError : the request cannot be served, or a granule is unreadable
    """
    record = task.request
    entry = catalog[record.dataset]
    period = Period.parse(record.period)
    try:
        granules = entry.covering(period)
    except EmptySelectionError:
        record.check([])
        raise
    record.check([granule.path.name for granule, _ in granules])
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
    areas = home / "areas" / f"{record.area}.geojson"
    weights = [Call("the weights", prepare_weights, (job, grid, areas)) for grid in grids]
    last = Call("the result", assemble, (job, len(blocks), blocks[0].grid, document))
    return Drive(
        task=task,
        job=job,
        waiting=deque(weights),
        later=deque([[_block_call(job, *item) for item in enumerate(blocks)], [last]]),
        total=sum(len(block.steps) for block in blocks),
    )


def _block_call(job: Job, number: int, block: Block) -> Call:
    name = block.granule.path.name
    return Call(name, process_block, (job, number, block), number, len(block.steps))

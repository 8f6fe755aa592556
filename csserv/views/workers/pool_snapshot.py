"""A snapshot of the worker pool, and sentences about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csserv.errors import CsservError
from csserv.language import listed, tr
from csserv.service import Service
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.tasks.cluster.worker_pool import LATE_AFTER
from csserv.views.parts.amounts import counted
from csserv.views.tasks.task_texts import title
from csserv.views.tasks.workers_at_work import working_on
from csserv.views.workers.worker_table import SIGNS, short_name


@dataclass(frozen=True)
class PoolSnapshot:
    """The state of the worker pool at one moment.

    Attributes
    ----------
    titles : id and title of each task in work
    starting : number of workers that were started and have not joined yet
    overdue : number of workers that did not join in time
    problem : why the pool cannot be read; empty if it can
    """

    workers: Sequence[WorkerInfo] = ()
    titles: tuple[tuple[str, str], ...] = ()
    starting: int = 0
    overdue: int = 0
    problem: str = ""

    @classmethod
    def of(cls, service: Service) -> PoolSnapshot:
        """Read the state of the pool; call this in a thread."""
        try:
            pool = service.pool
            found = pool.list()
        except CsservError as error:
            return cls(problem=str(error))
        titles = []
        for task_id in working_on(found):
            try:
                titles.append((task_id, title(service.task(task_id))))
            except CsservError:  # the task is of another log, or removed
                titles.append((task_id, tr("task {name}", name=short_name(task_id))))
        starting, overdue = pool.starting()
        return cls(found, tuple(titles), len(starting), len(overdue))


def sentences(snapshot: PoolSnapshot) -> list[str]:
    """Write how many workers are in each state, are starting, or overdue."""
    if snapshot.problem:
        return []
    states = [one.state for one in snapshot.workers]
    counts = [f"{states.count(state)} {tr(state)}" for state in SIGNS if state in states]
    lines = []
    if states:
        workers = counted(len(states), "worker")
        lines.append(tr("{where}: {answer}", where=workers, answer=f"{listed(counts)}."))
    aside = [one for one in snapshot.workers if one.set_aside]
    if aside and len(aside) == len(states):
        lines.append(
            tr("All are set aside: tasks wait until one of them is mended, or another comes.")
        )
    if snapshot.starting:
        lines.append(tr("{count} more started, on the way.", count=snapshot.starting))
    if snapshot.overdue:
        lines.append(
            tr(
                "{workers} did not come within {seconds} s: what hindered that stands in "
                "workers.log of CSSERV_HOME.",
                workers=counted(snapshot.overdue, "worker"),
                seconds=f"{LATE_AFTER:.0f}",
            )
        )
    return lines

"""What was seen of the workers at one moment, and how that is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.tasks.cluster.worker_pool import LATE_AFTER
from csserv.views.parts.amounts import several
from csserv.views.tasks.task_texts import title
from csserv.views.tasks.workers_at_work import working_on
from csserv.views.workers.worker_table import SIGNS, short


@dataclass(frozen=True)
class Seen:
    """What was seen of the workers at one moment."""

    workers: Sequence[WorkerInfo] = ()
    titles: tuple[tuple[str, str], ...] = ()  #: task id → what it asks
    starting: int = 0
    late: int = 0
    problem: str = ""  #: why they cannot be seen

    @classmethod
    def of(cls, service: Service) -> Seen:
        """Look at the workers; not on the event loop."""
        try:
            pool = service.pool
            found = pool.list()
        except CsservError as error:
            return cls(problem=str(error))
        titles = []
        for task_id in working_on(found):
            try:
                titles.append((task_id, title(service.task(task_id))))
            except CsservError:  # it is of another log, or removed
                titles.append((task_id, f"task {short(task_id)}"))
        starting, late = pool.starting()
        return cls(found, tuple(titles), len(starting), len(late))


def sentences(seen: Seen) -> list[str]:
    """Say how many workers do what, and which are on their way."""
    if seen.problem:
        return []
    states = [one.state for one in seen.workers]
    counts = [f"{states.count(state)} {state}" for state in SIGNS if state in states]
    said = [f"{several(len(states), 'worker')}: {', '.join(counts)}."] if states else []
    if seen.starting:
        said.append(f"{seen.starting} more started, on the way.")
    if seen.late:
        said.append(
            f"{several(seen.late, 'worker')} did not come within {LATE_AFTER:.0f} s: what hindered "
            "that stands in workers.log of CSSERV_HOME."
        )
    return said

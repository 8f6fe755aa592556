"""How far tasks are, as ClimateSERV tells it: per cent with one decimal, -1 for no result."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from csserv.tasks.log.task import Task, TaskState

DONE, LOST = 100.0, -1.0

#: nothing that is not final may hold the text "100"
ALMOST = 99.9

#: so many tasks are remembered; the one unheard of for longest is forgotten
REMEMBERED = 10_000


class Highest:
    """Remembers how far tasks were said to be: a task that is tried again begins anew."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def tell(self, task_id: str, percent: float) -> float:
        """Return the highest per cent ever told of a task, this one included."""
        with self._lock:
            highest = self._told[task_id] = max(percent, self._told.pop(task_id, 0.0))
            if len(self._told) > REMEMBERED:
                self._told.popitem(last=False)
        return highest


def percent(tasks: Sequence[Task]) -> float:
    """Say how far tasks are together [%], one decimal; -1 where one has failed.

    >>> percent([])
    100.0
    """
    if any(task.state in (TaskState.FAILED, TaskState.CANCELLED) for task in tasks):
        return LOST
    if all(task.state is TaskState.SUCCEEDED for task in tasks):
        return DONE
    share = sum(task.progress for task in tasks) / len(tasks)
    return min(int(1000 * share) / 10, ALMOST)

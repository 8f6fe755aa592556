"""Progress of tasks as ClimateSERV reports it: per cent with one decimal, -1 for no result."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from csserv.tasks.log.task import Task, TaskState

DONE, NO_RESULT = 100.0, -1.0

#: the highest progress of a task that has not ended: clients look for the text "100" [%]
ALMOST = 99.9

#: tasks remembered at most; the one not reported for longest is dropped first
MOST_REMEMBERED = 10_000


class MonotonicProgress:
    """Keeps the reported progress of a task from falling when the task is tried again."""

    def __init__(self) -> None:
        self._reported: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def report(self, task_id: str, percent: float) -> float:
        """Return the highest progress of a task so far, this one included [%]."""
        with self._lock:
            highest = self._reported[task_id] = max(percent, self._reported.pop(task_id, 0.0))
            if len(self._reported) > MOST_REMEMBERED:
                self._reported.popitem(last=False)
        return highest


def percent(tasks: Sequence[Task]) -> float:
    """Return the progress of tasks together [%], 0 to 100 with one decimal; -1 if one has failed.

    >>> percent([])
    100.0
    """
    if any(task.state in (TaskState.FAILED, TaskState.CANCELLED) for task in tasks):
        return NO_RESULT
    if all(task.state is TaskState.SUCCEEDED for task in tasks):
        return DONE
    share = sum(task.progress for task in tasks) / len(tasks)
    return min(int(1000 * share) / 10, ALMOST)

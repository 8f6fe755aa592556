"""The progress of a task or a group of tasks, as progress bars and one-line texts show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_group import TaskGroup

#: share that must be done before the remaining time is estimated [1]
LEAST = 0.02


@dataclass(frozen=True)
class Progress:
    """The progress of a task or a group.

    Attributes
    ----------
    label : the request in words
    state : the state, or how many tasks are in which state
    share : of the work done [1], 0 to 1
    seconds_left : approximate remaining time [s]; None if unknown
    error : why it failed; empty if it did not
    is_final : whether it has ended
    is_good : whether nothing failed or was cancelled
    """

    label: str
    state: str
    share: float
    seconds_left: float | None
    error: str
    is_final: bool
    is_good: bool

    @classmethod
    def of(cls, seen: Task | TaskGroup) -> Self:
        """Return the progress of a task or a group."""
        return cls._of_group(seen) if isinstance(seen, TaskGroup) else cls._of_task(seen)

    def __str__(self) -> str:
        left = f", about {duration(self.seconds_left)} left" if self.seconds_left else ""
        error = f": {self.error}" if self.error else ""
        return f"{self.label}: {self.state} {self.share:.0%}{left}{error}"

    @classmethod
    def _of_task(cls, task: Task) -> Self:
        asked = task.request
        running = task.state is TaskState.RUNNING
        return cls(
            label=f"{asked.operation} of {asked.dataset}, {asked.area_title}, {asked.period}",
            state=str(task.state),
            share=task.progress,
            seconds_left=_left(task.seconds, task.progress) if running else None,
            error=task.error or "",
            is_final=task.state.is_final,
            is_good=task.state not in (TaskState.FAILED, TaskState.CANCELLED),
        )

    @classmethod
    def _of_group(cls, group: TaskGroup) -> Self:
        failed = [task for task in group if task.state is TaskState.FAILED]
        bad = [task for task in group if task.state is TaskState.CANCELLED] + failed
        started = min((task.started for task in group if task.started), default=None)
        since = datetime.fromisoformat(started) if started else datetime.now(UTC)
        seconds = (datetime.now(UTC) - since).total_seconds()
        return cls(
            label=f"{len(group)} {'task' if len(group) == 1 else 'tasks'}",
            state=", ".join(f"{count} {state}" for state, count in group.states.items()),
            share=group.progress,
            seconds_left=None if group.is_final else _left(seconds, group.progress),
            error=f"first failure: {failed[0].error}" if failed else "",
            is_final=group.is_final,
            is_good=not bad,
        )


def duration(seconds: float) -> str:
    """Write a length of time, short.

    >>> [duration(s) for s in (4.2, 75, 7300)]
    ['5 s', '2 min', '2 h 2 min']
    """
    if seconds < 60:
        return f"{int(seconds) + 1} s"
    minutes = int(seconds / 60) + 1
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _left(seconds: float, share: float) -> float | None:
    return seconds * (1 - share) / share if LEAST <= share < 1 else None

"""Tasks as rows of a table: filter, order, and the values of the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csserv.language import from_to, listed, mark, said_area, tr
from csserv.tasks.log.task import Task, TaskState
from csserv.views.parts.amounts import counted
from csserv.views.tasks.task_texts import computed, duration, time_left, time_step, utc_time

#: letters of a worker's name that are shown
SHORT = 8

#: task id → names of the workers that work on it
WorkersByTask = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes
    ----------
    key : what to sort by
    follows_progress : whether that changes while a task runs
    """

    title: str
    key: Callable[[Task], Any]
    follows_progress: bool = False


COLUMNS: dict[str, Column] = {
    "state": Column(mark("State"), lambda task: list(TaskState).index(task.state), True),
    "progress": Column(mark("Progress"), lambda task: task.progress, True),
    "zone": Column(mark("Zones"), lambda task: task.request.area_title.casefold()),
    "dataset": Column(mark("Dataset"), lambda task: task.request.dataset),
    "operation": Column(mark("Operation"), computed),
    "period": Column(mark("Period"), lambda task: task.request.period),
    "step": Column(mark("Time step"), time_step),
    "submitted": Column(mark("Submitted (UTC)"), lambda task: task.submitted),
    "client": Column(mark("Who"), lambda task: task.client.casefold()),
    "worker": Column(mark("Worker"), lambda task: task.state is not TaskState.RUNNING, True),
}


@dataclass(frozen=True)
class RowFilter:
    """Which tasks to show; an empty field matches all."""

    state: str = ""
    dataset: str = ""
    client: str = ""
    text: str = ""

    def matches(self, task: Task) -> bool:
        """Whether a task is to be shown."""
        return (
            self.state in ("", str(task.state))
            and self.dataset in ("", task.request.dataset)
            and self.client in ("", task.client)
            and self.text.casefold() in _words(task)
        )


def sort_tasks(tasks: Iterable[Task], order: str) -> list[Task]:
    """Sort tasks by a column, descending with a ``-`` before its name; equal ones newest first."""
    newest = sorted(tasks, key=lambda task: task.submitted, reverse=True)
    column = COLUMNS[order.removeprefix("-")]
    return sorted(newest, key=column.key, reverse=order.startswith("-"))


def row(task: Task, workers: WorkersByTask) -> list[Any]:
    """Write a task as a row: its id, share done [%], and the value of each column."""
    request = task.request
    many = request.zones > 1 and "zones" not in request.area_title
    zones = f" ({counted(request.zones, 'zone')})" if many else ""
    return [
        task.id,
        round(100 * task.progress),
        str(task.state),
        progress(task),
        f"{said_area(request.area_title)}{zones}",
        request.dataset,
        computed(task),
        from_to(request.period),
        time_step(task),
        utc_time(task.submitted),
        task.client,
        worker_names(workers.get(task.id, ())),
    ]


def progress(task: Task) -> str:
    """Write the progress of a task, and its time left or its duration."""
    if task.state is TaskState.RUNNING:
        return listed([f"{task.progress:.0%}", time_left(task)])
    return time_left(task) or duration(task)


def worker_names(workers: Sequence[str]) -> str:
    """Write the names of workers, shortened.

    >>> worker_names(["0b6f9d2e-6a0c", "1c2b3d4e-aaaa", "2"])
    '0b6f9d2e, 1c2b3d4e and 1 more'
    """
    shown = ", ".join(one[:SHORT] for one in workers[:2])
    return shown + tr(" and {count} more", count=len(workers) - 2) if len(workers) > 2 else shown


def _words(task: Task) -> str:
    request = task.request
    words = (
        *(task.id, request.dataset, request.what, computed(task)),
        *(request.area_title, request.period, time_step(task), task.client),
    )
    return " ".join(words).casefold()

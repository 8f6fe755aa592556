"""Tasks as rows of a table: which are wanted, in which order, and what stands in each column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csserv.tasks.log.task import Task, TaskState
from csserv.views.tasks.task_texts import left, moment, took

#: letters of a worker's name that tell it from others
SHORT = 8

#: task id → names of the workers that have it in hand
Workers = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Column:
    """A column: what it is called, what it is sorted by, and whether that changes in a task."""

    title: str
    key: Callable[[Task], Any]
    moves: bool = False


COLUMNS: dict[str, Column] = {
    "state": Column("State", lambda task: list(TaskState).index(task.state), True),
    "progress": Column("Progress", lambda task: task.progress, True),
    "zone": Column("Zones", lambda task: task.request.area_title.casefold()),
    "dataset": Column("Dataset", lambda task: task.request.dataset),
    "operation": Column("Operation", lambda task: task.request.operation),
    "period": Column("Period", lambda task: task.request.period),
    "submitted": Column("Submitted (UTC)", lambda task: task.submitted),
    "client": Column("Who", lambda task: task.client.casefold()),
    "worker": Column("Worker", lambda task: task.state is not TaskState.RUNNING, True),
}


@dataclass(frozen=True)
class Wanted:
    """Which tasks to show; what is empty lets any pass."""

    state: str = ""
    dataset: str = ""
    client: str = ""
    text: str = ""

    def passes(self, task: Task) -> bool:
        """Whether a task is wanted."""
        return (
            self.state in ("", str(task.state))
            and self.dataset in ("", task.request.dataset)
            and self.client in ("", task.client)
            and self.text.casefold() in _words(task)
        )


def ordered(tasks: Iterable[Task], order: str) -> list[Task]:
    """Sort tasks by a column, the other way round with a ``-`` before its name; newest first."""
    newest = sorted(tasks, key=lambda task: task.submitted, reverse=True)
    column = COLUMNS[order.removeprefix("-")]
    return sorted(newest, key=column.key, reverse=order.startswith("-"))


def row(task: Task, workers: Workers) -> list[Any]:
    """Write a task: its id, how much is done [%], then what stands in each column."""
    asked = task.request
    many = asked.zones > 1 and "zones" not in asked.area_title
    zones = f" ({asked.zones} zones)" if many else ""
    return [
        task.id,
        round(100 * task.progress),
        str(task.state),
        progress(task),
        f"{asked.area_title}{zones}",
        asked.dataset,
        asked.operation,
        asked.period.replace("/", " to "),
        moment(task.submitted),
        task.client,
        names(workers.get(task.id, ())),
    ]


def progress(task: Task) -> str:
    """Say how far a task is, and how long it takes or took."""
    if task.state is TaskState.RUNNING:
        return f"{task.progress:.0%}, {left(task)}"
    return left(task) or took(task)


def names(workers: Sequence[str]) -> str:
    """Name workers briefly.

    >>> names(["0b6f9d2e-6a0c", "1c2b3d4e-aaaa", "2"])
    '0b6f9d2e, 1c2b3d4e and 1 more'
    """
    shown = ", ".join(one[:SHORT] for one in workers[:2])
    return f"{shown} and {len(workers) - 2} more" if len(workers) > 2 else shown


def _words(task: Task) -> str:
    asked = task.request
    words = (task.id, asked.dataset, asked.operation, asked.area_title, asked.period, task.client)
    return " ".join(words).casefold()

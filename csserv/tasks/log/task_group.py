"""A group of tasks that were submitted together, with a common progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from csserv.tasks.log.task import Task, TaskState


@dataclass(frozen=True)
class TaskGroup:
    """Tasks that were submitted together, as they were when looked up."""

    tasks: tuple[Task, ...]

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Say in a notebook how many tasks stand how."""
        from csserv.tasks.log.progress import Progress  # it imports this module

        printer.text(str(Progress.of(self)))

    @property
    def progress(self) -> float:
        """Share of the work done [1], 0 to 1: all tasks count the same, an ended one as done."""
        if not self.tasks:
            return 1.0
        return sum(1.0 if t.state.is_final else t.progress for t in self.tasks) / len(self.tasks)

    @property
    def is_final(self) -> bool:
        """Whether every task has ended."""
        return all(task.state.is_final for task in self.tasks)

    @property
    def states(self) -> dict[TaskState, int]:
        """Return state → number of tasks, for states that occur."""
        found = Counter(task.state for task in self.tasks)
        return {state: found[state] for state in TaskState if found[state]}

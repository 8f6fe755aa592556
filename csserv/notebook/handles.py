"""Handles of tasks, with a live progress bar, that can be awaited.

A :class:`TaskHandle` reads the state of its task anew at each access, while :class:`csserv.Task` is
a frozen record. Wherever the service takes a task, it takes a handle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from typing import Any, TypeAlias

from csserv.notebook.result import Partial, Result
from csserv.remote import RemoteService
from csserv.service import Service
from csserv.tasks.log.progress import Progress
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_group import TaskGroup

#: the service of this machine, or of a server
AnyService: TypeAlias = Service | RemoteService


class TaskHandle:
    """The handle of a task; in a notebook, a live progress bar.

    It has all attributes of a :class:`csserv.Task`, read at each access. ``await task`` waits for
    the end of the task while the kernel stays free.
    """

    def __init__(self, task_id: str, service: AnyService) -> None:
        self.id = task_id
        self._service = service

    def now(self) -> Task:
        """Return the task as it is now."""
        return self._service.task(self.id)

    def wait(self) -> Task:
        """Wait until the task ends, and return it."""
        return self._service.wait(self.id)

    def result(self) -> Result:
        """Wait until the task ends, and open its result; see ``Service.result``."""
        return Result.of(self._service.result(self.id))

    def partial(self) -> Partial:
        """Return the steps computed so far, which open and plot like a result.

        Raises
        ------
        TaskFailedError, TaskCancelledError, TaskExpiredError : the task has no result
        """
        task = self.now()
        return Partial.of(self._service.partial(self.id), self._service.task_area(self.id), task)

    def cancel(self) -> Task:
        """Cancel the task; one that has ended stays as it is."""
        return self._service.cancel(self.id)

    @property
    def state(self) -> TaskState:
        """The state of the task."""
        return self.now().state

    @property
    def progress(self) -> float:
        """Share of the work that is done [1], 0 to 1."""
        return self.now().progress

    def __await__(self) -> Generator[Any, None, Task]:
        return asyncio.to_thread(self.wait).__await__()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.now(), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.now())})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TaskHandle) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"{Progress.of(self.now())} ({self.id})"

    def _ipython_display_(self) -> None:
        from csserv.views.tasks.live_bar import show

        show(self.now, self.cancel, repr(self))


class GroupHandle:
    """The handle of tasks submitted together; in a notebook, one live bar for all."""

    def __init__(self, tasks: tuple[TaskHandle, ...], service: AnyService) -> None:
        self.tasks = tasks
        self._service = service

    def now(self) -> TaskGroup:
        """Return the tasks as they are now."""
        return self._service.group(task.id for task in self.tasks)

    def wait(self) -> TaskGroup:
        """Wait until all tasks have ended, and return them."""
        *_, last = self._service.watch_group(task.id for task in self.tasks)
        return last

    def results(self) -> list[Result]:
        """Wait until all tasks have ended, and open their results, in the order of the tasks."""
        return [task.result() for task in self.tasks]

    def cancel(self) -> TaskGroup:
        """Cancel the tasks that have not ended."""
        return TaskGroup(tuple(task.cancel() for task in self.tasks))

    @property
    def progress(self) -> float:
        """Share of the work that is done [1], 0 to 1."""
        return self.now().progress

    def __await__(self) -> Generator[Any, None, TaskGroup]:
        return asyncio.to_thread(self.wait).__await__()

    def __iter__(self) -> Iterator[TaskHandle]:
        return iter(self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)

    def __repr__(self) -> str:
        return str(Progress.of(self.now()))

    def _ipython_display_(self) -> None:
        from csserv.views.tasks.live_bar import show

        show(self.now, self.cancel, repr(self))

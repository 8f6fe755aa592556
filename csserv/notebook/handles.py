"""Tasks that show how far they are, and can be awaited.

A :class:`TaskHandle` stands for a task and reads the log each time it is asked, while
:class:`csserv.Task` stays a frozen record; wherever the service takes a task, it takes a handle.
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

#: that of this machine, or of a server
AnyService: TypeAlias = Service | RemoteService


class TaskHandle:
    """A task as it now stands; in a notebook, a live progress bar.

    All that a :class:`csserv.Task` has is here too, read from the log at that moment.
    ``await task`` waits for its end while the kernel stays free.
    """

    def __init__(self, task_id: str, service: AnyService) -> None:
        self.id = task_id
        self._service = service

    def now(self) -> Task:
        """Return the record as it now stands."""
        return self._service.task(self.id)

    def wait(self) -> Task:
        """Wait until the task ends, and return how it did."""
        return self._service.wait(self.id)

    def result(self) -> Result:
        """Wait for the end, and open the result; see ``Service.result``."""
        return Result.of(self._service.result(self.id))

    def partial(self) -> Partial:
        """Read the steps that are known so far: open and plot them as those of a result.

        Raises
        ------
        TaskFailedError, TaskCancelledError, TaskExpiredError : there is no result
        """
        task = self.now()
        return Partial.of(self._service.partial(self.id), self._service.task_area(self.id), task)

    def cancel(self) -> Task:
        """Cancel the task; one that has ended stays as it is."""
        return self._service.cancel(self.id)

    @property
    def state(self) -> TaskState:
        """Where the task stands."""
        return self.now().state

    @property
    def progress(self) -> float:
        """Share of the work done [1], 0 to 1."""
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
    """Tasks that were submitted together; in a notebook, one live bar for all."""

    def __init__(self, tasks: tuple[TaskHandle, ...], service: AnyService) -> None:
        self.tasks = tasks
        self._service = service

    def now(self) -> TaskGroup:
        """Return the records as they now stand."""
        return self._service.group(task.id for task in self.tasks)

    def wait(self) -> TaskGroup:
        """Wait until all have ended, and return how they did."""
        *_, last = self._service.watch_group(task.id for task in self.tasks)
        return last

    def results(self) -> list[Result]:
        """Wait for the end, and open the results, in the order of the tasks."""
        return [task.result() for task in self.tasks]

    def cancel(self) -> TaskGroup:
        """Cancel all that have not ended."""
        return TaskGroup(tuple(task.cancel() for task in self.tasks))

    @property
    def progress(self) -> float:
        """Share of the work done [1], 0 to 1."""
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

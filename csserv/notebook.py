"""The Jupyter face: tasks that show how far they are, and can be awaited.

A :class:`TaskHandle` stands for a task and reads the log each time it is asked, while
:class:`csserv.Task` stays a frozen record; wherever the service takes a task, it takes a handle.
All this is wrapped around a service, so that no service knows of notebooks, or of Panel.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Generator, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from csserv import opening
from csserv.many import ManyAtOnce
from csserv.remote import RemoteService
from csserv.service import Service
from csserv.settings import Settings
from csserv.tasks.group import TaskGroup
from csserv.tasks.standing import Standing
from csserv.tasks.task import Task, TaskState

if TYPE_CHECKING:
    from csserv.outputs import Result

#: that of this machine, or of a server
AnyService: TypeAlias = Service | RemoteService


def connect(where: Settings | str | None = None, token: str | None = None) -> NotebookService:
    """Open a service; nothing has to be started beforehand on this machine.

    Parameters
    ----------
    where : settings of this machine's service, read from the environment if not given; or the
        address of a server, such as ``"https://rain.example.org"``
    token : where that server asks for one

    Raises
    ------
    UnreachableError : no csserv answers at the address
    """
    return NotebookService(opening.connect(where, token))


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
        return self._service.result(self.id)

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
        return f"{Standing.of(self.now())} ({self.id})"

    def _ipython_display_(self) -> None:
        from csserv.views.live import show

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
        return str(Standing.of(self.now()))

    def _ipython_display_(self) -> None:
        from csserv.views.live import show

        show(self.now, self.cancel, repr(self))


class NotebookService:
    """A service whose tasks are handles; all else is the service's own.

    Parameters
    ----------
    service : where tasks go; closing this closes it
    """

    def __init__(self, service: AnyService) -> None:
        self._service = service

    @wraps(Service.submit)
    def submit(self, *args: Any, **options: Any) -> TaskHandle:
        """Check a request and queue it; see ``Service.submit``."""
        return self._handle(self._service.submit(*args, **options))

    @wraps(ManyAtOnce.map_zones)
    def map_zones(self, *args: Any, **options: Any) -> TaskHandle:
        """Submit one request with a zone for each row of a GeoDataFrame."""
        return self._handle(self._service.map_zones(*args, **options))

    @wraps(ManyAtOnce.submit_many)
    def submit_many(self, *args: Any, **options: Any) -> GroupHandle:
        """Submit each combination of what is given."""
        group = self._service.submit_many(*args, **options)
        return GroupHandle(tuple(map(self._handle, group)), self._service)

    def task(self, task: Task | TaskHandle | str) -> TaskHandle:
        """Take a task up again, as after a restart of the kernel.

        Raises
        ------
        TaskNotFoundError : no task has that id
        """
        return self._handle(self._service.task(_plain(task)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._service, name)
        return _with_handles(found) if inspect.ismethod(found) else found

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self._service)})

    def __enter__(self) -> NotebookService:
        return self

    def __exit__(self, *error: object) -> None:
        self._service.close()

    def _handle(self, task: Task) -> TaskHandle:
        return TaskHandle(task.id, self._service)


def _plain(given: Any) -> Any:
    """Put what a service knows in the place of a handle."""
    if isinstance(given, TaskHandle):
        return given.id
    return given.now() if isinstance(given, GroupHandle) else given


def _with_handles(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def taking(*args: Any, **options: Any) -> Any:
        own = {name: _plain(value) for name, value in options.items()}
        return method(*map(_plain, args), **own)

    return taking

"""Changes of single tasks, for server-sent events: the log is polled once for all callers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from csserv.errors import TaskError
from csserv.service import Service
from csserv.tasks.log.task import Task

#: time between two looks at the log while somebody follows a task [s]
INTERVAL = 0.1


class TaskChanges:
    """Polls the task log as long as anybody follows a task; belongs to one event loop.

    Parameters
    ----------
    run_read : calls a function in a thread, as ``ServerContext.run_read`` does
    """

    def __init__(self, service: Service, run_read: Callable[..., Awaitable[Any]]) -> None:
        self._service = service
        self._run_read = run_read
        self._waiting: dict[str, set[asyncio.Queue[Task]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def follow(self, task_id: str, timeout: float) -> AsyncIterator[Task | None]:
        """Yield a task at once and each time it has changed, until it has ended.

        Parameters
        ----------
        timeout : None is yielded whenever nothing has changed for so long [s]

        Raises
        ------
        TaskNotFoundError, TaskExpiredError : no task has that id, or not any more
        """
        changes: asyncio.Queue[Task] = asyncio.Queue()
        self._waiting.setdefault(task_id, set()).add(changes)
        try:
            latest: Task | None = await self._run_read(self._service.task, task_id)
            while True:
                yield latest
                if latest is not None and latest.state.is_final:
                    return
                self._ensure_looking()
                try:
                    latest = await asyncio.wait_for(changes.get(), timeout)
                except TimeoutError:
                    latest = None
        finally:
            self._waiting[task_id].discard(changes)
            if not self._waiting[task_id]:
                del self._waiting[task_id]

    def _ensure_looking(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        revision, seen = -1, dict[str, Task]()
        while self._waiting:
            ids = list(self._waiting)
            found, revision = await self._run_read(self._changed, ids, revision)
            for task in found:
                if seen.get(task.id) != task:
                    seen[task.id] = task
                    for changes in self._waiting.get(task.id, ()):
                        changes.put_nowait(task)
            if self._waiting.keys() - ids:  # a change may have come between its look and this one
                revision = -1
            await asyncio.sleep(INTERVAL)

    def _changed(self, ids: list[str], revision: int) -> tuple[list[Task], int]:
        """Read tasks if the log has changed since a revision; return them and its revision now."""
        now = self._service.revision
        found: list[Task] = []
        for task_id in ids if now != revision else ():
            with suppress(TaskError):
                found.append(self._service.task(task_id))
        return found, now

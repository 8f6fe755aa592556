"""Tells those who wait when a task has changed: one look at the log for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from csserv.errors import TaskError
from csserv.service import Service
from csserv.tasks.log.task import Task

#: how often the log is looked at while somebody waits [s]
INTERVAL = 0.1


class TaskChanges:
    """Looks at the log as long as anybody waits; one loop's."""

    def __init__(self, service: Service, run: Callable[..., Awaitable[Any]]) -> None:
        self._service = service
        self._run = run
        self._waiting: dict[str, set[asyncio.Queue[Task]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def follow(self, task_id: str, rest: float) -> AsyncIterator[Task | None]:
        """Yield a task at once and each time it has changed, until it has ended.

        Parameters
        ----------
        rest : None is yielded when nothing has changed for so long [s]

        Raises
        ------
        TaskNotFoundError, TaskExpiredError : there is no such task
        """
        news: asyncio.Queue[Task] = asyncio.Queue()
        self._waiting.setdefault(task_id, set()).add(news)
        try:
            latest: Task | None = await self._run(self._service.task, task_id)
            while True:
                yield latest
                if latest is not None and latest.state.is_final:
                    return
                self._ensure_looking()
                try:
                    latest = await asyncio.wait_for(news.get(), rest)
                except TimeoutError:
                    latest = None
        finally:
            self._waiting[task_id].discard(news)
            if not self._waiting[task_id]:
                del self._waiting[task_id]

    def _ensure_looking(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        revision, seen = -1, dict[str, Task]()
        while self._waiting:
            ids = list(self._waiting)
            found, revision = await self._run(self._changed, ids, revision)
            for task in found:
                if seen.get(task.id) != task:
                    seen[task.id] = task
                    for news in self._waiting.get(task.id, ()):
                        news.put_nowait(task)
            if self._waiting.keys() - ids:  # a change may have come between its look and this one
                revision = -1
            await asyncio.sleep(INTERVAL)

    def _changed(self, ids: list[str], revision: int) -> tuple[list[Task], int]:
        """Read tasks, if anything in the log has changed since a revision."""
        now = self._service.revision
        found: list[Task] = []
        for task_id in ids if now != revision else ():
            with suppress(TaskError):
                found.append(self._service.task(task_id))
        return found, now

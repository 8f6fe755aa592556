"""A chart that fills while its task runs: read and shown no faster than it can be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from csserv.tasks.task import Task
from csserv.views.series import SeriesTable

#: from one look to the next at least [s]
PAUSE = 0.5

#: so many values are sent to a browser in a second at most: a slow link has to take them
VALUES = 20_000


class Growing:
    """Shows what is known of a task each time that there is news of it.

    Parameters
    ----------
    read : gives what is known, or None; called in a thread
    show : shows it
    """

    def __init__(
        self,
        read: Callable[[Task], SeriesTable | None],
        show: Callable[[SeriesTable], Awaitable[None]],
        pause: float = PAUSE,
    ) -> None:
        self._read, self._show, self._pause = read, show, pause
        self._wanted: Task | None = None
        self._seen = 0
        self._is_busy = False

    async def hear(self, task: Task) -> None:
        """Take news of the task; news that come while it is busy are seen to once, afterwards."""
        self._wanted = task
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while (latest := self._wanted) is not None:
                await self._look(latest)
                if self._wanted is latest:
                    self._wanted = None
        finally:
            self._is_busy = False

    def stop(self) -> None:
        """Show no more."""
        self._wanted, self._seen = None, 0

    async def _look(self, task: Task) -> None:
        table = await asyncio.to_thread(self._read, task)
        if self._wanted is None or table is None or len(table.times) == self._seen:
            await asyncio.sleep(self._pause)
            return
        self._seen = len(table.times)
        await self._show(table)
        await asyncio.sleep(max(self._pause, table.values.size / VALUES))

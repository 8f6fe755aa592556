"""What pages are told of tasks that go on: written once for all who look."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import orjson

from csserv.access import Caller
from csserv.tasks.log.task import Task, TaskState
from csserv.views.tasks.log_watcher import LogWatcher, News
from csserv.views.tasks.task_rows import Workers, row
from csserv.views.tasks.task_texts import reached

#: from one message to the next at least [s]: eyes see no more, and each costs all who look
PACE = 0.2


class Reader(Protocol):
    """Somebody who looks at a page."""

    @property
    def caller(self) -> Caller | None:
        """Who it is; None if he may look no more."""

    def tell(self, message: bytes) -> None:
        """Send a message."""

    def let_go(self) -> None:
        """End the connection."""


class TaskNews:
    """Tells all readers what has changed in the tasks that they may list.

    A message is a JSON list of ``{"id", "row", "said"}``: a task's id, its row as
    :func:`csserv.views.tasks.task_rows.row` writes it, and how far it is, in words. All methods are
    called on the event loop.
    """

    def __init__(self, watcher: LogWatcher) -> None:
        self._watcher = watcher
        self._readers: set[Reader] = set()
        self._news: dict[str, Task] = {}
        self._lock = threading.Lock()
        self._sent = 0.0
        self._stop: Callable[[], None] = lambda: None
        self._asking: asyncio.Future[Workers] | None = None

    def enter(self, reader: Reader) -> None:
        """Tell somebody what runs, and from now on what changes."""
        if not self._readers:
            loop = asyncio.get_running_loop()
            self._stop = self._watcher.listen(lambda news: self._put(news, loop))
        self._readers.add(reader)
        runs = [one for one in self._watcher.known.values() if one.state is TaskState.RUNNING]
        self._tell({reader}, runs)

    def leave(self, reader: Reader) -> None:
        """Tell somebody no more."""
        self._readers.discard(reader)
        if not self._readers:
            self._stop()

    def _put(self, news: News, loop: asyncio.AbstractEventLoop) -> None:
        """Take news, in the thread of the watcher."""
        with self._lock:
            is_asked = bool(self._news)
            self._news |= news
        if not is_asked:
            loop.call_soon_threadsafe(self._send, loop)

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell all; what comes soon after the last message waits, and is told together."""
        if (wait := self._sent + PACE - time.monotonic()) > 0:
            loop.call_later(wait, self._send, loop)
            return
        self._sent = time.monotonic()
        with self._lock:
            news, self._news = self._news, {}
        runs = any(task.state is TaskState.RUNNING for task in news.values())
        if runs and (self._asking is None or self._asking.done()):
            self._asking = loop.run_in_executor(None, self._watcher.at_work.look)
        self._tell(self._readers, news.values())

    def _tell(self, readers: Iterable[Reader], tasks: Iterable[Task]) -> None:
        """Send each what he may see; what is the same for several is written once."""
        written: dict[tuple[str, ...], bytes] = {}
        told = {task.id: task for task in tasks}
        for reader in list(readers):
            if (caller := reader.caller) is None:
                reader.let_go()
                continue
            own = tuple(key for key, task in told.items() if caller.may_list(task.client))
            if own:
                if own not in written:
                    written[own] = self._written([told[key] for key in own])
                reader.tell(written[own])

    def _written(self, tasks: Iterable[Task]) -> bytes:
        workers = self._watcher.at_work.found
        return orjson.dumps(
            [{"id": one.id, "row": row(one, workers), "said": reached(one)} for one in tasks]
        )

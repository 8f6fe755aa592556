"""Updates of tasks, sent to all open pages of the dashboard."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import orjson

from csserv.access import Caller
from csserv.language import Language, speaking
from csserv.tasks.log.task import Task, TaskState
from csserv.views.tasks.log_watcher import ChangedTasks, LogWatcher
from csserv.views.tasks.task_rows import WorkersByTask, row
from csserv.views.tasks.task_texts import steps_and_time

#: shortest time between two messages [s]: eyes see no more, and each is sent to all pages
MIN_INTERVAL = 0.2


class Subscriber(Protocol):
    """The connection to an open page."""

    @property
    def caller(self) -> Caller | None:
        """Who looks at the page; None once access has ended."""

    @property
    def language(self) -> Language:
        """The language of the page."""

    def send(self, message: bytes) -> None:
        """Send a message."""

    def disconnect(self) -> None:
        """End the connection."""


class TaskBroadcast:
    """Sends each subscriber the changed tasks that its caller may list.

    A message is a JSON list of ``{"id", "row", "said"}``: the id of a task, its row of
    :func:`csserv.views.tasks.task_rows.row`, and its progress in words. All methods are called on
    the event loop.
    """

    def __init__(self, watcher: LogWatcher) -> None:
        self._watcher = watcher
        self._subscribers: set[Subscriber] = set()
        self._changed: dict[str, Task] = {}
        self._lock = threading.Lock()
        self._sent = 0.0
        self._stop: Callable[[], None] = lambda: None
        self._asking_workers: asyncio.Future[WorkersByTask] | None = None

    def subscribe(self, subscriber: Subscriber) -> None:
        """Send the running tasks to a subscriber, and from now on each change."""
        if not self._subscribers:
            loop = asyncio.get_running_loop()
            self._stop = self._watcher.listen(lambda changed: self._put(changed, loop))
        self._subscribers.add(subscriber)
        runs = [one for one in self._watcher.known.values() if one.state is TaskState.RUNNING]
        self._publish({subscriber}, runs)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Send nothing more to a subscriber."""
        self._subscribers.discard(subscriber)
        if not self._subscribers:
            self._stop()

    def _put(self, changed: ChangedTasks, loop: asyncio.AbstractEventLoop) -> None:
        """Gather changed tasks, in the thread of the watcher."""
        with self._lock:
            is_due = bool(self._changed)
            self._changed |= changed
        if not is_due:
            loop.call_soon_threadsafe(self._send, loop)

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send the gathered tasks, at the earliest ``MIN_INTERVAL`` after the last message."""
        if (wait := self._sent + MIN_INTERVAL - time.monotonic()) > 0:
            loop.call_later(wait, self._send, loop)
            return
        self._sent = time.monotonic()
        with self._lock:
            changed, self._changed = self._changed, {}
        runs = any(task.state is TaskState.RUNNING for task in changed.values())
        if runs and (self._asking_workers is None or self._asking_workers.done()):
            self._asking_workers = loop.run_in_executor(None, self._watcher.at_work.refresh)
        self._publish(self._subscribers, changed.values())

    def _publish(self, subscribers: Iterable[Subscriber], tasks: Iterable[Task]) -> None:
        """Send each subscriber the tasks it may list; equal messages are written once."""
        written: dict[tuple[Language, tuple[str, ...]], bytes] = {}
        changed = {task.id: task for task in tasks}
        for subscriber in list(subscribers):
            if (caller := subscriber.caller) is None:
                subscriber.disconnect()
                continue
            own = tuple(key for key, task in changed.items() if caller.may_list(task.client))
            if own:
                asked = subscriber.language, own
                if asked not in written:
                    with speaking(subscriber.language):
                        written[asked] = self._written([changed[key] for key in own])
                subscriber.send(written[asked])

    def _written(self, tasks: Iterable[Task]) -> bytes:
        workers = self._watcher.at_work.latest
        return orjson.dumps(
            [{"id": one.id, "row": row(one, workers), "said": steps_and_time(one)} for one in tasks]
        )

"""News of tasks for all who look: one thread a process watches the log, and tells what changed."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from csserv.service import Service
from csserv.tasks.task import Task
from csserv.views.at_work import AtWork

logger = logging.getLogger(__name__)

#: tasks by id, those that have changed
News = Mapping[str, Task]

#: how often the log is looked at while somebody looks at the screen [s]; a look that finds nothing
#: new costs some microseconds
GLANCE = 0.1


class Hub:
    """Watches the task log of a service for all sessions of this process.

    A listener is called in the thread of the hub with what has changed. While nobody listens, the
    thread sleeps.
    """

    def __init__(self, service: Service, glance: float = GLANCE) -> None:
        self.service = service
        self.at_work = AtWork(service)
        self._seen: dict[str, Task] = {}
        self._revision = -1
        self._listeners: dict[object, Callable[[News], None]] = {}
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=_watch, args=(weakref.ref(self), self._wanted, self._ended, glance), daemon=True
        )
        self._thread.start()

    def listen(self, told: Callable[[News], None]) -> Callable[[], None]:
        """Have a function called with tasks that changed; returns what ends that."""
        token = object()
        self._listeners[token] = told
        self._wanted.set()

        def stop() -> None:
            self._listeners.pop(token, None)
            if not self._listeners:
                self._wanted.clear()

        return stop

    def look(self) -> News:
        """Look at the log, and say what has changed since this was called last."""
        revision = self.service.revision
        if revision == self._revision:
            return {}
        self._revision = revision
        seen = {task.id: task for task in self.service.recent()}
        news = {key: task for key, task in seen.items() if self._seen.get(key) != task}
        self._seen = seen
        return news

    def tell(self, news: News) -> None:
        """Call the listeners; one that fails is not called again."""
        for token, told in list(self._listeners.items()):
            try:
                told(news)
            except Exception:
                logger.exception("a listener of the task log failed; it hears no more")
                self._listeners.pop(token, None)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._wanted.set()
        self._thread.join()


class Inbox:
    """News for one document: gathered while it is busy, handed over under its lock, at once.

    Without a served document (in a notebook, in a script) they are handed over as they come.
    """

    def __init__(self, document: Any, apply: Callable[[News], None]) -> None:
        self._document = document
        self._apply = apply
        self._news: dict[str, Task] = {}
        self._lock = threading.Lock()

    def put(self, news: News) -> None:
        """Take news, from any thread."""
        with self._lock:
            is_asked = bool(self._news)
            self._news |= news
        if is_asked:
            return
        if self._document is None or self._document.session_context is None:
            self._hand_over()
        else:
            self._document.add_next_tick_callback(self._hand_over)

    def _hand_over(self) -> None:
        with self._lock:
            news, self._news = self._news, {}
        self._apply(news)


def _watch(
    hub: weakref.ref[Hub], wanted: threading.Event, ended: threading.Event, glance: float
) -> None:
    while not ended.is_set():
        wanted.wait()
        if (living := hub()) is None:
            return
        try:
            if news := living.look():
                living.tell(news)
        except Exception:
            logger.exception("the task log could not be looked at; trying again")
        del living
        ended.wait(glance)

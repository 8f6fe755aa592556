"""News of tasks for all who look: one thread a process watches the log, and tells what changed."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.tasks.workers_at_work import WorkersAtWork

logger = logging.getLogger(__name__)

#: tasks by id, those that have changed
ChangedTasks = Mapping[str, Task]

#: how often the log is looked at while somebody looks at the screen [s]; a look that finds nothing
#: new costs some microseconds
GLANCE = 0.1


@dataclass(frozen=True)
class Listener:
    """Who is told, and of which tasks he wants to know each step."""

    told: Callable[[ChangedTasks], None]
    follows: Callable[[Task], bool]


class LogWatcher:
    """Watches the task log of a service for all sessions of this process.

    A listener is called in the watcher's thread with what has changed. While nobody listens, that
    thread sleeps.

    Attributes
    ----------
    known : tasks by id, as they were when the log was looked at last
    """

    def __init__(self, service: Service, glance: float = GLANCE) -> None:
        self.service = service
        self.at_work = WorkersAtWork(service)
        self.known: ChangedTasks = {}
        self._revision = -1
        self._listeners: dict[object, Listener] = {}
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=_watch, args=(weakref.ref(self), self._wanted, self._ended, glance), daemon=True
        )
        self._thread.start()

    def listen(
        self,
        told: Callable[[ChangedTasks], None],
        follows: Callable[[Task], bool] = lambda task: True,
    ) -> Callable[[], None]:
        """Have a function called with tasks that changed; returns what ends that.

        Parameters
        ----------
        follows : whether it is called where a task has only gone on by some steps, which is what
            most news are
        """
        token = object()
        self._listeners[token] = Listener(told, follows)
        self._wanted.set()

        def stop() -> None:
            self._listeners.pop(token, None)
            if not self._listeners:
                self._wanted.clear()

        return stop

    def look(self) -> tuple[ChangedTasks, ChangedTasks]:
        """Look at the log; return what has changed since this was called last.

        Tasks that have only gone on by some steps come apart, second.
        """
        revision = self.service.revision
        if revision == self._revision:
            return {}, {}
        self._revision = revision
        before, self.known = self.known, {task.id: task for task in self.service.recent()}
        turned, went_on = dict[str, Task](), dict[str, Task]()
        for key, task in self.known.items():
            if (then := before.get(key)) != task:
                if then is None or _but_for_steps(then) != _but_for_steps(task):
                    turned[key] = task
                elif (then.done, then.total) != (task.done, task.total):
                    went_on[key] = task
        return turned, went_on

    def tell(self, turned: ChangedTasks, went_on: ChangedTasks) -> None:
        """Call the listeners; one that fails is not called again."""
        for token, listener in list(self._listeners.items()):
            try:
                followed = {key: task for key, task in went_on.items() if listener.follows(task)}
                if turned or followed:
                    listener.told({**turned, **followed})
            except Exception:
                logger.exception("a listener of the task log failed; it hears no more")
                self._listeners.pop(token, None)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._wanted.set()
        self._thread.join()


def _watch(
    watcher: weakref.ref[LogWatcher], wanted: threading.Event, ended: threading.Event, glance: float
) -> None:
    while not ended.is_set():
        wanted.wait()
        if (living := watcher()) is None:
            return
        try:
            turned, went_on = living.look()
            if turned or went_on:
                living.tell(turned, went_on)
        except Exception:
            logger.exception("the task log could not be looked at; trying again")
        del living
        ended.wait(glance)


def _but_for_steps(task: Task) -> Task:
    """Leave out what changes while a task runs as it should."""
    return replace(task, done=0, total=0, lease_until=None)

"""A watcher of the task log, shared by all sessions, that calls listeners with changed tasks."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from csserv.errors import TaskLogError
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.tasks.workers_at_work import WorkersAtWork

logger = logging.getLogger(__name__)

#: id → task, of tasks that are new or have changed
ChangedTasks = Mapping[str, Task]

#: time between two looks at the log while there are listeners [s]; one that finds nothing new
#: costs some microseconds
INTERVAL = 0.1

#: time between two looks for files that cannot be read [s]
TROUBLE_INTERVAL = 1.0


@dataclass(frozen=True)
class Listener:
    """A listener of the watcher.

    Attributes
    ----------
    callback : called with the tasks that have changed
    wants_progress : whether to call it also when only the progress of a task has changed
    """

    callback: Callable[[ChangedTasks], None]
    wants_progress: Callable[[Task], bool]


class LogWatcher:
    """Watches the task log of a service for all sessions of this process.

    Listeners are called in the watcher's thread, which sleeps while there are none.

    Parameters
    ----------
    interval : time between two looks at the log [s]

    Attributes
    ----------
    known : the recent tasks by id, as of the last look at the log
    at_work : knows which workers work on which task
    troubles : what of the log cannot be read, as of the last look
    """

    def __init__(self, service: Service, interval: float = INTERVAL) -> None:
        self.service = service
        self.at_work = WorkersAtWork(service)
        self.known: ChangedTasks = {}
        self.troubles: tuple[str, ...] = ()
        self._revision = -1
        self._listeners: dict[object, Listener] = {}
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=_watch,
            args=(weakref.ref(self), self._wanted, self._ended, interval),
            daemon=True,
        )
        self._thread.start()

    def listen(
        self,
        callback: Callable[[ChangedTasks], None],
        wants_progress: Callable[[Task], bool] = lambda task: True,
    ) -> Callable[[], None]:
        """Add a listener; return a function that removes it.

        Parameters
        ----------
        callback : called with the tasks that have changed
        wants_progress : whether to call it also when only the progress of a task has changed,
            as in most changes
        """
        token = object()
        self._listeners[token] = Listener(callback, wants_progress)
        self._wanted.set()

        def stop() -> None:
            self._listeners.pop(token, None)
            if not self._listeners:
                self._wanted.clear()

        return stop

    def changes(self) -> tuple[ChangedTasks, ChangedTasks]:
        """Read the log; return what has changed since the last call.

        Returns
        -------
        changed : tasks that are new, or in which more than the progress has changed
        progressed : tasks of which only the progress has changed
        """
        revision = self.service.revision
        if revision == self._revision:
            return {}, {}
        self._revision = revision
        before, self.known = self.known, {task.id: task for task in self.service.recent()}
        changed, progressed = dict[str, Task](), dict[str, Task]()
        for key, task in self.known.items():
            if (then := before.get(key)) != task:
                if then is None or _without_progress(then) != _without_progress(task):
                    changed[key] = task
                elif (then.done, then.total) != (task.done, task.total):
                    progressed[key] = task
        return changed, progressed

    def notify(self, changed: ChangedTasks, progressed: ChangedTasks) -> None:
        """Call the listeners; one that raises an error is removed."""
        for token, listener in list(self._listeners.items()):
            try:
                followed = {
                    key: task for key, task in progressed.items() if listener.wants_progress(task)
                }
                if changed or followed:
                    listener.callback({**changed, **followed})
            except Exception:
                logger.exception("a listener of the task log failed; it is called no more")
                self._listeners.pop(token, None)

    def look_for_troubles(self) -> None:
        """Find out what of the log cannot be read; listeners are called when that changes."""
        found = tuple(self.service.overview.troubles())
        if found == self.troubles:
            return
        self.troubles = found
        for said in found:
            logger.error("%s", said)
        for listener in list(self._listeners.values()):
            listener.callback({})

    def close(self) -> None:
        """Stop the thread."""
        self._ended.set()
        self._wanted.set()
        self._thread.join()


def _watch(
    watcher: weakref.ref[LogWatcher],
    wanted: threading.Event,
    ended: threading.Event,
    interval: float,
) -> None:
    next_look = 0.0
    while not ended.is_set():
        wanted.wait()
        if (living := watcher()) is None:
            return
        try:
            if (now := time.monotonic()) >= next_look:
                next_look = now + TROUBLE_INTERVAL
                living.look_for_troubles()
            changed, progressed = living.changes()
            if changed or progressed:
                living.notify(changed, progressed)
        except TaskLogError:  # told by the look for troubles, once
            pass
        except Exception:
            logger.exception("the task log could not be looked at; trying again")
        del living
        ended.wait(interval)


def _without_progress(task: Task) -> Task:
    """Return the task without progress and lease, which change while it runs."""
    return replace(task, done=0, total=0, lease_until=None)

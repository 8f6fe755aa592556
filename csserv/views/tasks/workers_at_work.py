"""Which workers work on which task, read at most once a second for all sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.views.tasks.task_rows import WorkersByTask

#: shortest time between two questions to the cluster [s]
MIN_INTERVAL = 1.0


class WorkersAtWork:
    """Knows which workers of a service work on which task, for all sessions of this process.

    Attributes
    ----------
    latest : the workers of each task, as read last
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self.latest: WorkersByTask = {}
        self._asked = -MIN_INTERVAL

    def refresh(self) -> WorkersByTask:
        """Ask the cluster for the workers of each task; an empty mapping without a cluster.

        This may take a while: call it in a thread. While another thread asks, the last answer is
        returned.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._lock.release()
        return self.latest

    def _ask(self) -> None:
        if time.monotonic() - self._asked < MIN_INTERVAL:
            return
        try:
            self.latest = working_on(self._service.workers())
        except CsservError:  # no runner works: no worker works either
            self.latest = {}
        self._asked = time.monotonic()


def working_on(workers: Iterable[WorkerInfo]) -> dict[str, list[str]]:
    """Return task id → uuids of the workers that work on it, sorted.

    >>> rest = ("host", "busy", "t", 0, 0, 0, "", "")
    >>> working_on([WorkerInfo("b", *rest), WorkerInfo("a", *rest)])
    {'t': ['a', 'b']}
    """
    found: dict[str, list[str]] = {}
    for worker in sorted(workers, key=lambda one: one.uuid):
        if worker.task:
            found.setdefault(worker.task, []).append(worker.uuid)
    return found

"""Which workers have which task in hand: asked at most once a second, whoever many look."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.views.tasks.task_rows import Workers

#: what was heard is believed for so long [s]
FRESH = 1.0


class WorkersAtWork:
    """Knows which workers of a service work on which task, for all sessions of this process.

    Attributes
    ----------
    found : what was heard last
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self.found: Workers = {}
        self._asked = -FRESH

    def look(self) -> Workers:
        """Return the workers of each task that is in hand; none where no cluster answers.

        It may take a while: call it in a thread. While another thread asks, what was heard last
        is returned.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._lock.release()
        return self.found

    def _ask(self) -> None:
        if time.monotonic() - self._asked < FRESH:
            return
        try:
            self.found = working_on(self._service.workers())
        except CsservError:  # no runner works: nothing is in hand
            self.found = {}
        self._asked = time.monotonic()


def working_on(workers: Iterable[WorkerInfo]) -> dict[str, list[str]]:
    """Return the uuids of the workers that work on each task, by its id, in order.

    >>> rest = ("host", "busy", "t", 0, 0, 0, "", "")
    >>> working_on([WorkerInfo("b", *rest), WorkerInfo("a", *rest)])
    {'t': ['a', 'b']}
    """
    found: dict[str, list[str]] = {}
    for worker in sorted(workers, key=lambda one: one.uuid):
        if worker.task:
            found.setdefault(worker.task, []).append(worker.uuid)
    return found

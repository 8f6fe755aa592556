"""Which workers work on which task: for a table of tasks."""

from __future__ import annotations

from collections.abc import Iterable

from csserv.tasks.workers import WorkerInfo


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

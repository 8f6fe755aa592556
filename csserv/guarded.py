"""A service as one caller may use it: the dashboard's pages get no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from csserv.access import Caller, Role, check_allowed, check_owner
from csserv.errors import AccessDeniedError
from csserv.service import Service
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.tasks.cluster.worker_pool import WorkerPool
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.plan.estimate import Estimate


class GuardedService(Service):
    """Looks for all; submits for submitters; cancels and removes one's own, or all for an admin.

    Workers are an admin's to start and stop. The rules are those of the HTTP API.

    Parameters
    ----------
    service : what is guarded; log, catalog and runner are its own
    caller : says who asks, each time anew; raises AccessDeniedError where nobody may any more
    """

    def __init__(self, service: Service, caller: Callable[[], Caller]) -> None:
        vars(self).update(vars(service))
        self._service = service
        self._caller = caller

    def refusal(self, act: str, task: Task | None = None) -> str:
        """Say why the caller may not do something; an empty text if he may."""
        try:
            self._check(act, task)
        except AccessDeniedError as error:
            return str(error)
        return ""

    def submit(self, *asked: Any, client: str | None = None, **options: Any) -> Task:
        """Submit in the caller's name; an admin may in that of another."""
        caller = check_allowed(self._caller(), Role.SUBMITTER)
        named = client if client and caller.role.covers(Role.ADMIN) else caller.name
        return self._service.submit(*asked, client=named, **options)

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task of the caller's own, or any for an admin."""
        self._check("cancel", self.task(task))
        return self._service.cancel(task)

    def delete(self, task: Task | str) -> None:
        """Remove a task of the caller's own, or any for an admin."""
        self._check("delete", self.task(task))
        self._service.delete(task)

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        """List the caller's tasks, or those of all for an admin."""
        caller, own = self._caller(), wanted or TaskFilter()
        if not caller.role.covers(Role.ADMIN):
            own = replace(own, client=caller.name)
        return self._service.tasks(own, first, count)

    def estimate(self, *asked: Any, **options: Any) -> Estimate:
        """Say what a request would cost, from what the tasks of all took."""
        return self._service.estimate(*asked, **options)

    @property
    def pool(self) -> WorkerPool:
        """The workers to start, drain, stop and recycle, for an admin; all may list them."""
        check_allowed(self._caller(), Role.ADMIN)
        return self._service.pool

    def stop_worker(self, uuid: str) -> WorkerInfo:
        """Let a worker go, for an admin."""
        check_allowed(self._caller(), Role.ADMIN)
        return self._service.stop_worker(uuid)

    def _check(self, act: str, task: Task | None) -> None:
        caller = check_allowed(self._caller(), Role.SUBMITTER)
        if task is not None and act in ("cancel", "delete"):
            check_owner(caller, task.client)

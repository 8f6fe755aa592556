"""A service restricted to what one caller may do, for the dashboard's pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from csserv.access import Caller, Role, check_allowed, check_owner
from csserv.catalog.own_layers import OwnLayer
from csserv.errors import AccessDeniedError
from csserv.service import Service
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.tasks.cluster.worker_pool import WorkerPool
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.plan.estimate import Estimate


class GuardedService(Service):
    """A service that checks the caller's role at each call.

    Everyone may look; submitters may submit, and cancel and remove their own tasks; admins may do
    that for all, add layers, and start and stop workers. The rules are those of the HTTP API.

    Parameters
    ----------
    service : whose log, catalog and runner are used
    caller : returns who asks, at each call; raises AccessDeniedError if that person may no longer
    """

    def __init__(self, service: Service, caller: Callable[[], Caller]) -> None:
        vars(self).update(vars(service))
        self._service = service
        self._caller = caller

    def refusal(self, act: str, task: Task | None = None) -> str:
        """Say why the caller may not do something; an empty text if the caller may."""
        try:
            self._check(act, task)
        except AccessDeniedError as error:
            return str(error)
        return ""

    def submit(self, *asked: Any, client: str | None = None, **options: Any) -> Task:
        """Submit in the caller's name; admins may name another client."""
        caller = check_allowed(self._caller(), Role.SUBMITTER)
        named = client if client and caller.role.covers(Role.ADMIN) else caller.name
        return self._service.submit(*asked, client=named, **options)

    def fetch(self, product: str, *asked: Any, **options: Any) -> Task:
        """Queue a task that fetches data; for admins, as it fills the disk."""
        caller = check_allowed(self._caller(), Role.ADMIN)
        return self._service.fetch(product, *asked, **options | {"client": caller.name})

    def prepare(self, dataset: str, area: Any, *asked: Any, **options: Any) -> Task:
        """Queue a task that keeps numbers for later requests; for admins, as it fills the disk."""
        caller = check_allowed(self._caller(), Role.ADMIN)
        return self._service.prepare(dataset, area, *asked, **options | {"client": caller.name})

    def make_sums(self, dataset: str, *asked: Any, **options: Any) -> Task:
        """Queue a task that makes time sums; for admins, as it fills the disk of the data."""
        caller = check_allowed(self._caller(), Role.ADMIN)
        return self._service.make_sums(dataset, *asked, **options | {"client": caller.name})

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task: one of the caller's own, or any for admins."""
        self._check("cancel", self.task(task))
        return self._service.cancel(task)

    def delete(self, task: Task | str) -> None:
        """Remove a task: one of the caller's own, or any for admins."""
        self._check("delete", self.task(task))
        self._service.delete(task)

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        """List the caller's own tasks, or all tasks for admins."""
        caller, own = self._caller(), wanted or TaskFilter()
        if not caller.role.covers(Role.ADMIN):
            own = replace(own, client=caller.name)
        return self._service.tasks(own, first, count)

    def estimate(self, *asked: Any, **options: Any) -> Estimate:
        """Say what a request would cost; the speed is taken from everybody's tasks."""
        return self._service.estimate(*asked, **options)

    @property
    def pool(self) -> WorkerPool:
        """The workers to start, drain, stop and recycle; admins only, but all may list them."""
        check_allowed(self._caller(), Role.ADMIN)
        return self._service.pool

    def stop_worker(self, uuid: str) -> WorkerInfo:
        """Let a worker leave; admins only."""
        check_allowed(self._caller(), Role.ADMIN)
        return self._service.stop_worker(uuid)

    def add_layer(self, *given: Any, **facts: Any) -> OwnLayer:
        """Add a layer; admins only, as all may use it then."""
        check_allowed(self._caller(), Role.ADMIN)
        return self._service.add_layer(*given, **facts)

    def remove_layer(self, name: str) -> None:
        """Remove a layer; admins only."""
        check_allowed(self._caller(), Role.ADMIN)
        self._service.remove_layer(name)

    def _check(self, act: str, task: Task | None) -> None:
        caller = check_allowed(self._caller(), Role.SUBMITTER)
        if task is not None and act in ("cancel", "delete"):
            check_owner(caller, task.client)

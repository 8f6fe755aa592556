"""Where workers run: processes of this machine, or the dask scheduler named in the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dask
from distributed import Client, Future, LocalCluster

from csserv.errors import SettingsError
from csserv.tasks.worker import TOPIC

#: the task log owns retries, so a worker's death fails its call at once
CONFIG = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.admin.log-format": "%(name)s: %(message)s",
}


class Cluster:
    """The dask workers, as the runner sees them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def address(self) -> str:
        """Address of the scheduler."""
        return str(self._client.scheduler_info(n_workers=0)["address"])

    @property
    def slots(self) -> int:
        """How many calls can run at once, at least one."""
        return max(1, len(self.workers()))

    def submit(self, function: Callable[..., Any], *args: Any, key: str) -> Future[Any]:
        """Start a call on a worker; futures among the arguments become their values there."""
        return self._client.submit(function, *args, key=key, pure=False, retries=0)

    def on_progress(self, handler: Callable[[dict[str, Any]], None]) -> None:
        """Hand each progress message to ``handler``, which runs on dask's loop: only enqueue."""
        self._client.subscribe_topic(TOPIC, lambda event: handler(event[1]))

    def workers(self) -> list[dict[str, Any]]:
        """List the workers: name, address, calls in hand, memory [bytes], threads."""
        known = self._client.scheduler_info(n_workers=-1)["workers"]
        return [_worker(address, info) for address, info in sorted(known.items())]


@contextmanager
def open_cluster(scheduler: str | None, workers: int, memory_limit: str) -> Iterator[Cluster]:
    """Connect to a scheduler, or start single-thread worker processes on this machine.

    Raises
    ------
    SettingsError : no scheduler answers at that address
    """
    with dask.config.set(CONFIG):
        if scheduler:
            with _connected(scheduler) as client:
                yield Cluster(client)
            return
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                memory_limit=memory_limit,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield Cluster(client)


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        client = Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise SettingsError(f"no dask scheduler answers at {scheduler}: {error}") from None
    with client:
        yield client


def _worker(address: str, info: dict[str, Any]) -> dict[str, Any]:
    metrics = info.get("metrics", {})
    return {
        "name": str(info.get("name", "")),
        "address": address,
        "threads": info.get("nthreads"),
        "running": metrics.get("executing", 0),
        "memory": metrics.get("memory", 0),
    }

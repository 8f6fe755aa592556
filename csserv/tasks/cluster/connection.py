"""Connects to the dask scheduler of the settings, or starts a cluster on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import dask
from distributed import Client, LocalCluster
from distributed.comm.core import connect
from distributed.scheduler import DEFAULT_EXTENSIONS
from distributed.security import Security

from csserv.errors import SettingsError
from csserv.tasks.cluster.cluster import KEPT, Cluster
from csserv.tasks.cluster.freed_memory import MEMORY
from csserv.tasks.cluster.no_spans import NoSpans
from csserv.tasks.cluster.short_memory import SHORT_MEMORY
from csserv.tasks.cluster.worker_template import (
    METHOD,
    ONE_THREAD,
    keep_template,
    start_template,
)

#: the task log owns retries, so a worker's death fails its call at once
CONFIG = SHORT_MEMORY | {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.nanny.pre-spawn-environ": MEMORY | ONE_THREAD,
    "distributed.worker.multiprocessing-method": METHOD,
    # samples of stacks each 10 ms and a tick each 20 ms: 8 per cent of a core, day and night
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.log-format": "%(name)s: %(message)s",
}

#: how long a scheduler may take to answer [s]
CONNECT_TIMEOUT = 10.0


@contextmanager
def open_cluster(
    scheduler: str | None,
    workers: int,
    memory_limit: str,
    security: Security | None = None,
    modules: Sequence[str] = (),
) -> Iterator[Cluster]:
    """Connect to a scheduler, or start single-threaded worker processes on this machine.

    Parameters
    ----------
    scheduler : address; None starts a cluster
    workers : number of workers to start
    memory_limit : of each worker, such as "2GiB"
    security : TLS of all connections, also of a cluster that is started
    modules : what workers that are started load before they are given anything to do

    Raises
    ------
    SettingsError : no scheduler answers at that address
    """
    with dask.config.set(CONFIG):
        if scheduler:
            with _connected(scheduler, security) as client:
                yield Cluster(client)
            return
        start_template(modules)
        keep_template()
        with (
            dask.config.set({"distributed.worker.preload": list(modules)}),
            _NamedWorkers(  # type: ignore[no-untyped-call]  # distributed types it not
                n_workers=0,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                # its web server runs in any case: on a free port, as there may be another cluster
                scheduler_kwargs={
                    "dashboard_address": "127.0.0.1:0",
                    "extensions": DEFAULT_EXTENSIONS | {"spans": NoSpans},
                },
                memory_limit=memory_limit,
                resources={KEPT: 1},
                security=security,
            ) as cluster,
            _OneConnection(cluster, set_as_default=False) as client,  # type: ignore[no-untyped-call]
        ):
            cluster.scale(workers)  # at once: adapt looks after a second for the first time
            cluster.adapt(minimum=workers, maximum=workers)  # those that go are replaced
            client.wait_for_workers(workers)
            yield Cluster(client)


class _OneConnection(Client):
    """A client that does not look for a scheduler it has lost: whoever needs one connects anew.

    Closed while it looked for one, it left a socket open (distributed 2026.8); and what it had
    subscribed to would be unknown to the next scheduler.
    """

    async def _reconnect(self) -> None:
        self.scheduler_comm = None  # ends the task that reads from it
        for state in self.futures.values():
            state.cancel(reason="scheduler-connection-lost")
        self.futures.clear()


class _NamedWorkers(LocalCluster):
    """A local cluster whose workers have UUIDs as names, like those that are started by hand."""

    def _new_worker_name(self, worker_number: int) -> str:
        return str(uuid4())


@contextmanager
def _connected(scheduler: str, security: Security | None) -> Iterator[Client]:
    try:
        with ThreadPoolExecutor(1) as pool:  # this thread may have an event loop already
            pool.submit(asyncio.run, _exchange_handshake(scheduler, security)).result()
        client = _OneConnection(  # type: ignore[no-untyped-call]
            scheduler, timeout=f"{CONNECT_TIMEOUT:g}s", set_as_default=False, security=security
        )
    except MemoryError:  # bytes of another protocol were taken for the length of a message
        raise SettingsError(f"what listens at {scheduler} is no dask scheduler") from None
    except (OSError, ValueError, TypeError) as error:
        why = str(error) or "it is silent"
        raise SettingsError(f"no dask scheduler answers at {scheduler}: {why}") from None
    with client:
        yield client


async def _exchange_handshake(scheduler: str, security: Security | None) -> None:
    """Exchange the first message; Client would wait for ever for an answer (distributed 2026.8)."""
    own = security.get_connection_args("client") if security else {}
    comm = await asyncio.wait_for(
        connect(scheduler, timeout=CONNECT_TIMEOUT, **own), CONNECT_TIMEOUT + 1
    )
    await comm.close()

"""Connects to the dask scheduler of the settings, or starts a cluster on this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import dask
from distributed import Client, LocalCluster
from distributed.comm.core import connect
from distributed.security import Security

from csserv.errors import SettingsError
from csserv.tasks.cluster.cluster import KEPT, Cluster

#: variables of worker processes. By dask's default freed memory is returned at once; arrays of each
#: chunk would then be cleared anew by the kernel: 1.5 times the work for a median over many cells
MEMORY = {"MALLOC_TRIM_THRESHOLD_": 64 * 2**20, "MALLOC_MMAP_THRESHOLD_": 32 * 2**20}
ONE_THREAD = {f"{library}_NUM_THREADS": 1 for library in ("OMP", "MKL", "OPENBLAS")}

#: the task log owns retries, so a worker's death fails its call at once
CONFIG = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.nanny.pre-spawn-environ": MEMORY | ONE_THREAD,
    # samples of stacks each 10 ms and a tick each 20 ms: 8 per cent of a core, day and night
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.log-format": "%(name)s: %(message)s",
}

#: how long a scheduler may take to answer [s]
CONNECT_TIMEOUT = 10.0


def worker_environment() -> dict[str, str]:
    """Return the environment of a ``dask worker`` started by hand, as of those started here."""
    return {
        "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": str(MEMORY | ONE_THREAD),
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
        # else it logs a line each time that an administrator's page asks for its state
        "DASK_LOGGING": str({"distributed": "info", "distributed.worker": "warning"}),
    }


@contextmanager
def open_cluster(
    scheduler: str | None, workers: int, memory_limit: str, security: Security | None = None
) -> Iterator[Cluster]:
    """Connect to a scheduler, or start single-threaded worker processes on this machine.

    Parameters
    ----------
    scheduler : address; None starts a cluster
    workers : number of workers to start
    memory_limit : of each worker, such as "2GiB"

    Raises
    ------
    SettingsError : no scheduler answers at that address
    """
    with dask.config.set(CONFIG):
        if scheduler:
            with _connected(scheduler, security) as client:
                yield Cluster(client)
            return
        with (
            _NamedWorkers(  # type: ignore[no-untyped-call]  # distributed types it not
                n_workers=0,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                # its web server runs in any case: on a free port, as there may be another cluster
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                memory_limit=memory_limit,
                resources={KEPT: 1},
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            cluster.adapt(minimum=workers, maximum=workers)  # replaces workers that leave
            client.wait_for_workers(workers)
            yield Cluster(client)


class _NamedWorkers(LocalCluster):
    """A local cluster whose workers have UUIDs as names, like those that are started by hand."""

    def _new_worker_name(self, worker_number: int) -> str:
        return str(uuid4())


@contextmanager
def _connected(scheduler: str, security: Security | None) -> Iterator[Client]:
    try:
        with ThreadPoolExecutor(1) as pool:  # this thread may have an event loop already
            pool.submit(asyncio.run, _exchange_handshake(scheduler, security)).result()
        client = Client(
            scheduler, timeout=f"{CONNECT_TIMEOUT:g}s", set_as_default=False, security=security
        )
    except MemoryError:  # bytes of another protocol were taken for the length of a message
        raise SettingsError(f"what listens at {scheduler} is no dask scheduler") from None
    except (OSError, ValueError, TypeError) as error:
        why = str(error) or "it is silent"
        raise SettingsError(f"no dask scheduler answers at {scheduler}: {why}") from None
    logging.getLogger("distributed.client").addFilter(_is_no_cancel)
    with client:
        yield client


def _is_no_cancel(record: logging.LogRecord) -> bool:
    """Filter the traceback of a client that was closed while it sought a lost scheduler."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


async def _exchange_handshake(scheduler: str, security: Security | None) -> None:
    """Exchange the first message; Client would wait for ever for an answer (distributed 2026.8)."""
    own = security.get_connection_args("client") if security else {}
    comm = await asyncio.wait_for(
        connect(scheduler, timeout=CONNECT_TIMEOUT, **own), CONNECT_TIMEOUT + 1
    )
    await comm.close()

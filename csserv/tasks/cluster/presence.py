"""Functions that run on a worker's event loop: to report its state, and to let it leave."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import psutil
from distributed import Status, Worker, WorkerPlugin

from csserv.outputs.own_code import OWN_CODE
from csserv.outputs.provenance import COMPUTING
from csserv.tasks.cluster.call_keys import task_of


class CallCounter(WorkerPlugin):
    """Counts the calls that a worker has finished, and holds the task that lets it leave."""

    name = "csserv"
    idempotent = True  # installed again, it goes on counting

    def __init__(self) -> None:
        self.done = 0
        self.leaving: asyncio.Task[None] | None = None

    def transition(self, key: Any, start: str, finish: str, **kwargs: Any) -> None:
        """Count a finished call."""
        self.done += (start, finish) == ("executing", "memory")


def describe(dask_worker: Worker) -> dict[str, Any]:
    """Return the state of a worker; works while it is busy."""
    keys = [str(call.key) for call in dask_worker.state.executing]
    state = "busy" if keys else "idle"
    return {
        "state": "draining" if dask_worker.status == Status.closing_gracefully else state,
        "task": task_of(keys[0]) if keys else "",
        "done": _counter(dask_worker).done,
        "since": psutil.Process().create_time(),
        "file": getattr(dask_worker, "csserv_file", ""),  # set by csserv.tasks.work.reporting
    }


def versions() -> dict[str, str]:
    """Return name → version of the packages that compute numbers or carry messages."""
    return {name: version(name) for name in (*COMPUTING, "dask", "distributed", "msgpack")} | {
        "python": platform.python_version(),
        "code of csserv": OWN_CODE[:12],
    }


def unusable_folders(readable: Sequence[Path], writable: Sequence[Path]) -> list[str]:
    """List the folders that this worker cannot read, or cannot write to."""
    wrong = [path for path in readable if not os.access(path, os.R_OK | os.X_OK)]
    wrong += [path for path in writable if not os.access(path, os.W_OK | os.X_OK)]
    return [str(path) for path in wrong]


def drain(dask_worker: Worker) -> None:
    """Let a worker finish its call, take no new one, and leave."""
    counter = _counter(dask_worker)
    if counter.leaving is None:
        dask_worker.status = Status.closing_gracefully
        counter.leaving = asyncio.get_running_loop().create_task(_leave_when_idle(dask_worker))


def leave_now(dask_worker: Worker) -> None:
    """Let a worker and its nanny leave at once."""
    counter = _counter(dask_worker)
    counter.leaving = asyncio.get_running_loop().create_task(_leave(dask_worker))


def leave_by_nanny(dask_worker: Any) -> None:
    """Have a nanny, on which this runs, end its worker, whatever that does, and leave as well."""
    closing = dask_worker.close(reason="csserv-stopped")
    dask_worker.csserv_leaving = asyncio.get_running_loop().create_task(closing)


def _counter(dask_worker: Worker) -> CallCounter:
    return cast(CallCounter, dask_worker.plugins[CallCounter.name])


async def _leave(dask_worker: Worker) -> None:
    await asyncio.sleep(0.1)  # answer first
    await dask_worker.close(nanny=True, executor_wait=False, reason="csserv-stopped")


async def _leave_when_idle(dask_worker: Worker) -> None:
    while dask_worker.state.executing:
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)  # so that the runner learns that the last call is finished
    await dask_worker.close(nanny=True, reason="csserv-drained")

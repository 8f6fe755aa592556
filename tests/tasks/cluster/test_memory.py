"""A scheduler and its workers keep nothing of calls that are done."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from distributed import Client, Scheduler, Worker

from csserv.tasks.cluster.call_keys import call_key, task_of
from csserv.tasks.cluster.connection import open_cluster
from tests.processes import eventually

pytestmark = pytest.mark.slow


def kept(dask_scheduler: Scheduler) -> dict[str, int]:
    """How many things the scheduler keeps, of each kind that calls leave behind."""
    spans = dask_scheduler.extensions["spans"]
    return {
        "tasks": len(dask_scheduler.tasks),
        "groups": len(dask_scheduler.task_groups),
        "prefixes": len(dask_scheduler.task_prefixes),
        "spans": len(spans.spans),
        "figures of workers": len(dask_scheduler.cumulative_worker_metrics),
    }


def kept_by_worker(dask_worker: Worker) -> int:
    return len(dask_worker.digests_total)


async def beat(dask_worker: Worker) -> None:
    """Tell the scheduler what was done."""
    await dask_worker.heartbeat()


def test_calls_leave_nothing_behind():
    with open_cluster(None, 1, "1GiB") as cluster:
        (address,) = cluster.addresses()
        client: Client = cluster._client

        def call(count: int) -> tuple[dict[str, int], Any]:
            for _ in range(count):
                task_id = str(uuid4())
                key = call_key("abs", f"{task_id}.1")
                assert task_of(key) == task_id
                assert cluster.submit(abs, -2, key=key, worker=address).result() == 2
            client.run(beat)
            return client.run_on_scheduler(kept), client.run(kept_by_worker)

        # what is done is forgotten a little later, so that the first look may find more
        eventually(lambda: call(20) == call(20), 30, "more is kept after more calls")

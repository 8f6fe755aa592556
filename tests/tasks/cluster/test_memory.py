"""A scheduler and its workers keep nothing of calls that are done."""

from __future__ import annotations

import gc
from typing import Any
from uuid import uuid4

import dask.config
import pytest
from distributed import Client, Scheduler, Worker

from csserv.request import Period
from csserv.tasks.cluster.call_keys import call_key, task_of
from csserv.tasks.cluster.connection import open_cluster
from csserv.tasks.cluster.short_memory import SHORT_MEMORY, short_memory_variables
from tests.processes import eventually


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


def samples(dask_worker: Worker) -> tuple[int | None, int]:
    """How many samples of its load a worker keeps at most, and how many of what it has done."""
    return dask_worker.monitor.maxlen, len(dask_worker.state.stimulus_log)


@pytest.mark.slow
def test_what_calls_were_given_is_kept_of_the_last_ones_only():
    asked = 30
    with open_cluster(None, 1, "1GiB") as cluster:  # its scheduler is in this process
        (address,) = cluster.addresses()

        def given() -> int:
            gc.collect()
            return sum(type(one) is Period for one in gc.get_objects())

        before = given()
        for _ in range(asked):
            key = call_key("str", f"{uuid4()}.1")
            assert cluster.submit(str, Period.parse("2019"), key=key, worker=address).result()
        eventually(lambda: given() - before < asked // 4, 60, "what calls were given is kept")
        client: Client = cluster._client
        assert client.run(samples) == {address: (10, 1)}


def test_processes_that_start_by_hand_remember_as_briefly():
    told = dask.config.collect_env(short_memory_variables())
    with dask.config.set(told):
        assert {name: dask.config.get(name) for name in SHORT_MEMORY} == SHORT_MEMORY


@pytest.mark.slow
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
        eventually(lambda: call(20) == call(20), 60, "more is kept after more calls")

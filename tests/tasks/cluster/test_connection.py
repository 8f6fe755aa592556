"""A connection to a scheduler that goes away."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from distributed import Scheduler

from csserv.tasks.cluster.connection import open_cluster
from tests.processes import eventually, free_port


@contextmanager
def scheduler(port: int) -> Iterator[None]:
    """A scheduler in a thread of this process."""
    loops: list[asyncio.AbstractEventLoop] = []
    is_over, is_ready = asyncio.Event(), threading.Event()

    async def serve() -> None:
        async with Scheduler(host="127.0.0.1", port=port, dashboard_address="127.0.0.1:0"):
            loops.append(asyncio.get_running_loop())
            is_ready.set()
            await is_over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert is_ready.wait(60)
    try:
        yield
    finally:
        loops[0].call_soon_threadsafe(is_over.set)
        thread.join(60)


@pytest.mark.slow
def test_lost_connection_stays_lost_and_leaves_nothing_open():
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as opened:
        with scheduler(port):
            lost = opened.enter_context(open_cluster(address, 0, "1GiB"))
            assert lost.is_connected
        eventually(lambda: not lost.is_connected)
        with scheduler(port), open_cluster(address, 0, "1GiB") as anew:
            assert anew.is_connected
            assert not lost.is_connected
            opened.close()  # while it looked for the next scheduler, it left a socket open
    gc.collect()

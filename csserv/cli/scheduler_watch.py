"""Tells whoever waits for a task that no dask scheduler answers, and when one does again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from csserv.tasks.cluster.listening import is_answered

#: time between two looks [s]
INTERVAL = 4.0


@contextmanager
def scheduler_watch(
    address: str | None, say: Callable[[str], object], interval: float = INTERVAL
) -> Iterator[None]:
    """Look from time to time whether something listens at an address, and say what has changed.

    Parameters
    ----------
    address : of the scheduler; None where a runner starts workers by itself
    interval : time between two looks [s]
    """
    if not address:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_look, args=(address, say, ended, interval), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _look(
    address: str, say: Callable[[str], object], ended: threading.Event, interval: float
) -> None:
    was_there = True
    while not ended.wait(interval):
        is_there = is_answered(address)
        if was_there and not is_there and not ended.is_set():
            say(f"no dask scheduler answers at {address}: the task waits for one")
        if is_there and not was_there:
            say(f"a dask scheduler answers at {address} again")
        was_there = is_there

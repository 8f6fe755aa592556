"""Tells whoever waits for a task what keeps it: no scheduler answers, or something stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, TypeAlias

from csserv.tasks.cluster.listening import is_answered

if TYPE_CHECKING:  # slow to import
    from csserv.tasks.run.leadership import RunnerState

#: time between two looks [s]
INTERVAL = 4.0

Say: TypeAlias = Callable[[str], object]


def scheduler_watch(
    address: str | None, say: Say, interval: float = INTERVAL
) -> AbstractContextManager[None]:
    """Look from time to time whether something listens at an address, and say what has changed.

    Parameters
    ----------
    address : of the scheduler; None where a runner starts workers by itself
    interval : time between two looks [s]
    """
    if not address:
        return nullcontext()

    def look(ended: threading.Event) -> None:
        was_there = True
        while not ended.wait(interval):
            is_there = is_answered(address)
            if was_there and not is_there and not ended.is_set():
                say(f"no dask scheduler answers at {address}: the task waits for one")
            if is_there and not was_there:
                say(f"a dask scheduler answers at {address} again")
            was_there = is_there

    return _meanwhile(look)


def stall_watch(
    state: Callable[[], RunnerState], say: Say, interval: float = INTERVAL
) -> AbstractContextManager[None]:
    """Look from time to time what stands still, and say what has changed.

    Parameters
    ----------
    state : returns that of the runner
    interval : time between two looks [s]
    """

    def look(ended: threading.Event) -> None:
        told: set[str] = set()
        while not ended.wait(interval):
            seen = state()
            now = {one.file: str(one) for one in seen.silent}
            if seen.stalled:
                now["the runner"] = seen.troubles[0]
            for name in [name for name in now if name not in told]:
                say(f"waiting: {now[name]}")
            for name in told - now.keys():
                say(f"{name} answers again, or is no longer waited for")
            told = set(now)

    return _meanwhile(look)


@contextmanager
def _meanwhile(look: Callable[[threading.Event], None]) -> Iterator[None]:
    """Look in a thread until the context ends, which the function is told by an event."""
    ended = threading.Event()
    threading.Thread(target=look, args=(ended,), daemon=True).start()
    try:
        yield
    finally:
        ended.set()

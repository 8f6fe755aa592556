"""Tells whoever waits for a task what stands still, and when it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # slow to import
    from csserv.tasks.run.leadership import RunnerState

#: time between two looks [s]
INTERVAL = 4.0


@contextmanager
def stall_watch(
    look: Callable[[], RunnerState], say: Callable[[str], object], interval: float = INTERVAL
) -> Iterator[None]:
    """Look from time to time what stands still, and say what has changed.

    Parameters
    ----------
    look : returns the state of the runner
    interval : time between two looks [s]
    """
    ended = threading.Event()
    thread = threading.Thread(target=_look, args=(look, say, ended, interval), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _look(
    look: Callable[[], RunnerState],
    say: Callable[[str], object],
    ended: threading.Event,
    interval: float,
) -> None:
    told: set[str] = set()
    while not ended.wait(interval):
        state = look()
        now = {one.file: str(one) for one in state.silent}
        if state.stalled:
            now["the runner"] = state.troubles[0]
        for name in [name for name in now if name not in told]:
            say(f"waiting: {now[name]}")
        for name in told - now.keys():
            say(f"{name} answers again, or is no longer waited for")
        told = set(now)

"""Ends a fetch on Ctrl-C and on SIGTERM: soon, in words, and with what has come kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from csserv.errors import FetchCancelledError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Whether a fetch is to end.

    Attributes
    ----------
    stop : set once a signal has come
    listens : whether what runs looks at ``stop`` by itself; else a signal breaks in
    """

    def __init__(self) -> None:
        self.stop, self.listens = threading.Event(), False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take a signal; a second one breaks in whatever runs."""
        breaks_in = self.stop.is_set() or not self.listens
        self.stop.set()
        if breaks_in:
            raise FetchCancelledError("the fetch was stopped; what it has is kept")


@contextmanager
def ends_on_signals() -> Iterator[Ending]:
    """Listen to signals until the context ends; outside of the main thread, to none."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    before = {one: signal.signal(one, ending) for one in SIGNALS}
    try:
        yield ending
    finally:
        for one, old in before.items():
            signal.signal(one, old)

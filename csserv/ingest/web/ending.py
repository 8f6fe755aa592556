"""Ends a fetch on Ctrl-C and on SIGTERM: soon, in words, and with what has come kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from csserv.errors import FetchCancelledError
from csserv.ingest.web.hands import Hands

SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: how often to look whether a signal has come [s]
LOOK = 0.2

Value = TypeVar("Value")


class Ending:
    """Whether a fetch is to end.

    Attributes
    ----------
    stop : set once a signal has come
    listens : whether what runs looks at ``stop`` by itself; else a signal breaks in
    """

    STOPPED = "the fetch was stopped; what it has is kept"

    def __init__(self) -> None:
        self.stop, self.listens = threading.Event(), False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take a signal; a second one breaks in whatever runs."""
        breaks_in = self.stop.is_set() or not self.listens
        self.stop.set()
        if breaks_in:
            raise FetchCancelledError(self.STOPPED)

    def wait_for(self, function: Callable[[], Value]) -> Value:
        """Return what a function does, or leave it to itself once a signal comes.

        For what waits for a provider: a signal that comes just before the wait begins does not
        break in, and is heard only when the provider answers.

        Raises
        ------
        FetchCancelledError : a signal came
        """
        hands = Hands[Value](1)
        call = hands.do(function)
        self.listens = True
        while not call.done():
            wait([call], LOOK)
            if self.stop.is_set():
                raise FetchCancelledError(self.STOPPED)
        self.listens = False
        hands.close(None)
        return call.result()


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

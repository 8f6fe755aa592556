"""Threads that download, and that nobody has to wait for when a fetch is stopped."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Hands(Generic[T]):
    """Some threads that do one thing after the other.

    Those of ``concurrent.futures`` are waited for when the process ends, be it that a server has
    fallen silent: a minute.
    """

    def __init__(self, count: int) -> None:
        self._due = queue.Queue[tuple[Future[T], Callable[[], T]] | None]()
        self._threads = [
            threading.Thread(target=self._work, name=f"fetch-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def do(self, act: Callable[[], T]) -> Future[T]:
        """Do something as soon as a hand is free."""
        future = Future[T]()
        self._due.put((future, act))
        return future

    def close(self, timeout: float | None) -> None:
        """End all threads once they have done what they do now; what waits is left undone.

        Parameters
        ----------
        timeout : longest time to wait for all of them [s]; None for as long as it takes
        """
        with suppress(queue.Empty):
            while left := self._due.get_nowait():
                left[0].cancel()
        for _ in self._threads:
            self._due.put(None)
        end = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        while one := self._due.get():
            future, act = one
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(act())
            except BaseException as error:
                future.set_exception(error)

"""Lets one thread of a process at a time into the netCDF library, and tells which one that is."""

from __future__ import annotations

import threading
from types import TracebackType


class LibraryLock:
    """A lock that knows its holder, as one that waits for a file in the library keeps all out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: threading.Thread | None = None

    def __enter__(self) -> None:
        self._lock.acquire()
        self._holder = threading.current_thread()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._holder = None
        self._lock.release()

    @property
    def holder(self) -> threading.Thread | None:
        """The thread that is in the library; None if none is."""
        return self._holder

    def is_free_within(self, seconds: float) -> bool:
        """Wait for a while until no thread is in the library."""
        free = self._lock.acquire(timeout=seconds)
        if free:
            self._lock.release()
        return free

"""A lock between processes that the kernel frees when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType


class FileLock:
    """A blocking ``flock``, re-entrant within a thread.

    flock belongs to the open file, so a forked child would share its parent's lock: it opens
    the file anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.RLock()
        self._file: int | None = None
        self._owner = 0
        self._depth = 0

    def __enter__(self) -> FileLock:
        self._after_fork()
        self._thread.acquire()
        if self._depth == 0:
            fcntl.flock(self._opened(), fcntl.LOCK_EX)
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            fcntl.flock(self._opened(), fcntl.LOCK_UN)
        self._thread.release()

    @property
    def threads(self) -> threading.RLock:
        """The lock among the threads of this process, which the whole lock includes."""
        self._after_fork()
        return self._thread

    def try_acquire(self) -> bool:
        """Take the lock if it is free and hold it until :meth:`close` or the process ends."""
        self._after_fork()
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def is_free(self) -> bool:
        """Whether nobody holds the lock, this process and this thread included."""
        probe = FileLock(self._path)
        free = probe.try_acquire()
        probe.close()
        return free

    def is_lost(self) -> bool:
        """Whether the file that was opened is gone: others can hold the lock of a new one."""
        if self._file is None:
            return False
        try:
            there = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:  # of a disk in trouble, nobody knows
            return False
        return not os.path.samestat(there, os.fstat(self._file))

    def close(self) -> None:
        """Let go of the lock and its file."""
        if self._file is not None and self._owner == os.getpid():
            os.close(self._file)
        self._file = None

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
            self._owner = os.getpid()
        return self._file

    def _after_fork(self) -> None:
        if self._file is not None and self._owner != os.getpid():
            self._file, self._depth, self._thread = None, 0, threading.RLock()

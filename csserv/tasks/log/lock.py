"""A lock between processes; the kernel frees it whenever its holder dies."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

#: pause between two tries to take a lock [s]
PAUSE = 0.02

#: longest time to wait for who has the lock [s]
LONGEST_WAIT = 30.0


class FileLock:
    """A blocking lock (``flock``), re-entrant within a thread.

    flock belongs to the open file, so a forked child would share the lock of its parent. The
    child therefore opens the file again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.RLock()
        self._file: int | None = None
        self._owner = 0
        self._depth = 0

    def __enter__(self) -> FileLock:
        self._after_fork()
        if not self._thread.acquire(timeout=LONGEST_WAIT):
            raise self._refusal()
        try:
            if self._depth == 0:
                self._wait()
        except BaseException:
            self._thread.release()
            raise
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
        """The lock between the threads of this process; taking the whole lock takes it, too."""
        self._after_fork()
        return self._thread

    def try_acquire(self, shared: bool = False) -> bool:
        """Take the lock if it is free, until :meth:`close` or the end of the process.

        Parameters
        ----------
        shared : others may hold it, too, if they share it
        """
        self._after_fork()
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._opened(), kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def acquire_within(self, seconds: float) -> bool:
        """Take the lock as :meth:`try_acquire` does, and wait for it for a while."""
        end = time.monotonic() + seconds
        while not self.try_acquire():
            if time.monotonic() > end:
                return False
            time.sleep(PAUSE)
        return True

    def is_free(self) -> bool:
        """Whether nobody holds the lock, not even this process."""
        probe = FileLock(self._path)
        free = probe.try_acquire()
        probe.close()
        return free

    def is_lost(self) -> bool:
        """Whether the locked file was removed, so that others can lock a new one."""
        if self._file is None:
            return False
        try:
            there = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:  # the disk is in trouble, so it is not known
            return False
        return not os.path.samestat(there, os.fstat(self._file))

    def note(self, text: bytes) -> None:
        """Leave a short text in the locked file; requires the lock. It need not reach the disk."""
        with suppress(OSError):
            os.pwrite(self._opened(), text, 0)

    def noted(self, length: int) -> bytes:
        """Return the first bytes of the text that was left in the file; empty if there is none."""
        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return b""
        try:
            return os.pread(handle, length, 0)
        except OSError:
            return b""
        finally:
            os.close(handle)

    def sync(self) -> None:
        """Wait until the locked file is on disk; requires the lock."""
        os.fsync(self._opened())

    def move_to(self, path: Path) -> None:
        """Rename the locked file, in place of another one; requires the lock."""
        self._path = self._path.rename(path)

    def close(self) -> None:
        """Release the lock and close its file."""
        if self._file is not None and self._owner == os.getpid():
            os.close(self._file)
        self._file = None

    def _wait(self) -> None:
        """Take the lock; wait for who has it, but not for ever: it may have been stopped.

        Raises
        ------
        TimeoutError : says who has it
        """
        handle = self._opened()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting = _Waiting(handle)
            if not waiting.is_locked_within(LONGEST_WAIT):
                self._file = None  # closed by who still waits
                raise self._refusal() from None

    def _refusal(self) -> TimeoutError:
        pid = holder(self._path)
        who = f"process {pid}" if pid else "another process"
        said = f"{who} has held it for {LONGEST_WAIT:g} s, and may be stopped or hang"
        return TimeoutError(errno.ETIMEDOUT, said, str(self._path))

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
            self._owner = os.getpid()
        return self._file

    def _after_fork(self) -> None:
        if self._file is not None and self._owner != os.getpid():
            self._file, self._depth, self._thread = None, 0, threading.RLock()


class _Waiting(threading.Thread):
    """Waits for a lock in place of another thread, as no system call does it for a limited time.

    To ask again and again would be unfair to who waits longest, and take longer.
    """

    def __init__(self, handle: int) -> None:
        super().__init__(name="csserv-lock", daemon=True)
        self._handle = handle
        self._is_locked = threading.Event()
        self._is_given_up = False
        self._change = threading.Lock()

    def is_locked_within(self, seconds: float) -> bool:
        """Wait for a while; if it is in vain, the file is closed later."""
        self.start()
        if self._is_locked.wait(seconds):
            return True
        with self._change:
            self._is_given_up = not self._is_locked.is_set()
        return not self._is_given_up

    def run(self) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        with self._change:
            if self._is_given_up:
                os.close(self._handle)
            else:
                self._is_locked.set()


def holder(path: Path) -> int | None:
    """Return the process that holds the lock of a file; None if that is not known."""
    with suppress(OSError, ValueError, IndexError):
        inode = path.stat().st_ino
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].endswith(f":{inode}"):
                return int(words[4])
    return None

"""Wakes who waits for files of a folder to change, in whatever process, where the system tells."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

#: what is told, in the numbers of inotify(7): written to, renamed to this name, made
CHANGES = 0x002 | 0x080 | 0x100

#: what stands before the name in each message: watch, kind, cookie, length of the name
HEAD = struct.Struct("iIII")

#: how often a thread that waits for changes sees whether they are still of interest [s]
INTERVAL = 1.0

#: most messages that are read at once [bytes]
LENGTH = 64 * 1024


class FolderWatch:
    """Tells when one of some files changes.

    Where the system does not tell (other systems than Linux, or too many that watch), who waits
    goes on when its time is over: as if it looked now and then.

    Parameters
    ----------
    names : of the files, which need not be there
    """

    def __init__(self, folder: Path, names: Collection[str]) -> None:
        self._names = frozenset(map(os.fsencode, names))
        self._handle = _watch(folder)
        self._poll = select.poll() if self._handle is not None else None
        if self._poll and self._handle is not None:
            self._poll.register(self._handle, select.POLLIN)

    @property
    def is_told(self) -> bool:
        """Whether the system tells of changes."""
        return self._handle is not None

    def wait(self, seconds: float) -> bool:
        """Wait until a file has changed since the last call, or for so long; whether one has."""
        end = time.monotonic() + seconds
        while self._poll and (left := end - time.monotonic()) > 0:
            if self._poll.poll(1000 * left) and self._tells_of_ours():
                return True
        time.sleep(max(0.0, end - time.monotonic()))
        return False

    def close(self) -> None:
        """Watch no longer."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = self._poll = None

    def __enter__(self) -> FolderWatch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _tells_of_ours(self) -> bool:
        """Read all messages; whether one is of the files, or some were lost."""
        found = False
        with suppress(BlockingIOError):
            while self._handle is not None:
                found = self._has_ours(os.read(self._handle, LENGTH)) or found
        return found

    def _has_ours(self, messages: bytes) -> bool:
        place = 0
        while place < len(messages):
            _, _, _, length = HEAD.unpack_from(messages, place)
            place += HEAD.size + length
            name = messages[place - length : place].rstrip(b"\0")
            if not name or name in self._names:  # without a name, there were too many
                return True
        return False


@contextmanager
def told_of_changes(
    open_watch: Callable[[], FolderWatch], tell: Callable[[], None]
) -> Iterator[None]:
    """Have a function called, by a thread, whenever files have changed, as long as this lasts."""
    is_over = threading.Event()

    def watch() -> None:
        """Wait for changes; now and then, see whether they are still of interest."""
        with open_watch() as changes:
            while not is_over.is_set():
                if changes.wait(INTERVAL):
                    tell()

    threading.Thread(target=watch, name="csserv-watch", daemon=True).start()
    try:
        yield
    finally:
        is_over.set()


def _watch(folder: Path) -> int | None:
    """Have changes of files in a folder told by a new handle; None if that is not to be had."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, AttributeError):  # another C library may lack it
        library = ctypes.CDLL(None)
        handle = int(library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        if handle < 0:
            return None
        if library.inotify_add_watch(handle, os.fsencode(folder), CHANGES) >= 0:
            return handle
        os.close(handle)
    return None

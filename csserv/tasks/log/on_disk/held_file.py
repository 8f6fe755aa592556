"""The log's file, held open while it is in memory, so that its inode number is not used again."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from csserv.tasks.log.on_disk.sealed import DamageError

#: an open file, and what it was before it was read
Opened = tuple[int, os.stat_result]


class HeldFile:
    """A file that others replace, and what it was when it was read.

    Attributes
    ----------
    size : of what is held [bytes]; 0 while nothing is
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._handle: int | None = None
        self._stamp: tuple[int, int, int] | None = None

    @property
    def is_held(self) -> bool:
        """Whether there was a file when it was looked for."""
        return self._handle is not None

    def open(self) -> Opened | None:
        """Open the file that is there now, to be held or closed; None if there is none.

        Raises
        ------
        DamageError : something else is in its place
        """
        # without waiting, as nobody may ever write to a pipe in its place
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            handle = os.open(self.path, flags)
        except FileNotFoundError:
            return None
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(handle)
            raise DamageError(self.path, "is no file")
        return handle, status

    def hold(self, opened: Opened | None) -> None:
        """Hold this one in place of the one before."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle, status = opened or (None, None)
        self.size = status.st_size if status else 0
        self._stamp = _stamp_of(status) if status else None

    def is_changed(self) -> bool:
        """Whether the file is another one, or was changed where it lies, which csserv never does.

        Such a change is mostly damage; who has all that was acknowledged in memory puts it right.
        """
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return self.is_held
        return not self.is_held or _stamp_of(status) != self._stamp


def stamp(path: Path) -> object:
    """Return what changes when a file changes, or why it cannot be looked at."""
    try:
        status = path.stat()
    except OSError as error:
        return error.errno
    return _stamp_of(status)


def _stamp_of(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns

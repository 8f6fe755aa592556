"""A log file that several processes write, and whoever finds it too large begins anew.

The rotating handlers of the standard library lose lines when several processes share a file: each
renames it for itself, and the others write on into the file that was renamed twice. A file for each
process would leave as many as there ever were workers. Here each line is one write at the end of
the file, which the kernel keeps whole, and a lock lets one process rename while the others look.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class SharedFile(logging.Handler):
    """Writes lines to a file that other processes write, too.

    A file that somebody else has renamed (logrotate) is made anew at the next line.

    Parameters
    ----------
    size : at which the next file begins [bytes]; 0 for no limit
    keep : number of earlier files, ``<name>.1`` being the latest

    Raises
    ------
    OSError : the file cannot be written
    """

    def __init__(self, path: Path, size: int = 0, keep: int = 5) -> None:
        self._path = path
        self._size = size
        self._keep = keep
        self._file = self._open()
        super().__init__()  # last: it registers what is to be closed when the process ends
        self._is_told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of a record; that it cannot be is said once on stderr."""
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        except Exception:
            self.handleError(record)
            return
        trouble = self._tried(lambda: self._follow(len(line)))  # it is written all the same
        trouble = self._tried(lambda: os.write(self._file, line)) or trouble
        if trouble and not self._is_told:
            with suppress(OSError, ValueError):
                sys.stderr.write(f"the log {self._path} cannot be written: {trouble.strerror}\n")
        self._is_told = trouble is not None

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            os.close(self._file)
        super().close()

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.open(self._path, flags, 0o600)

    def _follow(self, more: int) -> None:
        """Open the file anew if another one has its name now; rename it if it is too large."""
        if not self._is_current():
            self._reopen()
        if self._size and self._length() and self._length() + more > self._size:
            self._rotate(more)

    def _rotate(self, more: int) -> None:
        """Rename the file, unless another process has just done so."""
        lock = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._is_current() and self._length() + more > self._size:
                for number in range(self._keep - 1, 0, -1):
                    with suppress(FileNotFoundError):
                        self._earlier(number).replace(self._earlier(number + 1))
                if self._keep:
                    self._path.replace(self._earlier(1))
                else:
                    self._path.unlink()
            self._reopen()
        finally:
            os.close(lock)

    def _earlier(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._file))
        except FileNotFoundError:
            return False

    def _length(self) -> int:
        return os.fstat(self._file).st_size

    def _reopen(self) -> None:
        file = self._open()
        os.close(self._file)
        self._file = file

    @staticmethod
    def _tried(act: Callable[[], object]) -> OSError | None:
        """Do something, and return why it failed: the disk is full, and the process goes on."""
        try:
            act()
        except OSError as error:
            return error
        return None

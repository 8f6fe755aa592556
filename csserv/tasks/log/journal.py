"""An append-only file of changes; an incomplete line at its end is ignored."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from csserv.outputs.durable import sync

#: table → document id → document; None where it was removed
Change = dict[str, dict[str, dict[str, Any] | None]]


class Journal:
    """The changes since the JSON file was last written: one line of JSON each, with a checksum.

    Lines are only added, and the file is removed as a whole. So a reader needs no lock: it goes on
    where it stopped, and stops at a line that is not complete. The file is held open, so that its
    inode number is not used again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self.size = 0  #: bytes of complete lines read or written so far

    def read_new(self) -> Iterator[Change]:
        """Yield the changes added since the last call; all, if the file was replaced."""
        handle = self._current()
        if handle is None:
            return
        raw = os.pread(handle, max(0, os.fstat(handle).st_size - self.size), self.size)
        for line in raw.splitlines(keepends=True):
            if not _is_whole(line):
                return
            self.size += len(line)
            yield orjson.loads(line[9:])

    def append(self, line: bytes) -> None:
        """Add a line and wait until it is on disk; requires the lock, and that all news were read.

        Raises
        ------
        OSError : nothing was added
        """
        handle = self._current()
        if handle is None:
            handle = self._open(os.O_CREAT)
            sync(self._path.parent)
        if os.fstat(handle).st_size != self.size:  # a killed writer left an incomplete line
            os.ftruncate(handle, self.size)
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, self.size)
            raise
        self.size += len(line)

    def remove(self) -> None:
        """Remove the file; the JSON file now holds all its changes."""
        self._path.unlink(missing_ok=True)
        self.rewind()

    def rewind(self) -> None:
        """Read from the beginning the next time."""
        if self._file is not None:
            os.close(self._file)
        self._file, self.size = None, 0

    def _current(self) -> int | None:
        """Return the open file; it is opened again if it was replaced."""
        try:
            inode = self._path.stat().st_ino
            if self._file is None or os.fstat(self._file).st_ino != inode:
                self.rewind()
                return self._open()
        except FileNotFoundError:
            self.rewind()
        return self._file

    def _open(self, flags: int = 0) -> int:
        self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o644)
        return self._file


def journal_line(change: Change) -> bytes:
    """Write a change as a line: CRC-32 in eight hexadecimal digits, a space, JSON."""
    plain = orjson.dumps(change)
    return b"%08x %b\n" % (zlib.crc32(plain), plain)


def _is_whole(line: bytes) -> bool:
    return line.endswith(b"\n") and line[:8] == b"%08x" % zlib.crc32(line[9:-1])

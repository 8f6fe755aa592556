"""An append-only file of changes; an incomplete line at its end is ignored."""

from __future__ import annotations

import os
import stat
import zlib
from pathlib import Path
from typing import Any

import orjson

from csserv.machine.written_whole import sync
from csserv.tasks.log.on_disk.sealed import DamageError

#: table → document id → document; None where it was removed
Change = dict[str, dict[str, dict[str, Any] | None]]


class Journal:
    """The changes since the JSON file was last written: one line of JSON each, with a checksum.

    Lines are only added, and the file is removed as a whole. So a reader needs no lock: it goes on
    where it stopped, and stops at a line that is not complete. The file is held open, so that its
    inode number is not used again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        self.size = 0  #: bytes of complete lines read or written so far
        self.is_torn = False  #: whether the last line is not complete
        self.openings = 0  #: how often it was begun anew

    def read_new(self) -> list[Change]:
        """Return the changes added since the last call; all, if the file was replaced.

        Raises
        ------
        DamageError : a line is not whole, though a whole one stands behind it, or lines are gone
        """
        handle = self._current()
        self.is_torn = False
        if handle is None:
            return []
        news = os.fstat(handle).st_size - self.size
        if not news:
            return []
        if news < 0:
            raise DamageError(self.path, "is shorter than it was")
        whole, changes = 0, []
        lines = os.pread(handle, news, self.size).splitlines(keepends=True)
        for place, line in enumerate(lines):
            if not is_whole(line):
                if any(map(is_whole, lines[place:])):
                    raise DamageError(self.path, "has a damaged line before whole ones")
                self.is_torn = True
                break
            whole += len(line)
            changes.append(orjson.loads(line[9:]))
        self.size += whole
        return changes

    def append(self, line: bytes, waits: bool = True) -> None:
        """Add a line and wait until it is on disk; requires the lock, and that all news were read.

        Parameters
        ----------
        waits : if false, it is there for all processes, and may be gone after a power cut

        Raises
        ------
        OSError : nothing was added
        DamageError : nothing was added, as lines are gone that were read
        """
        known = self.size
        handle = self._current()
        if handle is None and not known:
            handle = self._open(os.O_CREAT)
            sync(self.path.parent)
        there = os.fstat(handle).st_size if handle is not None else 0
        # to add a line would leave a hole before it
        if handle is None or self.size != known or there < known:
            raise DamageError(self.path, "is shorter than it was")
        if there > self.size:  # a killed writer left an incomplete line
            os.ftruncate(handle, self.size)
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(handle, rest) :]
            if waits:
                os.fsync(handle)
        except OSError:
            os.ftruncate(handle, self.size)
            raise
        self.size += len(line)

    def remove(self) -> None:
        """Remove the file; the JSON file now holds all its changes."""
        self.path.unlink(missing_ok=True)
        self.rewind()

    def rewind(self) -> None:
        """Read from the beginning the next time."""
        if self._file is not None:
            os.close(self._file)
        self._file, self.size = None, 0
        self.openings += 1

    def _current(self) -> int | None:
        """Return the open file; it is opened again if it was replaced."""
        try:
            inode = self.path.stat().st_ino
            if self._file is None or os.fstat(self._file).st_ino != inode:
                self.rewind()
                return self._open()
        except FileNotFoundError:
            if self._file is not None:
                self.rewind()
        return self._file

    def _open(self, flags: int = 0) -> int:
        if flags == 0 and not stat.S_ISREG(self.path.stat().st_mode):
            raise DamageError(self.path, "is no file")
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o644)
        return self._file


def journal_line(change: Change) -> bytes:
    """Write a change as a line: CRC-32 in eight hexadecimal digits, a space, JSON."""
    plain = orjson.dumps(change)
    return b"%08x %b\n" % (zlib.crc32(plain), plain)


def is_whole(line: bytes) -> bool:
    """Whether a line matches its checksum."""
    return line.endswith(b"\n") and line[:8] == b"%08x" % zlib.crc32(line[9:-1])

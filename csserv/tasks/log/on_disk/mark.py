"""How much of the log was acknowledged, to tell a torn tail from damage; in the lock file."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from csserv.tasks.log.lock import FileLock

#: bytes of a mark: checksum of the file, size of the journal, checksum of the mark
LENGTH = 8 + 1 + 16 + 1 + 8


@dataclass(frozen=True)
class Mark:
    """The state of the log that was last acknowledged.

    It is written after what it speaks of has reached the disk, and need not reach it itself: after
    a power cut it may be older, and never newer, than the log.

    Attributes
    ----------
    sum : checksum of the JSON file
    journal : size of the journal [bytes]
    """

    sum: bytes
    journal: int

    def covers(self, acknowledged: Mark | None) -> bool:
        """Whether a state has all that was acknowledged: its journal may go on after that."""
        return (
            acknowledged is not None
            and self.sum == acknowledged.sum
            and self.journal >= acknowledged.journal
        )

    def write(self, lock: FileLock) -> None:
        """Leave the mark in the lock file; requires the lock."""
        text = b"%b %016d" % (self.sum, self.journal)
        lock.note(b"%b %08x" % (text, zlib.crc32(text)))

    @classmethod
    def read(cls, lock: FileLock) -> Mark | None:
        """Return the mark; None if there is none, or if it is damaged."""
        raw = lock.noted(LENGTH)
        text = raw[:-9]
        if len(raw) < LENGTH or raw[-8:] != b"%08x" % zlib.crc32(text):
            return None
        return cls(text[:8], int(text[9:]))

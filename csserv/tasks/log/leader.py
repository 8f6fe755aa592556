"""Who leads the log: a number that grows, a heartbeat, and the files that the leader waits for."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import orjson
import psutil

from csserv.errors import LeadershipLostError
from csserv.machine.patience import Silence
from csserv.tasks.log.lock import FileLock

#: file of a home that the leader locks, and where it leaves its record
NAME = "runner.lock"

#: bytes of a record, blanks included; no disk is needed to write it again
LENGTH = 4000

#: how many files that do not answer a record names, and letters of each
MOST_FILES, LONGEST_NAME = 8, 200

#: how often a record is read that is being written
TRIES = 5


@dataclass(frozen=True)
class Leader:
    """The record of a leader.

    Attributes
    ----------
    number : of its leadership; the next one has a greater number
    pid, born : its process, and when that began [s since 1970]
    beat : when its loop was alive for the last time [s], by the clock of ``time.monotonic``, which
        all processes of a host share, and which stands while the machine sleeps
    limit : a leader whose last beat is older leads no more [s]; 0 for who has none, as a repair
    silent : files that it waits for
    """

    number: int
    pid: int
    born: float
    beat: float
    limit: float
    silent: tuple[Silence, ...] = ()

    @classmethod
    def here(cls, number: int, limit: float) -> Self:
        """Return the record of this process."""
        return cls(number, os.getpid(), psutil.Process().create_time(), time.monotonic(), limit)

    @property
    def age(self) -> float:
        """How long ago its last beat was [s]."""
        return max(0.0, time.monotonic() - self.beat)

    @property
    def is_silent(self) -> bool:
        """Whether its loop stands still for too long."""
        return self.limit > 0 and self.age > self.limit

    def alive(self, silent: Iterable[Silence]) -> Self:
        """Return it with a beat of now."""
        named = [replace(one, file=one.file[-LONGEST_NAME:]) for one in silent][:MOST_FILES]
        return replace(self, beat=time.monotonic(), silent=tuple(named))

    def write(self, lock: FileLock) -> None:
        """Leave it in the locked file; requires the lock."""
        plain = [self.number, self.pid, self.born, self.beat, self.limit]
        silent = [[one.file, one.seconds] for one in self.silent]
        text = orjson.dumps([*plain, silent])
        lock.note((b"%08x %b" % (zlib.crc32(text), text)).ljust(LENGTH - 1) + b"\n")


def read_leader(home: Path) -> Leader | None:
    """Return the record of the leader, or of the last one; None if there was none."""
    lock = FileLock(home / NAME)
    for _ in range(TRIES):
        raw = lock.noted(LENGTH).strip()
        if not raw:
            return None
        if raw[:8] == b"%08x" % zlib.crc32(raw[9:]):
            number, pid, born, beat, limit, silent = orjson.loads(raw[9:])
            return Leader(number, pid, born, beat, limit, tuple(Silence(*one) for one in silent))
    return None


def check_leader(home: Path, number: int) -> None:
    """See that no other runner leads now; to be asked while the log is locked.

    Raises
    ------
    LeadershipLostError : one does
    """
    now = read_leader(home)
    if now is None or now.number != number:
        raise LeadershipLostError(
            f"another runner leads {home} (leadership {now.number if now else 'unknown'}, "
            f"this one had {number}); nothing was written"
        )

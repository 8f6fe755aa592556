"""Figures of a runner's work, kept in a file of the home for other processes to read.

The runner is a process of its own, and metrics are asked of the server: it writes its sums every
some seconds. They go on where an earlier runner's ended, so that counters never fall.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from csserv.machine.written_whole import written_whole

#: name of the file in the home folder
NAME = "figures.json"

#: how often the runner writes it [s]
INTERVAL = 5.0

#: upper ends of the classes of durations, but for the last, which has none [s]
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)


@dataclass
class Durations:
    """How many durations lie in each class, and their sum [s]."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    sum: float = 0.0

    def add(self, seconds: float) -> None:
        """Count a duration [s]."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds

    def up_to(self) -> list[tuple[str, int]]:
        """Return how many durations are no longer than each bound, as Prometheus has them."""
        found, total = [], 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            total += count
            found.append((bound, total))
        return found

    @classmethod
    def of(cls, plain: Any) -> Self:
        """Read them as they are written; those of other classes count for nothing."""
        counts = [int(count) for count in plain["counts"]]
        return cls(counts, float(plain["sum"])) if len(counts) == len(BOUNDS) + 1 else cls()


@dataclass
class WorkFigures:
    """Sums since the first runner of a home, and the workers of the present one.

    Attributes
    ----------
    pid : of the runner's process
    written : when [s since 1970]
    idle, busy : number of workers
    set_aside : how many of these are given no calls, or none of a dataset
    ended : state → number of tasks that ended so
    failures : kind of failure → number of failed tasks; see ``failure_reasons``
    retries : the same of attempts after which a task was queued again
    bytes_read : uncompressed size of what finished blocks have read [bytes]
    steps : number of the data's time steps in them
    calls : name of a worker's function → how long its calls took
    waits : how long tasks waited for their first attempt
    runs : how long the last attempt of tasks took that succeeded
    memory : of the runner's process [bytes]
    worker_memory : name of worker → what it uses [bytes]
    """

    pid: int = 0
    written: float = 0.0
    idle: int = 0
    busy: int = 0
    set_aside: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    bytes_read: float = 0.0
    steps: float = 0.0
    calls: dict[str, Durations] = field(default_factory=dict)
    waits: Durations = field(default_factory=Durations)
    runs: Durations = field(default_factory=Durations)
    memory: int = 0
    worker_memory: dict[str, int] = field(default_factory=dict)

    def forget_workers(self) -> None:
        """Say that there are no workers."""
        self.idle = self.busy = self.set_aside = 0
        self.worker_memory = {}

    def write(self, home: Path) -> None:
        """Replace the file; not synced to disk: after a power cut sums may begin anew.

        Raises
        ------
        OSError : the disk is full, or cannot be written
        """
        with written_whole(home / NAME, synced=False, swept=True) as draft:
            draft.write_bytes(orjson.dumps(self))

    @classmethod
    def read(cls, home: Path) -> Self:
        """Read the file; a missing or unreadable one holds nothing, as nobody depends on it."""
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls._of(orjson.loads((home / NAME).read_bytes()))
        return cls()

    @classmethod
    def _of(cls, plain: dict[str, Any]) -> Self:
        return cls(
            pid=int(plain["pid"]),
            written=float(plain["written"]),
            idle=int(plain["idle"]),
            busy=int(plain["busy"]),
            set_aside=int(plain["set_aside"]),
            ended=Counter(plain["ended"]),
            failures=Counter(plain["failures"]),
            retries=Counter(plain["retries"]),
            bytes_read=float(plain["bytes_read"]),
            steps=float(plain["steps"]),
            calls={str(name): Durations.of(one) for name, one in plain["calls"].items()},
            waits=Durations.of(plain["waits"]),
            runs=Durations.of(plain["runs"]),
            memory=int(plain["memory"]),
            worker_memory={
                str(name): int(one) for name, one in plain.get("worker_memory", {}).items()
            },
        )

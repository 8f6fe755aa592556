"""Figures about the whole log, for an administrator; cached until the log changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from csserv.tasks.log.disk_use import DiskUse, result_sizes
from csserv.tasks.log.figures import Failure, Queue, StateCounts, Throughput, failures
from csserv.tasks.log.task import TaskState
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.log.usage import Usage

Value = TypeVar("Value")

#: most share of the time that may go into computing figures [1]
SHARE = 0.05

#: figures are computed again after the first time at the earliest, after the second in any case [s]
SOONEST, LATEST = 2.0, 60.0

#: failures of so many days are listed
FAILURE_DAYS = 30

#: most finished tasks that are looked at
MOST = 20_000


@dataclass(frozen=True)
class RecentWork:
    """What was done in the last hour and day, and the recent failures."""

    hour: Throughput
    day: Throughput
    failures: tuple[Failure, ...]  #: of the last 30 days


class Overview:
    """Figures about a log; several threads may ask, and share the computed values."""

    def __init__(self, log: TaskLog, keep_days: int) -> None:
        self._log = log
        self._keep_days = keep_days
        self._work = _Cached[RecentWork]()
        self._usage: dict[int, _Cached[Usage]] = {}
        self._disk_use = _Cached[DiskUse]()
        self._states = _Cached[StateCounts]()

    def queue(self) -> Queue:
        """Return how many tasks wait and run now."""
        return Queue.of(self._log.all(), _now())

    def states(self) -> StateCounts:
        """Count all tasks by state; the counts may be some seconds old."""
        return self._states.get(self._log.revision, self._log.states)

    def log_bytes(self) -> dict[str, int]:
        """Return how large the parts of the log are [bytes]."""
        return self._log.bytes()

    def troubles(self) -> list[str]:
        """Say what of the log cannot be read, a sentence each; empty if all is well."""
        return self._log.troubles()

    def work(self) -> RecentWork:
        """Return the throughput of the last hour and day, and the failures of the last 30 days."""
        return self._work.get(self._log.revision, self._find_work)

    def usage(self, days: int = 30) -> Usage:
        """Count the tasks of the last days, today included, by day and dataset."""
        kept = self._usage.setdefault(days, _Cached())
        return kept.get(self._log.revision, lambda: self._find_usage(days))

    def disk_use(self) -> DiskUse:
        """Return the disk space of the results; it may be a minute old."""
        return self._disk_use.get(0, self._find_disk_use)

    def _find_work(self) -> RecentWork:
        now = _now()
        ended = self._log.ended_since(_text(now - timedelta(days=1)), None, MOST)
        failed = self._log.ended_since(
            _text(now - timedelta(days=FAILURE_DAYS)), TaskState.FAILED, MOST
        )
        return RecentWork(
            hour=Throughput.of(ended, now, 1),
            day=Throughput.of(ended, now, 24),
            failures=tuple(failures(failed, now, FAILURE_DAYS)),
        )

    def _find_usage(self, days: int) -> Usage:
        today = _now().date()
        rows = self._log.counts((today - timedelta(days=days - 1)).isoformat())
        return Usage.of(rows, today, days)

    def _find_disk_use(self) -> DiskUse:
        found, free = result_sizes(self._log.home)
        datasets = self._log.datasets([one.task for one in found])
        return DiskUse.of(found, datasets, self._keep_days, time.time(), free)


class _Cached(Generic[Value]):
    """A cached value: computed again if the log has changed, but not too often."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: Value | None = None
        self._revision = -1
        self._next = self._end = 0.0

    def get(self, revision: int, find: Callable[[], Value]) -> Value:
        """Return the value; if it must be computed, one thread does so and the others wait."""
        with self._lock:
            now = time.monotonic()
            is_old = (revision != self._revision and now >= self._next) or now >= self._end
            if self._value is None or is_old:
                self._value, self._revision = find(), revision
                took = time.monotonic() - now
                self._next = now + max(SOONEST, took / SHARE)
                self._end = max(self._next, now + LATEST)
            return self._value


def _now() -> datetime:
    return datetime.now(UTC)


def _text(moment: datetime) -> str:
    """Write a time as the log does, without a time zone, so that texts can be compared."""
    return moment.replace(tzinfo=None).isoformat()

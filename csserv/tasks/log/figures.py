"""Figures about tasks: length of the queue, throughput, and failures by reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from statistics import median
from typing import Any, Self

from csserv.tasks.log.task import Task, TaskState

#: parts of a message that differ between failures of one kind: paths, names, ids, dates, numbers
VARYING_PARTS = re.compile(
    r"'[^']*'|\"[^\"]*\"|\S*/\S+|\b\S+\.(?:nc4?|json|zip|tif)\b"
    r"|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|(?<![\w])-?\d[\d,.:TZ-]*\w*"
)

#: note on the number of attempts, which is not part of the reason
ATTEMPT_NOTE = re.compile(r" \(attempt \d+ of \d+\)$")

#: reasons are cut to this length [characters]
LONGEST = 120


@dataclass(frozen=True)
class Queue:
    """The tasks that wait and that run."""

    queued: int
    running: int
    waiting: float  #: how long the oldest queued task has waited [s]; 0 if there is none

    @classmethod
    def of(cls, tasks: Iterable[Task], now: datetime) -> Self:
        """Count the queued and running ones of some tasks."""
        listed = list(tasks)
        queued = [moment(one.submitted) for one in listed if one.state is TaskState.QUEUED]
        running = sum(one.state is TaskState.RUNNING for one in listed)
        waiting = (now - min(queued)).total_seconds() if queued else 0.0
        return cls(len(queued), running, max(0.0, waiting))


@dataclass(frozen=True)
class StateCounts:
    """How many tasks are in each state, and since when the oldest one waits."""

    counts: dict[str, int]
    oldest: str | None  #: when the oldest queued task was submitted, UTC; None if none waits

    @classmethod
    def of(cls, records: Collection[Mapping[str, Any]], archived: Mapping[str, int]) -> Self:
        """Count records as the log stores them.

        Parameters
        ----------
        archived : state → number of further tasks
        """
        counts = Counter[str](dict.fromkeys(map(str, TaskState), 0) | dict(archived))
        counts.update(map(itemgetter("state"), records))
        waiting = str(TaskState.QUEUED)  # compared as a plain text: there may be 50,000
        queued = (one["submitted"] for one in records if one["state"] == waiting)
        return cls(dict(counts), min(queued, default=None))

    def waiting(self, now: datetime) -> float:
        """Return how long the oldest queued task has waited [s]; 0 if there is none."""
        return max(0.0, (now - moment(self.oldest)).total_seconds()) if self.oldest else 0.0


@dataclass(frozen=True)
class Throughput:
    """The tasks that ended in the last hours."""

    hours: float  #: length of that time [h]
    succeeded: int
    failed: int
    cancelled: int
    steps: int  #: time steps that the succeeded ones processed
    bytes: int  #: uncompressed size of what these read [bytes]
    seconds: float | None  #: median duration of these [s]; None if none succeeded

    @classmethod
    def of(cls, tasks: Iterable[Task], now: datetime, hours: float) -> Self:
        """Count those of some tasks that ended in the last ``hours``."""
        since = now - timedelta(hours=hours)
        ended = [one for one in tasks if one.finished and moment(one.finished) >= since]
        good = [one for one in ended if one.state is TaskState.SUCCEEDED]
        answered = [one for one in good if one.request.has_result]  # fetching lasts by the network
        return cls(
            hours=hours,
            succeeded=len(good),
            failed=sum(one.state is TaskState.FAILED for one in ended),
            cancelled=sum(one.state is TaskState.CANCELLED for one in ended),
            steps=sum(one.total for one in good),
            bytes=sum(one.request.bytes for one in good),
            seconds=median(one.seconds for one in answered) if answered else None,
        )


@dataclass(frozen=True)
class Failure:
    """Failed tasks with the same reason."""

    reason: str  #: the part of their messages that they share
    count: int
    latest: str  #: when the latest one ended, UTC
    example: str  #: id of the latest one
    error: str  #: full message of the latest one


def failures(tasks: Iterable[Task], now: datetime, days: int = 30) -> list[Failure]:
    """Group the failed tasks of the last days by their reason, the most frequent first."""
    since = now - timedelta(days=days)
    groups: dict[str, list[Task]] = {}
    for one in tasks:
        if one.state is TaskState.FAILED and one.finished and moment(one.finished) >= since:
            groups.setdefault(reason(one.error or ""), []).append(one)
    found = []
    for why, group in groups.items():
        last = max(group, key=lambda one: str(one.finished))
        found.append(Failure(why, len(group), str(last.finished), last.id, last.error or ""))
    return sorted(found, key=lambda one: (-one.count, one.reason))


def reason(error: str) -> str:
    """Reduce an error message to what errors of the same kind share.

    >>> reason("/data/rain_1.nc cannot be read: NetCDF: HDF error (attempt 3 of 3)")
    '… cannot be read: NetCDF: HDF error'
    >>> reason("a worker went over its memory limit (2048 MiB)")
    'a worker went over its memory limit (… MiB)'
    """
    plain = VARYING_PARTS.sub("…", ATTEMPT_NOTE.sub("", error.strip()).partition("\n")[0])
    whole = re.sub(r"…(?:[ ,.:]*…)+", "…", plain)
    return (whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…") or "no reason was noted"


def moment(text: str) -> datetime:
    """Read a time as the log writes it; UTC where it has no time zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)

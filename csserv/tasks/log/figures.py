"""How the queue, the work and the failures stand in numbers: tasks in, numbers out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Self

from csserv.tasks.log.task import Task, TaskState

#: what differs between failures of one kind: paths and files, quoted names, ids, dates and numbers
PARTICULAR = re.compile(
    r"'[^']*'|\"[^\"]*\"|\S*/\S+|\b\S+\.(?:nc4?|json|zip|tif)\b"
    r"|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|(?<![\w])-?\d[\d,.:TZ-]*\w*"
)

#: how often it was tried, which is no reason
TRIED = re.compile(r" \(attempt \d+ of \d+\)$")

#: longer reasons are cut
LONGEST = 120


@dataclass(frozen=True)
class Queue:
    """What waits and what runs."""

    queued: int
    running: int
    waiting: float  #: how long the oldest of those that wait has waited [s]

    @classmethod
    def of(cls, tasks: Iterable[Task], now: datetime) -> Self:
        """Count open tasks; others do not matter."""
        listed = list(tasks)
        queued = [moment(one.submitted) for one in listed if one.state is TaskState.QUEUED]
        running = sum(one.state is TaskState.RUNNING for one in listed)
        waiting = (now - min(queued)).total_seconds() if queued else 0.0
        return cls(len(queued), running, max(0.0, waiting))


@dataclass(frozen=True)
class Throughput:
    """What was done in a time that has just passed."""

    hours: float  #: how long that time is [h]
    succeeded: int
    failed: int
    cancelled: int
    steps: int  #: time steps of those that succeeded
    bytes: int  #: of data that these read, unpacked [bytes]
    seconds: float | None  #: that one took, the median [s]; None where none succeeded

    @classmethod
    def of(cls, tasks: Iterable[Task], now: datetime, hours: float) -> Self:
        """Count the tasks that ended in the last ``hours``."""
        since = now - timedelta(hours=hours)
        ended = [one for one in tasks if one.finished and moment(one.finished) >= since]
        good = [one for one in ended if one.state is TaskState.SUCCEEDED]
        return cls(
            hours=hours,
            succeeded=len(good),
            failed=sum(one.state is TaskState.FAILED for one in ended),
            cancelled=sum(one.state is TaskState.CANCELLED for one in ended),
            steps=sum(one.total for one in good),
            bytes=sum(one.request.bytes for one in good),
            seconds=median(one.seconds for one in good) if good else None,
        )


@dataclass(frozen=True)
class Failure:
    """Failures of one kind."""

    reason: str  #: what they have in common
    count: int
    latest: str  #: when the latest was, UTC
    example: str  #: id of the latest
    error: str  #: of the latest, in full


def failures(tasks: Iterable[Task], now: datetime, days: int = 30) -> list[Failure]:
    """Group the failures of the last days by their reason, the most frequent first."""
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
    """Leave out of an error what differs between errors of its kind.

    >>> reason("/data/rain_1.nc cannot be read: NetCDF: HDF error (attempt 3 of 3)")
    '… cannot be read: NetCDF: HDF error'
    >>> reason("a worker went over its memory limit (2048 MiB)")
    'a worker went over its memory limit (… MiB)'
    """
    plain = PARTICULAR.sub("…", TRIED.sub("", error.strip()).partition("\n")[0])
    whole = re.sub(r"…(?:[ ,.:]*…)+", "…", plain)
    return (whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…") or "no reason was noted"


def moment(text: str) -> datetime:
    """Read a moment of the log."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)

"""What is known of a worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkerInfo:
    """A worker as an administrator sees it."""

    uuid: str
    host: str
    state: str  #: idle, busy, draining, or silent
    task: str  #: in hand, or empty
    done: int  #: calls done since it was started
    memory: int  #: used [bytes]
    memory_limit: int  #: [bytes], 0 where there is none
    since: str  #: when it was started, UTC
    address: str
    is_kept: bool = False  #: the runner starts another in its place when it goes

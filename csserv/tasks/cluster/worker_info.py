"""The state of one worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkerInfo:
    """The state of a worker, as an administrator sees it."""

    uuid: str
    host: str
    state: str  #: idle, busy, draining, aside, or silent
    task: str  #: id of the task it works on, or empty
    done: int  #: number of calls finished since it started
    memory: int  #: used [bytes]
    memory_limit: int  #: [bytes]; 0 if there is none
    since: str  #: when it started, UTC
    address: str
    is_kept: bool = False  #: whether the runner started it, and replaces it when it leaves
    set_aside: str = ""  #: why the runner gives it nothing, or nothing of some datasets

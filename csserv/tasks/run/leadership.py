"""Which process runs the tasks of a log: the one that holds a lock in its folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.task_log import TaskLog


def lead(
    log: TaskLog, should_stop: Callable[[], bool], wait: Callable[[], None]
) -> FileLock | None:
    """Wait until this process leads the log; None when told to stop before.

    The kernel frees the lock when a leader dies, so one that stands by takes over at once.
    """
    lock = FileLock(log.home / "runner.lock")
    told = False
    while not lock.try_acquire():
        if should_stop():
            return None
        if not told:
            wait()
            told = True
        time.sleep(0.5)
    return lock


def has_leader(log: TaskLog) -> bool:
    """Whether some process leads the log at this moment."""
    return is_led(log.home)


def is_led(home: Path) -> bool:
    """Whether some process leads the log of a home folder at this moment."""
    return home.is_dir() and not FileLock(home / "runner.lock").is_free()

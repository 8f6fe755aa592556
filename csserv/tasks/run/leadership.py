"""Which process runs the tasks of a log: the one that holds the lock in its folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.task_log import TaskLog


def lead(
    log: TaskLog, should_stop: Callable[[], bool], wait: Callable[[], None]
) -> FileLock | None:
    """Wait until this process leads the log, and return the lock; None if stopped before.

    The kernel frees the lock when the leader dies, so another process takes over at once.

    Parameters
    ----------
    should_stop : asked while waiting
    wait : called once, if another process leads
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
    """Whether some process leads the log now."""
    return is_led(log.home)


def is_led(home: Path) -> bool:
    """Whether some process leads the log of a home folder now."""
    return home.is_dir() and not FileLock(home / "runner.lock").is_free()

"""Which process runs the tasks of a log: the one whose number is the latest, while its loop lives.

It holds a lock, which the kernel frees when it dies; but a process that hangs keeps its lock. So it
also leaves a heartbeat, and without one another takes over, with the next number: what the old one
writes from then on is refused.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from csserv.errors import TaskLogError
from csserv.machine.patience import Silence
from csserv.machine.sd_notify import notify
from csserv.tasks.log.leader import NAME, Leader, read_leader
from csserv.tasks.log.lock import FileLock, holder
from csserv.tasks.log.task_log import TaskLog

logger = logging.getLogger(__name__)

#: longest time between two beats, and shortest time without one that ends a leadership [s]
INTERVAL, LEAST_LIMIT = 1.0, 5.0

#: how long the loop may stand still while the cluster is opened or closed [s]
LONGEST_STEP = 300.0

#: how often a runner that stands by looks [s]
LOOK_AGAIN = 0.5

#: how long to wait for the lock of the log before its holder is taken to hang, too [s]
PATIENCE = 5.0


@dataclass(frozen=True)
class RunnerState:
    """What is to be seen of the runner from outside.

    Attributes
    ----------
    leads : whether some process leads the log, and its loop lives
    number : of the leadership; None if there was none
    age : how long ago its last heartbeat was [s]; None without one
    stalled : whether a process leads whose loop stands still
    silent : files that do not answer, to the runner or to the process that asks
    """

    leads: bool
    number: int | None
    age: float | None
    stalled: bool
    silent: tuple[Silence, ...] = ()

    @property
    def troubles(self) -> list[str]:
        """What stands still, in sentences; empty if nothing does."""
        said = [str(one) for one in self.silent]
        if self.stalled:
            said.insert(0, f"the runner has given no sign of life for {self.age:.0f} s")
        return said


def runner_state(home: Path, silent: Iterable[Silence] = ()) -> RunnerState:
    """Look at the runner of a home.

    Parameters
    ----------
    silent : files that do not answer to this process
    """
    is_held = home.is_dir() and not FileLock(home / NAME).is_free()
    found = read_leader(home)
    if found is None:
        return RunnerState(is_held, None, None, stalled=False, silent=tuple(silent))
    leads = is_held and not found.is_silent
    files = {one.file: one for one in (*(found.silent if is_held else ()), *silent)}
    stalled = is_held and found.is_silent
    age = found.age if is_held else None
    return RunnerState(leads, found.number, age, stalled, tuple(files.values()))


def has_leader(log: TaskLog) -> bool:
    """Whether some process leads the log now."""
    return is_led(log.home)


def is_led(home: Path) -> bool:
    """Whether some process leads the log of a home folder now, and is alive."""
    return runner_state(home).leads


class Leadership:
    """The leadership of a log: as long as it lasts, this process may write as its leader."""

    def __init__(self, log: TaskLog, lock: FileLock, leader: Leader) -> None:
        self._log, self._lock, self._leader = log, lock, leader
        log.lead(leader.number)

    @property
    def number(self) -> int:
        """Number of the leadership."""
        return self._leader.number

    def beat(self, silent: Iterable[Silence] = ()) -> None:
        """Leave a sign of life; to be called often."""
        if time.monotonic() - self._leader.beat >= min(INTERVAL, self._leader.limit / 5):
            self._leader = self._leader.alive(silent)
            self._leader.write(self._lock)
            notify("WATCHDOG=1")

    @contextmanager
    def kept(self, seconds: float = LONGEST_STEP) -> Iterator[None]:
        """Leave signs of life while something takes long that cannot do it, but not for ever."""
        is_done = threading.Event()

        def keep() -> None:
            end = time.monotonic() + seconds
            while not is_done.wait(min(INTERVAL, self._leader.limit / 5)):
                if time.monotonic() > end:
                    return
                self.beat(self._leader.silent)

        thread = threading.Thread(target=keep, name="csserv-beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_done.set()
            thread.join()

    def is_lost(self) -> bool:
        """Whether another process leads, or the folder of the log was removed."""
        return self._lock.is_lost()

    def is_homeless(self) -> bool:
        """Whether the folder of the log was removed or moved."""
        return not (self._log.home / NAME).exists()

    def close(self) -> None:
        """Lead no longer."""
        self._lock.close()
        self._log.lead(None)


def lead(
    log: TaskLog, limit: float, should_stop: Callable[[], bool], wait: Callable[[], None]
) -> Leadership | None:
    """Wait until this process leads the log; None if stopped before.

    When the leader dies, another process takes over at once; when it hangs, after a while.

    Parameters
    ----------
    limit : another process may take over from this one after so long without a sign of life [s]
    should_stop : asked while waiting
    wait : called once, if another process leads
    """
    told = False
    while True:
        if not is_led(log.home) and (found := _take(log, max(limit, LEAST_LIMIT))):
            return found
        if should_stop():
            return None
        if not told:
            wait()
            told = True
        notify("WATCHDOG=1")
        time.sleep(LOOK_AGAIN)


def _take(log: TaskLog, limit: float) -> Leadership | None:
    """Take the lead, if nobody has it or who has it hangs; nobody writes to the log meanwhile."""
    held = FileLock(log.path.with_suffix(".lock"))
    try:
        if not held.acquire_within(PATIENCE):
            _end_silent(log.home)
            return None
        lock = FileLock(log.home / NAME)
        last = read_leader(log.home)
        fresh = Leader.here(last.number + 1 if last else 1, limit)
        if lock.try_acquire():
            fresh.write(lock)
            lock.sync()
            return Leadership(log, lock, fresh)
        lock.close()
        if last is None or not last.is_silent:
            return None
        logger.warning("the runner with process id %s hangs; this one takes over", last.pid)
        return Leadership(log, _replaced(log.home, fresh), fresh)
    except OSError as error:
        raise TaskLogError(f"cannot lead {log.home}: {error.strerror or error}") from error
    finally:
        held.close()


def _replaced(home: Path, leader: Leader) -> FileLock:
    """Put another file in the place of the lock that a process keeps that hangs."""
    draft = home / f".{NAME}.{os.getpid()}.draft"
    lock = FileLock(draft)
    if not lock.try_acquire():
        raise TaskLogError(f"cannot lock {draft}")
    leader.write(lock)
    lock.sync()
    lock.move_to(home / NAME)
    return lock


def _end_silent(home: Path) -> None:
    """Kill a leader that hangs while it holds the lock of the log, and so keeps all others out."""
    leader = read_leader(home)
    if leader is None or not leader.is_silent:
        return
    if holder(home / "task_log.lock") not in (leader.pid, None):
        return  # another process holds it, which the leader waits for
    try:
        process = psutil.Process(leader.pid)
        if abs(process.create_time() - leader.born) < 1:
            logger.warning("process %s hangs and holds the log; it is killed", leader.pid)
            process.kill()
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied:
        logger.error("process %s hangs and holds the log; end it (kill -9)", leader.pid)

"""The runner: claims tasks and drives each one to its end on the workers."""

from __future__ import annotations

import logging
import queue
import shutil
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from distributed import Future

from csserv.catalog import Catalog
from csserv.errors import CsservError, TaskCancelledError
from csserv.tasks.cluster import Cluster
from csserv.tasks.drive import Drive, start_drive
from csserv.tasks.lock import FileLock
from csserv.tasks.log import TaskLog
from csserv.tasks.task import Task, TaskState

logger = logging.getLogger(__name__)

#: how often leases are renewed and looked at, and cancelled tasks noticed [s]
TICK = 1.0

#: how often changed progress is written; a write of a log of 20 tasks took 0.8 ms [s]
NOTE = 0.15

#: how often the log is looked at for new tasks while a worker is free [s]
GLANCE = 0.1

Message = dict[str, Any] | Future[Any]


class Runner:
    """Drives tasks on a cluster; only one runner leads for each log."""

    def __init__(
        self, catalog: Catalog, log: TaskLog, cluster: Cluster, lease: float = 60.0
    ) -> None:
        self._catalog = catalog
        self._log = log
        self._cluster = cluster
        self._lease = lease
        self._drives: dict[str, Drive] = {}
        self._noted: dict[str, tuple[int, int]] = {}
        self._news: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def run(self, should_stop: Callable[[bool], bool]) -> None:
        """Run tasks until told to stop.

        Parameters
        ----------
        should_stop : asked again and again with whether anything is in hand
        """
        self._cluster.on_progress(self._news.put)
        self._log.give_back_all("its runner stopped")
        self._clear_work()
        next_tick = next_note = 0.0
        while not should_stop(bool(self._drives)):
            self._claim()
            self._fill()
            self._listen(GLANCE)
            now = time.monotonic()
            if now >= next_tick:
                self._tick()
                next_tick, next_note = now + TICK, now + NOTE
            elif now >= next_note and self._progress() != self._noted:
                self._note()
                next_note = now + NOTE
        for drive in list(self._drives.values()):
            self._end(drive, lambda task: self._log.give_back(task, "its runner stopped"))

    def _clear_work(self) -> None:
        """Remove what attempts that died left behind."""
        shutil.rmtree(self._log.home / "work", ignore_errors=True)

    def _claim(self) -> None:
        """Take new tasks while fewer are in hand than there are workers, and one."""
        while len(self._drives) < self._cluster.slots + 1:
            task = self._log.claim(self._lease)
            if task is None:
                return
            logger.info("task %s: attempt %s", task.id, task.attempt)
            self._guarded(task, partial(self._start, task))

    def _start(self, task: Task) -> None:
        area = self._log.area(task.request)
        drive = start_drive(task, area, self._catalog, self._log.home, self._cluster)
        self._drives[task.id] = drive
        for future in drive.weights.values():
            future.add_done_callback(self._news.put)

    def _fill(self) -> None:
        """Give each task a block in turn, until each worker has one in hand and one to come."""
        room = 2 * self._cluster.slots - sum(len(d.in_flight) for d in self._drives.values())
        while room > 0:
            ready = [drive for drive in self._drives.values() if drive.waiting]
            if not ready:
                return
            for drive in ready[:room]:
                drive.next_block(self._cluster).add_done_callback(self._news.put)
                room -= 1

    def _listen(self, seconds: float) -> None:
        """Handle what the workers have said; wait for the first news at most so long."""
        try:
            self._handle(self._news.get(timeout=seconds))
            while True:
                self._handle(self._news.get_nowait())
        except queue.Empty:
            return

    def _handle(self, message: Message) -> None:
        if isinstance(message, dict):
            drive = self._drives.get(str(message.get("task")))
            if drive and message.get("attempt") == drive.job.attempt:
                drive.reported_steps += int(message["steps"])
            return
        drive = self._drives.get(str(message.key).partition(".")[0])
        if drive and str(message.key).startswith(f"{drive.job.task}.{drive.job.attempt}-"):
            self._guarded(drive.task, lambda: self._arrived(drive, message))

    def _arrived(self, drive: Drive, future: Future[Any]) -> None:
        if future.status != "finished":
            error = future.exception(timeout=10)
            raise error if error else ConnectionError("the scheduler lost the call")
        if future is drive.assembling:
            self._end(drive, lambda task: self._log.succeed(task, drive.total))
            return
        drive.arrived(future)
        if not drive.waiting and not drive.in_flight and drive.futures:
            drive.assemble(self._cluster).add_done_callback(self._news.put)

    def _tick(self) -> None:
        """Look after leases; move old tasks to the archives when there is time."""
        self._log.give_back_lost("its lease ran out", self._drives)
        if self._drives:
            self._note()
        else:
            self._log.sweep()

    def _note(self) -> None:
        """Write progress and renew leases in one write; drop what was cancelled meanwhile."""
        self._noted = self._progress()
        for task in self._log.note(self._noted, self._lease):
            drive = self._drives.get(task.id)
            if drive and (task.state, task.attempt) != (TaskState.RUNNING, drive.job.attempt):
                self._end(drive, lambda task: None)

    def _progress(self) -> dict[str, tuple[int, int]]:
        return {drive.task.id: (drive.done, drive.total) for drive in self._drives.values()}

    def _guarded(self, task: Task, action: Callable[[], None]) -> None:
        """Do something for a task; what goes wrong belongs in the log, not in the loop."""
        try:
            action()
        except TaskCancelledError:
            self._give_up(task, lambda task: None)
        except CsservError as error:
            reason = str(error)
            self._give_up(task, lambda task: self._log.fail(task, reason))
        except Exception as error:
            logger.exception("task %s", task.id)
            reason = _words(error)
            self._give_up(task, lambda task: self._log.give_back(task, reason))

    def _give_up(self, task: Task, note: Callable[[Task], object]) -> None:
        drive = self._drives.get(task.id)
        if drive is None:
            note(task)
        else:
            self._end(drive, note)

    def _end(self, drive: Drive, note: Callable[[Task], object]) -> None:
        self._drives.pop(drive.task.id, None)
        drive.give_up()
        after = note(drive.task)
        if isinstance(after, Task):
            logger.info("task %s: %s", after.id, after.state)


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
    lock = FileLock(log.home / "runner.lock")
    free = lock.try_acquire()
    lock.close()
    return not free


def _words(error: BaseException) -> str:
    if type(error).__name__ == "KilledWorker":
        return "a worker died while it worked on this task"
    return f"{type(error).__name__}: {error}"

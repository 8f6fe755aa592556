"""The runner: claims tasks from the log and carries them out on the workers."""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from csserv.catalog import Catalog
from csserv.errors import (
    CsservError,
    StaleGranuleError,
    TaskCancelledError,
    TaskLogError,
    TaskNotFoundError,
)
from csserv.tasks.cluster.cluster import Cluster, Running
from csserv.tasks.log.retention import Retention
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt, plan_attempt
from csserv.tasks.work.reporting import PROGRESS

logger = logging.getLogger(__name__)

#: how often leases are renewed and the log is cleaned up [s]
TICK = 1.0

#: how often progress is written, if it has changed [s]
NOTE = 0.15

#: how often the log is searched for new and for cancelled tasks [s]
GLANCE = 0.03

#: pause before a log that could not be written is tried again [s]
FULL = 1.0

Message = dict[str, Any] | Running


class Runner:
    """Carries out tasks on a cluster; there is only one runner for each log."""

    def __init__(
        self,
        catalog: Catalog,
        log: TaskLog,
        cluster: Cluster,
        lease: float = 60.0,
        retention: Retention | None = None,
    ) -> None:
        self._catalog = catalog
        self._log = log
        self._cluster = cluster
        self._lease = lease
        self._retention = retention or Retention(log, keep_days=0)
        self._attempts: dict[str, Attempt] = {}
        self._owed: deque[Callable[[], Task | None]] = deque()  #: endings to be written
        self._noted: dict[str, tuple[int, int]] = {}
        self._seen = self._nothing_queued = -1  #: revisions of the log
        self._news: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def run(self, should_stop: Callable[[bool], bool]) -> None:
        """Run tasks until stopped, or until the scheduler is lost.

        Parameters
        ----------
        should_stop : asked repeatedly; its argument says whether a task is running
        """
        self._cluster.watch(self._news.put, PROGRESS)
        next_tick = next_note = 0.0
        while self._cluster.is_connected and not should_stop(bool(self._attempts or self._owed)):
            try:
                self._pay()
                self._drop_cancelled()
                self._fill()
                self._listen(GLANCE)
                now = time.monotonic()
                if now >= next_tick:
                    self._tick()
                    next_tick, next_note = now + TICK, now + NOTE
                elif now >= next_note and self._progress() != self._noted:
                    self._note()
                    next_note = now + NOTE
            except TaskLogError as error:  # the disk is full: endings are written later
                logger.error("%s; trying again", error)
                time.sleep(FULL)
        reason = "its runner stopped" if self._cluster.is_connected else "the scheduler was lost"
        for attempt in list(self._attempts.values()):
            self._end(attempt, partial(self._log.give_back, reason=reason, counts=False))
        self._pay()

    def _fill(self) -> None:
        """Give each idle worker a call, from the attempt with the fewest calls in progress."""
        busy = {
            call.worker for attempt in self._attempts.values() for call in attempt.in_hand.values()
        }
        if gone := self._cluster.missing(busy):
            for attempt in self._attempts.values():
                attempt.lost(gone)
        workers = self._cluster.addresses()
        for worker in workers:
            if worker in busy or self._owed:
                continue
            while len(self._attempts) <= len(workers) and self._claim():
                pass
            ready = [attempt for attempt in self._attempts.values() if attempt.waiting]
            if not ready:
                return
            attempt = min(ready, key=lambda one: len(one.in_hand))
            attempt.start(self._cluster, worker).add_done_callback(self._news.put)

    def _claim(self) -> bool:
        """Claim a task from the log; False if there is none."""
        revision = self._log.revision
        if revision == self._nothing_queued:
            return False
        task = self._log.claim(self._lease)
        if task is None:
            self._nothing_queued = revision
            return False
        logger.info("task %s: attempt %s", task.id, task.attempt)
        self._guarded(task, partial(self._start, task))
        return True

    def _start(self, task: Task) -> None:
        area = self._log.area(task.request)
        self._attempts[task.id] = plan_attempt(task, area, self._catalog, self._log.home)

    def _listen(self, seconds: float) -> None:
        """Handle messages from workers; wait for the first one, but no longer than ``seconds``."""
        try:
            self._handle(self._news.get(timeout=seconds))
            while True:
                self._handle(self._news.get_nowait())
        except queue.Empty:
            return

    def _handle(self, message: Message) -> None:
        if isinstance(message, dict):
            attempt = self._attempts.get(str(message.get("task")))
            if attempt and message.get("attempt") == attempt.job.attempt:
                attempt.report(int(message["block"]), float(message["share"]))
            return
        attempt = self._attempts.get(str(message.key).partition(".")[0])
        if attempt and str(message.key) in attempt.in_hand:
            self._guarded(attempt.task, partial(self._arrived, attempt, message))

    def _arrived(self, attempt: Attempt, future: Running) -> None:
        key = str(future.key)
        if future.status == "cancelled":  # not by us: its worker left, or the scheduler is lost
            attempt.lost({attempt.in_hand[key].worker})
            return
        if future.status != "finished":
            error = future.exception(timeout=10) or ConnectionError("the call was lost")
            how = self._cluster.death(error)
            if how is None:
                raise error
            logger.warning("task %s: %s", attempt.task.id, how)
            attempt.died(key, how)
            return
        attempt.arrived(key)
        if attempt.is_done:
            self._end(attempt, partial(self._log.succeed, steps=attempt.total))

    def _drop_cancelled(self) -> None:
        """Stop the attempts at tasks that were cancelled since the log was last read."""
        revision = self._log.revision
        if revision == self._seen:
            return
        self._seen = revision
        for attempt in list(self._attempts.values()):
            try:
                self._drop_if_lost(attempt, self._log.get(attempt.task.id))
            except TaskNotFoundError:  # cancelled and removed
                self._end(attempt, lambda task: None)

    def _drop_if_lost(self, attempt: Attempt, task: Task) -> None:
        if (task.state, task.attempt) != (TaskState.RUNNING, attempt.job.attempt):
            self._end(attempt, lambda task: None)

    def _tick(self) -> None:
        """Renew leases and clean up."""
        if self._attempts:
            self._note()
        self._log.give_back_all("its lease ran out", self._attempts, before=time.time())
        self._log.sweep()
        self._log.fold()
        self._retention.keep_house(self._attempts)

    def _note(self) -> None:
        """Write progress and renew leases in one write; stop attempts that were cancelled."""
        noted = self._progress()
        for task in self._log.note(noted, self._lease):
            if attempt := self._attempts.get(task.id):
                self._drop_if_lost(attempt, task)
        self._noted = noted

    def _progress(self) -> dict[str, tuple[int, int]]:
        return {
            attempt.task.id: (attempt.done, attempt.total) for attempt in self._attempts.values()
        }

    def _guarded(self, task: Task, action: Callable[[], None]) -> None:
        """Do something for a task; an error goes to the log and does not end the loop."""
        try:
            action()
        except TaskCancelledError:
            self._give_up(task, lambda task: None)
        except TaskLogError:
            raise
        except StaleGranuleError as error:  # planned again, it may find the file's successor
            self._give_up(task, partial(self._log.give_back, reason=str(error)))
        except CsservError as error:
            self._give_up(task, partial(self._log.fail, error=str(error)))
        except Exception as error:
            logger.exception("task %s", task.id)
            reason = f"{type(error).__name__}: {error}"
            self._give_up(task, partial(self._log.give_back, reason=reason))

    def _give_up(self, task: Task, note: Callable[[Task], Task | None]) -> None:
        attempt = self._attempts.get(task.id)
        if attempt is None:
            self._owed.append(partial(note, task))
        else:
            self._end(attempt, note)

    def _end(self, attempt: Attempt, note: Callable[[Task], Task | None]) -> None:
        self._attempts.pop(attempt.task.id, None)
        attempt.give_up()
        self._owed.append(partial(note, attempt.task))

    def _pay(self) -> None:
        """Write outstanding endings to the log; those that cannot be written stay outstanding."""
        while self._owed:
            after = None
            with suppress(TaskNotFoundError):  # removed in the meantime
                after = self._owed[0]()
            self._owed.popleft()
            if after:
                logger.info("task %s: %s", after.id, after.state)

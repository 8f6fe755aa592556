"""The runner: claims tasks from the log and carries them out on the workers."""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from threadpoolctl import threadpool_limits

from csserv.catalog import Catalog
from csserv.errors import (
    CsservError,
    DamagedLogError,
    LeadershipLostError,
    SilentFileError,
    StaleGranuleError,
    TaskCancelledError,
    TaskLogError,
    TaskNotFoundError,
)
from csserv.machine.folder_watch import told_of_changes
from csserv.machine.patience import Patience
from csserv.settings import Settings
from csserv.tasks.cluster.call_keys import task_of
from csserv.tasks.cluster.cluster import Cluster, Running, has_succeeded
from csserv.tasks.log.retention import Retention
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.dispatch import Dispatch
from csserv.tasks.run.fetching.fetch_clock import FetchClock
from csserv.tasks.run.observer import WorkObserver
from csserv.tasks.run.planning import Planned, Planning
from csserv.tasks.run.small_work import AT_ONCE, Room
from csserv.tasks.work.reporting import PROGRESS

logger = logging.getLogger(__name__)

#: how often leases are renewed and the log is cleaned up [s]
CLEANUP_INTERVAL = 1.0

#: how often progress is written, if it has changed [s]
PROGRESS_INTERVAL = 0.15

#: how often the log is looked at where the system does not tell of its changes [s]
POLL_INTERVAL = 0.03

#: pause before a log that could not be written is tried again [s]
WRITE_RETRY = 1.0

#: so many tasks whose workers are all set aside do not keep others from being claimed
MOST_WAITING = 50

Message = dict[str, Any] | Running | Planned | Callable[[], None]


class Runner:
    """Carries out tasks on a cluster; there is only one runner for each log."""

    def __init__(
        self,
        catalog: Catalog,
        log: TaskLog,
        cluster: Cluster,
        lease: float = 60.0,
        retention: Retention | None = None,
        patience: Patience | None = None,
        block_deadline: float = 300.0,
        settings: Settings | None = None,
        clock: FetchClock | None = None,
    ) -> None:
        self._log = log
        self._cluster = cluster
        self._lease = lease
        self._retention = retention or Retention(log, keep_days=0)
        self._observer = WorkObserver(log.home)
        self._attempts: dict[str, Attempt] = {}
        self._unwritten: deque[Callable[[], Task | None]] = deque()  #: endings to be written
        self._written: dict[str, tuple[int, int]] = {}
        self._waiting: dict[str, str] = {}  #: task id → why it waits, as the log says it
        self._seen = -1  #: revision of the log
        self._nothing_queued: object = None  #: the same, and the datasets that were avoided
        self._nothing_fits: object = None  #: the same, and whether others than small ones could
        # no SimpleQueue: a signal may make its get(timeout=...) wait for ever (CPython 3.11)
        self._news: queue.Queue[Message] = queue.Queue()
        own = patience or Patience()
        self._clock = clock
        self._planning = Planning(catalog, log, own, self._news.put, settings)
        self._dispatch = Dispatch(cluster, block_deadline, own, self._later)

    def run(self, should_stop: Callable[[bool], bool]) -> None:
        """Run tasks until stopped, or until the scheduler is lost.

        Parameters
        ----------
        should_stop : asked repeatedly; its argument says whether a task is running
        """
        try:
            # as a worker has one: several threads sum in another order (1.8e-15)
            with threadpool_limits(1, user_api="blas"):
                self._run(should_stop)
        except (DamagedLogError, LeadershipLostError):  # neither passes by itself
            for attempt in self._attempts.values():
                attempt.give_up()
            raise

    def _run(self, should_stop: Callable[[bool], bool]) -> None:
        self._cluster.watch(self._news.put, PROGRESS)
        with told_of_changes(self._log.changes, self._look_soon):
            self._loop(should_stop)
        reason = "its runner stopped" if self._cluster.is_connected else "the scheduler was lost"
        for task in self._in_hand:
            self._give_up(task, partial(self._log.requeue, reason=reason, counts=False))
        self._write_endings()
        self._observer.close()

    def _look_soon(self) -> None:
        """Have the loop look at the log, unless it is about to; may be called from any thread."""
        if self._news.empty():
            self._news.put(_look)

    def _loop(self, should_stop: Callable[[bool], bool]) -> None:
        next_cleanup = next_progress = 0.0
        while self._cluster.is_connected and not should_stop(self._is_busy):
            try:
                is_due = time.monotonic() >= next_cleanup
                if is_due or not self._is_quiet:
                    self._drop_cancelled()
                    self._feed_workers()
                    self._judge()
                self._listen(POLL_INTERVAL)
                now = time.monotonic()
                if is_due:
                    self._clean_up()
                    next_cleanup, next_progress = now + CLEANUP_INTERVAL, now + PROGRESS_INTERVAL
                elif now >= next_progress and self._has_advanced:
                    self._write_progress()
                    next_progress = now + PROGRESS_INTERVAL
            except (DamagedLogError, LeadershipLostError):
                raise
            except TaskLogError as error:  # the disk is full: endings are written later
                logger.error("%s; trying again", error)
                time.sleep(WRITE_RETRY)

    @property
    def _is_busy(self) -> bool:
        return bool(self._attempts or self._planning.tasks or self._unwritten)

    @property
    def _is_quiet(self) -> bool:
        """Whether nothing is in hand or queued, and the log is as it was when that was found."""
        return not self._is_busy and self._nothing_queued == self._state_of_log

    @property
    def _state_of_log(self) -> object:
        """What changes when there may be another task to claim."""
        return self._log.revision, self._planning.avoided

    def _feed_workers(self) -> None:
        """Give each idle worker a call, from the attempt with the fewest calls in progress."""
        busy = {
            call.worker
            for attempt in self._attempts.values()
            for call in attempt.in_progress.values()
        } | self._dispatch.proving
        if gone := self._cluster.missing(busy):
            for attempt in self._attempts.values():
                attempt.workers_left(gone)
            self._dispatch.workers_left(gone)
        workers = self._dispatch.look()
        self._observer.workers_seen(workers, busy, self._dispatch.set_aside, self._cluster.memory)
        idle = [one for one in workers if one not in busy]
        self._claim(self._room(len(workers), bool(idle)))
        for worker in idle:
            if started := self._dispatch.start_next(worker, self._attempts.values()):
                started.add_done_callback(self._news.put)

    def _room(self, workers: int, is_idle: bool) -> Room:
        """Count how many tasks may be claimed: one more than workers, beside those that wait.

        Small ones need no worker; others are claimed when one has nothing to do.
        """
        waiting = sum(bool(why) for why in self._waiting.values())
        small, planned = self._planning.quick()
        in_hand = len(self._attempts) + planned - min(waiting, MOST_WAITING)
        return Room(self._planning.small, AT_ONCE - small, (workers + 1 - in_hand) * is_idle)

    def _judge(self) -> None:
        """Look for calls that hang or that no worker can do, and say why tasks wait."""
        self._dispatch.late_calls(self._attempts.values())
        for attempt in list(self._attempts.values()):
            if error := self._dispatch.dead_end(attempt):
                self._guarded(attempt.task, partial(_raise, error))
        waiting = {key: self._dispatch.why_waiting(one) for key, one in self._attempts.items()}
        if news := {key: why for key, why in waiting.items() if why != self._waiting.get(key, "")}:
            self._log.say_why(news)
        self._waiting = waiting

    def _claim(self, room: Room) -> None:
        """Claim as many tasks from the log as there is room for; first write what has ended.

        Both in one write: who waits for the disk once for each answers half as many small requests.
        """
        state, had_room = self._state_of_log, room.large > 0
        is_known = state == self._nothing_queued or (state, had_room) == self._nothing_fits
        if is_known or room.small <= 0 >= room.large:
            self._write_endings()
            return
        with self._ending():
            tasks = self._log.claim_all(self._lease, room.fits, self._planning.avoided)
        for task in tasks:
            self._observer.task_claimed(task)
            self._planning.start(task)
        if not tasks and room.is_full:
            self._nothing_fits = state, had_room
        elif not tasks:
            self._nothing_queued = state

    def _take(self, planned: Planned) -> None:
        """Begin an attempt that was planned."""
        if isinstance(planned.outcome, Exception):
            raise planned.outcome
        attempt = planned.outcome
        self._attempts[planned.task.id] = attempt
        if planned.done:
            self._observer.call_ended(attempt, planned.done)
            self._end(attempt, self._succeeds(attempt))

    def _listen(self, seconds: float) -> None:
        """Handle messages from workers; wait for the first one, but no longer than ``seconds``."""
        try:
            self._handle(self._news.get(timeout=seconds))
            while True:
                self._handle(self._news.get_nowait())
        except queue.Empty:
            return

    def _later(self, attempt: Attempt, action: Callable[[], None]) -> None:
        """Do something for an attempt on this loop; may be called from any thread."""

        def act() -> None:
            """Do it; errors count for an attempt that is still there."""
            if self._attempts.get(attempt.task.id) is attempt:
                self._guarded(attempt.task, action)
                return
            with suppress(Exception):  # nobody waits for it any more
                action()

        self._news.put(act)

    def _handle(self, message: Message) -> None:
        if callable(message):
            message()
            return
        if isinstance(message, dict):
            attempt = self._attempts.get(str(message.get("task")))
            if attempt and message.get("attempt") == attempt.context.attempt:
                attempt.report(int(message["block"]), float(message["share"]))
            return
        if isinstance(message, Planned):
            if self._planning.end(message):
                self._guarded(message.task, partial(self._take, message))
            return
        if self._dispatch.handle_proof(message):
            return
        attempt = self._attempts.get(task_of(message.key))
        if attempt and str(message.key) in attempt.in_progress:
            self._guarded(attempt.task, partial(self._handle_end, attempt, message))

    def _handle_end(self, attempt: Attempt, future: Running) -> None:
        key = str(future.key)
        if future.status == "cancelled":  # not by us: its worker left, or the scheduler is lost
            attempt.workers_left({attempt.in_progress[key].worker})
            return
        if not has_succeeded(future):
            error = future.exception(timeout=10) or ConnectionError("the call was lost")
            how = self._cluster.describe_death(error)
            if how is None:
                self._dispatch.failed(attempt, key, error)
                return
            logger.warning("task %s: %s", attempt.task.id, how)
            attempt.worker_died(key, how)
            return
        call = attempt.finish_call(key)
        self._observer.call_ended(attempt, call)
        self._dispatch.finished(attempt, call)
        if attempt.is_done:
            self._end(attempt, self._succeeds(attempt))
            self._planning.follow_up(attempt.task)

    def _succeeds(self, attempt: Attempt) -> Callable[[Task], Task]:
        return partial(self._log.succeed, steps=attempt.total, kept=attempt.kept)

    def _drop_cancelled(self) -> None:
        """Stop the attempts at tasks that were cancelled since the log was last read."""
        revision = self._log.revision
        if revision == self._seen:
            return
        self._seen = revision
        for task in self._in_hand:
            try:
                self._drop_if_ended(task, self._log.get(task.id))
            except TaskNotFoundError:  # cancelled and removed
                self._give_up(task, lambda task: None)

    @property
    def _in_hand(self) -> list[Task]:
        """The tasks that are planned or done; what they were when they were claimed."""
        return [one.task for one in self._attempts.values()] + self._planning.tasks

    def _drop_if_ended(self, task: Task, now: Task) -> None:
        if (now.state, now.attempt) != (TaskState.RUNNING, task.attempt):
            if now.state is TaskState.CANCELLED:
                self._observer.task_left(now)
            self._give_up(task, lambda task: None)

    def _clean_up(self) -> None:
        """Renew leases and clean up."""
        if self._in_hand:
            self._write_progress()
        in_hand = {task.id for task in self._in_hand}
        for task in self._log.requeue_all("its lease ran out", in_hand, before=time.time()):
            self._observer.task_left(task)
        self._log.archive_finished()
        self._log.checkpoint()  # who leads no longer comes no further, and so removes nothing
        self._retention.clean_up(in_hand)
        self._observer.write_if_due()
        if self._clock:
            self._clock.tick()

    def _write_progress(self) -> None:
        """Write progress and renew leases in one write; stop attempts that were cancelled."""
        noted, in_hand = self._progress(), {task.id: task for task in self._in_hand}
        for now in self._log.write_progress(noted, self._lease):
            self._drop_if_ended(in_hand[now.id], now)
        self._written = noted

    @property
    def _has_advanced(self) -> bool:
        """Whether more is known of a task than the log says: at first, that nothing is done."""
        return any(self._written.get(key, (0, 0)) != now for key, now in self._progress().items())

    def _progress(self) -> dict[str, tuple[int, int]]:
        planned = dict.fromkeys((task.id for task in self._planning.tasks), (0, 0))
        return planned | {
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
        except SilentFileError as error:
            self._planning.rest(task.request.dataset, error.file)
            self._give_up(task, partial(self._log.requeue, reason=str(error), counts=False))
        except StaleGranuleError as error:  # planned again, it may find the file's successor
            self._give_up(task, partial(self._log.requeue, reason=str(error)))
        except CsservError as error:
            self._give_up(task, partial(self._log.fail, error=str(error)))
        except Exception as error:
            logger.exception("task %s", task.id)
            reason = f"{type(error).__name__}: {error}"
            self._give_up(task, partial(self._log.requeue, reason=reason))

    def _give_up(self, task: Task, note: Callable[[Task], Task | None]) -> None:
        attempt = self._attempts.get(task.id)
        self._planning.drop(task.id)
        if attempt is None:
            self._unwritten.append(partial(note, task))
        else:
            self._end(attempt, note)

    def _end(self, attempt: Attempt, note: Callable[[Task], Task | None]) -> None:
        self._attempts.pop(attempt.task.id, None)
        attempt.give_up()
        self._unwritten.append(partial(note, attempt.task))

    def _write_endings(self) -> None:
        """Write outstanding endings to the log at once; if that fails, they stay outstanding."""
        with self._ending():
            return

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Write outstanding endings together with what else is written."""
        if not self._unwritten:
            yield
            return
        with self._log.together():
            ended = [self._noted(note) for note in self._unwritten]
            yield
        self._unwritten.clear()
        for after in filter(None, ended):
            self._observer.task_left(after)

    def _noted(self, note: Callable[[], Task | None]) -> Task | None:
        with suppress(TaskNotFoundError):  # removed in the meantime
            return note()
        return None


def _look() -> None:
    """Do nothing: the loop looks at the log after each message."""


def _raise(error: Exception) -> None:
    raise error

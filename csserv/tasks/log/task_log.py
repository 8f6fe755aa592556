"""The task log: the queue of tasks to do, and the record of those done."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tinydb import where
from tinydb.table import Document

from csserv.errors import (
    InvalidRequestError,
    TooManyRequestsError,
)
from csserv.logs import event
from csserv.request import Area
from csserv.tasks.log.database import SafeTable
from csserv.tasks.log.leader import check_leader
from csserv.tasks.log.log_reader import OPEN, LogReader, task_of
from csserv.tasks.log.shared_writes import SharedWrites
from csserv.tasks.log.task import LONGEST_REASON, Task, TaskState
from csserv.tasks.log.task_ids import id_of

logger = logging.getLogger(__name__)

Change = Callable[[Task], Task]

#: after what time a client with too many open tasks should try again [s]
RETRY_AFTER = 10.0

FINAL = [str(state) for state in TaskState if state.is_final]


class TaskLog(LogReader):
    """The log as those see it who queue tasks, do them, and put them away."""

    def __init__(self, home: Path, threaded: bool = False) -> None:
        super().__init__(home, threaded)
        self._shared = SharedWrites(self._db, self._areas.sync)

    def add(
        self, task: Task, area: Area, max_open: int | None = None, is_new: bool = False
    ) -> Task:
        """Queue a task; when this returns, it is on disk. Adding the same id again changes nothing.

        Calls of several threads share the wait for the disk.

        Parameters
        ----------
        is_new : whether its id was made just now, so that no other task can have it
        max_open : how many unfinished tasks the client may have, this one included; None for any

        Raises
        ------
        InvalidRequestError : the id belongs to another request
        TooManyRequestsError : the client has as many already
        TaskLogError : the log cannot be written; nothing was queued
        """

        def insert(table: SafeTable) -> Mapping[str, Any] | None:
            """Insert the task, unless it is known; return the known one."""
            known = None if is_new else self._known(table, task.id)
            if known is None:
                self._check_open(task.client, max_open)
                self._areas.store(draft)
                self._places[task.id] = table.insert(task.to_dict())
            return known

        with self._areas.draft(area) as draft:
            known = self._shared.do(insert)
        if known is None:
            _tell_submitted(task)
            return task
        found = task_of(known)
        if found.request.fingerprint != task.request.fingerprint:
            raise InvalidRequestError(f"task id {task.id} is that of another request")
        return found

    def lead(self, number: int | None) -> None:
        """Write as the leader with a number, and no more once there is another one.

        Parameters
        ----------
        number : None for who leads no longer

        Raises
        ------
        LeadershipLostError : by all that changes the log from now on, if another leads
        """
        self._db.guard(None if number is None else partial(check_leader, self.home, number))

    def claim(self, lease: float, without: Container[str] = ()) -> Task | None:
        """Start the next attempt at a queued task, as :meth:`claim_all`; None if none is queued."""
        left = iter((True, False))
        return next(iter(self.claim_all(lease, lambda task: next(left), without)), None)

    def claim_all(
        self, lease: float, fits: Callable[[Task], bool], without: Container[str] = ()
    ) -> list[Task]:
        """Start the next attempts at queued tasks, for ``lease`` seconds, all in one write.

        Tasks are chosen by priority, then by how few running tasks their client has, then by age.

        Parameters
        ----------
        fits : asked of each in this order; the first that does not fit is the last one asked
        without : datasets whose tasks stay queued
        """

        def waits(found: Mapping[str, Any]) -> bool:
            """Whether a task may be claimed."""
            return found["state"] == TaskState.QUEUED and found["request"]["dataset"] not in without

        # not by searches, which take 10 ms among 1,500, while nobody else can write
        with self._db.reading():
            if not any(map(waits, self._db.documents())):
                return []
        claimed: list[Task] = []
        # a claim that a power cut undoes leaves the task queued, as it should be then
        with self._db.transaction(waits=False) as table:
            known = self._db.rows()
            running = (one for one in known.values() if one["state"] == TaskState.RUNNING)
            busy = Counter(str(one.get("client", "")) for one in running)
            queued = {int(key) for key, one in known.items() if waits(one)}
            while queued:
                first = min(queued, key=lambda one: _rank(known[str(one)], one, busy))
                found = table.get(doc_id=first)
                if not isinstance(found, Document) or not fits(task_of(found)):
                    break
                claimed.append(_change(table, found, lambda task: task.claimed(lease)))
                busy[claimed[-1].client] += 1
                queued.remove(first)
        return claimed

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do several changes in one write: all are made when this ends, or none."""
        with self._db.transaction():
            yield

    def write_progress(self, progress: Mapping[str, tuple[int, int]], lease: float) -> list[Task]:
        """Write the progress of running tasks and renew their leases, all in one write.

        Parameters
        ----------
        progress : task id → (time steps done, time steps to do)
        lease : length of the new leases [s]

        Returns
        -------
        the tasks as they are now; one that was cancelled in the meantime stays so
        """
        until = time.time() + lease

        def advance(task: Task) -> Task:
            """Return a task with its progress and a new lease."""
            done, total = progress[task.id]
            done = max(done, task.done) if task.total == total else done
            return replace(task, done=done, total=total, lease_until=until)

        with self._db.transaction() as table:
            found = [self._find(table, task_id) for task_id in progress]
            return [_change(table, one, _if_running(advance)) for one in found if one]

    def say_why(self, reasons: Mapping[str, str]) -> None:
        """Note why running tasks wait (task id → reason), or that they do no longer (empty)."""
        with self._db.transaction() as table:
            for task_id, reason in reasons.items():
                if found := self._find(table, task_id):
                    said = reason[:LONGEST_REASON] or None
                    _change(table, found, _if_running(partial(replace, error=said)))

    def succeed(self, task: Task, steps: int, kept: float = 0.0) -> Task:
        """End a task whose result is on disk, with its number of time steps.

        Parameters
        ----------
        kept : share of what it was to read that had been computed before, 0 to 1: it counts for no
            speed that estimates are made of
        """
        read = replace(task.request, bytes=round(task.request.bytes * (1 - kept)))
        outcome = {"done": steps, "total": steps, "request": read}
        return self._finish(task, TaskState.SUCCEEDED, **outcome)

    def fail(self, task: Task, error: str) -> Task:
        """End a task that failed."""
        return self._finish(task, TaskState.FAILED, error=error)

    def _finish(self, task: Task, state: TaskState, **outcome: Any) -> Task:
        """End a task. The first ending counts, and only the current attempt may end it."""

        def end(found: Task) -> Task:
            """Return the task as it ended."""
            if found.attempt != task.attempt:
                return found
            return found.ended(state, **outcome)

        return self._update(task.id, _if_open(end))

    def cancel(self, task_id: str) -> Task:
        """Cancel a task; one that has ended stays as it is."""

        def end(task: Task) -> Task:
            """Return the task as cancelled."""
            return task.ended(TaskState.CANCELLED)

        return self._update(task_id, _if_open(end))

    def requeue(self, task: Task, reason: str, counts: bool = True) -> Task:
        """Queue a running task again; if it has no attempts left, it fails with the reason.

        Parameters
        ----------
        counts : whether this attempt counts as one; not if the server is to blame
        """

        def back(found: Task) -> Task:
            """Return the task queued again, or failed."""
            if found.attempt != task.attempt:
                return found
            granted = found if counts else replace(found, attempts=found.attempts + 1)
            return granted.requeued(reason)

        return self._update(task.id, _if_running(back))

    def requeue_all(
        self, reason: str, keep: Container[str] = (), before: float | None = None
    ) -> list[Task]:
        """Queue running tasks again, or let them fail if they have no attempts left.

        Parameters
        ----------
        keep : ids of tasks to leave alone even if their lease ran out (clocks can be set)
        before : only tasks whose lease ran out before this time [s since 1970]; None for all

        Returns
        -------
        these tasks as they are now
        """

        def is_lost(found: Mapping[str, Any]) -> bool:
            """Whether a task is running, and to be queued again."""
            if found["state"] != TaskState.RUNNING or found["id"] in keep:
                return False
            return before is None or (found["lease_until"] or 0) < before

        with self._db.reading():  # not by a search: this is asked each second
            if not any(map(is_lost, self._db.documents())):
                return []
        with self._db.transaction() as table:
            lost = filter(is_lost, table.search(where("state") == TaskState.RUNNING))
            return [_change(table, one, lambda task: task.requeued(reason)) for one in lost]

    def archive_finished(self, keep: int = 200, before: str = "") -> int:
        """Move finished tasks to the monthly archives; return how many.

        Parameters
        ----------
        keep : how many of the latest finished tasks stay
        before : tasks that ended before this time move in any case
        """
        with self._db.reading():  # not by a search: this is asked each second
            ends = [found["finished"] for found in self._db.documents() if found["state"] in FINAL]
        if len(ends) <= keep + keep // 4 and all(one >= before for one in ends):
            return 0
        with self._db.transaction() as table:
            finished = sorted(
                table.search(where("state").one_of(FINAL)), key=lambda found: str(found["finished"])
            )
            old = [
                found
                for place, found in enumerate(finished)
                if place < len(finished) - keep or found["finished"] < before
            ]
            self._archived.ask(lambda archive: archive.add(old))
            table.remove(doc_ids=[found.doc_id for found in old])
        return len(old)

    def delete_before(self, before: str) -> int:
        """Remove the records of tasks that ended before a time, and the areas no task asks about.

        Archive files are removed as a whole, so some tasks stay longer. Returns how many went.
        """
        self.archive_finished(before=before)
        with self._db.transaction() as table:
            dropped = self._archived.ask(lambda archive: archive.drop(before))
            self._areas.sweep()
            if not (self.set_aside or self._archived.unreadable):  # a damaged record may name one
                kept = {str(found["request"]["area"]) for found in table}
                kept |= self._archived.ask(lambda archive: archive.areas())
                self._areas.keep_only(kept)
        return dropped

    def delete(self, task_id: str) -> None:
        """Remove the record of a finished task, archived or not."""
        id_of(task_id)
        with self._db.transaction() as table:
            if found := self._find(table, task_id):
                table.remove(doc_ids=[found.doc_id])
            self._archived.ask(lambda archive: archive.delete(task_id))

    def checkpoint(self) -> None:
        """Merge the journal into the JSON file, which plain TinyDB reads."""
        self._db.checkpoint()

    def _known(self, table: SafeTable, task_id: str) -> Mapping[str, Any] | None:
        return self._find(table, task_id) or self._archived.ask(lambda one: one.get(task_id))

    def _check_open(self, client: str, limit: int | None) -> None:
        if limit is None or len(known := self._db.documents()) < limit:
            return
        held = sum(one.get("client", "") == client and one["state"] in OPEN for one in known)
        if held >= limit:
            raise TooManyRequestsError(
                f"client {client!r} has {held:,} unfinished tasks; at most {limit:,} are allowed "
                "(CSSERV_MAX_OPEN_TASKS); submit again when some have ended, or cancel some",
                RETRY_AFTER,
            )

    def _update(self, task_id: str, change: Change) -> Task:
        id_of(task_id)
        with self._db.transaction() as table:
            if found := self._find(table, task_id):
                return _change(table, found, change)
        return self.get(task_id)


def _rank(found: Mapping[str, Any], place: int, busy: Mapping[str, int]) -> tuple[int, int, int]:
    # document ids rise; submission times may not, as clocks can be set
    return -int(found.get("priority", 0)), busy[str(found.get("client", ""))], place


def _tell_submitted(task: Task) -> None:
    event(
        logger,
        "task submitted",
        task=task.id,
        request_id=task.request_id,
        client=task.client,
        dataset=task.request.dataset,
        operation=task.request.operation,
    )


def _change(table: SafeTable, document: Document, change: Change) -> Task:
    before = task_of(document)
    after = change(before)
    if after != before:
        # only what has changed, so that fields of newer versions stay as they are
        known = before.to_dict()
        news = {name: new for name, new in after.to_dict().items() if new != known[name]}
        table.update(news, doc_ids=[document.doc_id])
    return after


def _if_open(change: Change) -> Change:
    return lambda task: task if task.state.is_final else change(task)


def _if_running(change: Change) -> Change:
    return lambda task: change(task) if task.state is TaskState.RUNNING else task

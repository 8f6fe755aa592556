"""The task log: the queue of what is to be done and the record of what was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tinydb import TinyDB, where
from tinydb.table import Document, Table

from csserv.errors import TaskFailedError, TaskNotFoundError
from csserv.outputs.durable import replace_file
from csserv.outputs.provenance import now
from csserv.request import Area, Request
from csserv.tasks.storage import SafeTinyDB
from csserv.tasks.task import RequestRecord, Task, TaskState

Change = Callable[[Task], Task]


class TaskLog:
    """Tasks in a TinyDB file, safe to share between the processes of one host.

    Open tasks and the latest finished ones are in ``task_log.json``, older ones in
    ``archive/task_log-YYYY-MM.json``; areas are stored once each, by content hash.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "archive").mkdir(parents=True, exist_ok=True)
        (home / "areas").mkdir(exist_ok=True)
        self.path = home / "task_log.json"
        self._db = SafeTinyDB(self.path)

    def add(self, task_id: str, request: Request, attempts: int) -> Task:
        """Queue a request; it is on disk when this returns. The same id again changes nothing."""
        area = self.home / "areas" / f"{request.area.sha256}.geojson"
        if not area.exists():
            replace_file(area, request.area.geojson.encode())
        task = Task(task_id, RequestRecord.of(request), now(), attempts=attempts)
        with self._db.transaction() as table:
            if found := table.get(where("id") == task_id):
                return _task(found)
            table.insert(task.to_dict())
        return task

    def area(self, record: RequestRecord) -> Area:
        """Read the area of a request back."""
        path = self.home / "areas" / f"{record.area}.geojson"
        try:
            return Area.from_geojson(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise TaskFailedError(f"the stored area cannot be read: {error.strerror}") from None

    def get(self, task_id: str) -> Task:
        """Find a task, archived or not.

        Raises
        ------
        TaskNotFoundError : no task has that id
        """
        if found := self._table.get(where("id") == task_id):
            return _task(found)
        for path in self._archives():
            with TinyDB(path, access_mode="r") as db:
                if found := db.get(where("id") == task_id):
                    return _task(found)
        raise TaskNotFoundError(f"no task {task_id!r} in {self.path}")

    def all(self, archived: bool = False) -> list[Task]:
        """All tasks, oldest first; those of the archives as well when asked for."""
        found = {task.id: task for task in map(_task, self._table.all())}
        for path in self._archives() if archived else []:
            with TinyDB(path, access_mode="r") as db:
                found = {task.id: task for task in map(_task, db.all())} | found
        return sorted(found.values(), key=lambda task: task.submitted)

    def is_idle(self) -> bool:
        """Whether every task has ended."""
        return all(task.state.is_final for task in self.all())

    def claim(self, lease: float) -> Task | None:
        """Hand the oldest queued task, if any, to the caller for ``lease`` seconds."""
        queued = [task for task in self.all() if task.state is TaskState.QUEUED]
        if not queued:
            return None
        with self._db.transaction() as table:
            for document in sorted(table.all(), key=lambda found: str(found["submitted"])):
                if document["state"] == TaskState.QUEUED:
                    return _change(table, document, lambda task: _claimed(task, lease))
        return None

    def note(self, progress: Mapping[str, tuple[int, int]], lease: float) -> list[Task]:
        """Write the progress of running tasks and renew their leases, all in one write.

        Parameters
        ----------
        progress : task id → time steps done and to do

        Returns
        -------
        tasks as they now stand; one that was cancelled stays so
        """
        until = time.time() + lease

        def advance(task: Task) -> Task:
            done, total = progress[task.id]
            done = max(done, task.done) if task.total == total else done
            return replace(task, done=done, total=total, lease_until=until)

        with self._db.transaction() as table:
            found = table.search(where("id").one_of(list(progress)))
            return [_change(table, document, _if_running(advance)) for document in found]

    def succeed(self, task: Task, steps: int) -> Task:
        """End a task whose result is on disk; ``steps`` is how many there were."""
        return self._finish(task, TaskState.SUCCEEDED, done=steps, total=steps, error=None)

    def fail(self, task: Task, error: str) -> Task:
        """End a task that cannot be done."""
        return self._finish(task, TaskState.FAILED, error=error)

    def _finish(self, task: Task, state: TaskState, **outcome: Any) -> Task:
        """End a task. The first ending wins, and only the present attempt may end it."""

        def end(found: Task) -> Task:
            if found.attempt != task.attempt:
                return found
            return found.move_to(state, finished=now(), lease_until=None, **outcome)

        return self._update(task.id, _if_open(end))

    def cancel(self, task_id: str) -> Task:
        """Cancel a task that has not ended."""

        def end(task: Task) -> Task:
            return task.move_to(TaskState.CANCELLED, finished=now(), lease_until=None)

        return self._update(task_id, _if_open(end))

    def give_back(self, task: Task, reason: str) -> Task:
        """Queue a running task again; it fails with the reason when its attempts are used up."""

        def back(found: Task) -> Task:
            return _back(found, reason) if found.attempt == task.attempt else found

        return self._update(task.id, _if_running(back))

    def give_back_all(self, reason: str, before: float | None = None) -> int:
        """Queue all running tasks again, or those whose lease ran out before a moment."""

        def back(task: Task) -> Task:
            kept = before is not None and (task.lease_until or 0) >= before
            return task if kept else _back(task, reason)

        running = [t for t in self.all() if t.state is TaskState.RUNNING]
        if not running:
            return 0
        with self._db.transaction() as table:
            found = table.search(where("state") == TaskState.RUNNING)
            after = [_change(table, document, _if_running(back)) for document in found]
        return sum(task.state is not TaskState.RUNNING for task in after)

    def sweep(self, keep: int = 200) -> int:
        """Move all but the latest finished tasks to the monthly archives; return how many."""
        finished = [task for task in self.all() if task.state.is_final]
        if len(finished) <= keep + keep // 4:
            return 0
        with self._db.transaction() as table:
            old = sorted(filter(_is_final, table.all()), key=lambda d: str(d["finished"]))[:-keep]
            for month in sorted({str(document["finished"])[:7] for document in old}):
                self._archive(month, [d for d in old if str(d["finished"])[:7] == month])
            table.remove(doc_ids=[document.doc_id for document in old])
        return len(old)

    @property
    def _table(self) -> Table:
        return self._db.table(self._db.default_table_name)

    def _update(self, task_id: str, change: Change) -> Task:
        with self._db.transaction() as table:
            found = table.get(where("id") == task_id)
            if isinstance(found, Document):
                return _change(table, found, change)
        return self.get(task_id)

    def _archives(self) -> list[Path]:
        return sorted((self.home / "archive").glob("task_log-*.json"), reverse=True)

    def _archive(self, month: str, documents: Iterable[Document]) -> None:
        """Copy finished tasks to a month's archive; again after a crash, nothing is doubled."""
        archive = SafeTinyDB(self.home / "archive" / f"task_log-{month}.json")
        with archive.transaction() as table:
            known = {found["id"] for found in table.all()}
            table.insert_multiple(dict(d) for d in documents if d["id"] not in known)


def _task(found: Document | list[Document]) -> Task:
    return Task.from_dict(dict(cast(Document, found)))  # a list comes of doc_ids only


def _change(table: Table, document: Document, change: Change) -> Task:
    before = _task(document)
    after = change(before)
    if after != before:
        table.update(after.to_dict(), doc_ids=[document.doc_id])
    return after


def _claimed(task: Task, lease: float) -> Task:
    return task.move_to(
        TaskState.RUNNING,
        attempt=task.attempt + 1,
        started=now(),
        lease_until=time.time() + lease,
        done=0,
        total=0,
    )


def _back(task: Task, reason: str) -> Task:
    if task.attempt < task.attempts:
        return task.move_to(TaskState.QUEUED, lease_until=None, error=reason, done=0)
    reason = f"{reason} (attempt {task.attempt} of {task.attempts})"
    return task.move_to(TaskState.FAILED, lease_until=None, error=reason, finished=now())


def _if_open(change: Change) -> Change:
    return lambda task: task if task.state.is_final else change(task)


def _if_running(change: Change) -> Change:
    return lambda task: change(task) if task.state is TaskState.RUNNING else task


def _is_final(document: Document) -> bool:
    return TaskState(document["state"]).is_final

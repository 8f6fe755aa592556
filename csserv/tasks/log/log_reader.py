"""What can be read of the task log: its tasks, archived or not, their areas, and its troubles."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinydb.table import Document

from csserv.errors import TaskExpiredError, TaskLogError, TaskNotFoundError
from csserv.machine.folder_watch import FolderWatch
from csserv.machine.private_home import make_home
from csserv.request import Area
from csserv.tasks.log.archived.mended_archive import MendedArchive
from csserv.tasks.log.database import SafeTable, SafeTinyDB
from csserv.tasks.log.figures import StateCounts
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.on_disk.area_files import AreaFiles
from csserv.tasks.log.on_disk.set_aside import pending
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter, age
from csserv.tasks.log.task_ids import id_of

#: number of tasks whose position in the table is cached
CACHED_POSITIONS = 10_000

#: states of tasks that have not ended
OPEN = [str(state) for state in TaskState if not state.is_final]


class LogReader:
    """Tasks in a TinyDB file that the processes of one host can share; these methods change none.

    Open tasks and the latest finished ones are in ``task_log.json``, older ones in
    ``archive/task_log-YYYY-MM.json``. Areas are stored beside it, equal ones once.

    Parameters
    ----------
    home : folder of the log
    threaded : whether several threads use it; readers then have a database object of their own,
        so that they do not wait for the disk while another thread writes
    """

    def __init__(self, home: Path, threaded: bool = False) -> None:
        self.home = home
        try:
            make_home(home)
            (home / "archive").mkdir(exist_ok=True)
            (home / "areas").mkdir(exist_ok=True)
        except OSError as error:
            raise TaskLogError(f"cannot write {home}: {error.strerror}") from None
        self.path = home / "task_log.json"
        self._db = SafeTinyDB(self.path, _fault)
        self._view = SafeTinyDB(self.path, _fault) if threaded else self._db
        self._archived = MendedArchive(home / "archive", self._db.transaction)
        self._areas = AreaFiles(home / "areas")
        self._presence = FileLock(home / "serving.lock")  # a server keeps repairs out
        if threaded:
            with suppress(OSError):
                self._presence.try_acquire(shared=True)
        self._places: dict[str, int] = {}  # task id → document id, as last found
        weakref.finalize(self, _let_go, self._db, self._presence)  # also when the process ends

    def area(self, record: RequestRecord) -> Area:
        """Read the area of a request.

        Raises
        ------
        TaskFailedError : its file is missing or unreadable
        """
        return self._areas.read(record.area)

    def get(self, task_id: str) -> Task:
        """Return a task, archived or not.

        Raises
        ------
        InvalidRequestError : what was given is no text
        TaskNotFoundError : no task has that id
        TaskExpiredError : there was one, and its record is no longer kept
        """
        if not id_of(task_id).isprintable():  # the index refuses text such as half a character
            raise TaskNotFoundError(f"no task {task_id[:80]!r} in {self.path}")
        with self._view.reading() as table:
            found = self._find(table, task_id)
        if known := found or self._archived.ask(lambda archive: archive.get(task_id)):
            return task_of(known)
        if ended := self._archived.ask(lambda archive: archive.ended_at(task_id)):
            if self.set_aside or self._archived.unreadable:
                raise TaskLogError(
                    f"the record of task {task_id}, which ended on {ended[:10]}, is in a damaged "
                    "or unreadable file, or is no longer kept; stop csserv, then run: csserv repair"
                )
            raise TaskExpiredError(
                f"task {task_id} ended on {ended[:10]}; its record and result are no longer kept"
            )
        raise TaskNotFoundError(f"no task {task_id!r} in {self.path}")

    def all(self) -> list[Task]:
        """List open tasks and the latest finished ones, in the order of submission."""
        with self._view.reading() as table:
            return [task_of(found) for found in sorted(table.all(), key=lambda one: one.doc_id)]

    def find(self, wanted: TaskFilter, first: int = 0, count: int = 50) -> list[Task]:
        """List tasks, archived or not, newest first: ``count`` of them, after ``first`` others."""
        most = first + count
        with self._view.reading():
            passing = filter(wanted.passes, self._view.documents())
            hot = sorted(passing, key=age, reverse=True)[:most]
        # of the archived ones, only those that are newer than the last of these are read
        oldest = age(hot[-1]) if len(hot) == most and hot else None
        archived = self._archived.ask(lambda archive: archive.find(asdict(wanted), most, oldest))
        found = {one["id"]: one for one in archived} | {one["id"]: one for one in hot}
        newest = sorted(found.values(), key=age, reverse=True)
        return [task_of(one) for one in newest[first:most]]

    def ended_since(self, since: str, state: TaskState | None, limit: int) -> list[Task]:
        """List tasks that ended at or after a moment (UTC, ISO 8601).

        Parameters
        ----------
        state : only those in this state; None for any
        limit : how many of the archived ones are read at most, the latest first
        """
        ended = self._archived.ask(
            lambda archive: archive.ended_since(since, state and str(state), limit)
        )
        archived = map(task_of, ended)
        hot = [one for one in self.all() if one.finished and one.finished >= since]
        wanted = [one for one in hot if state in (None, one.state)]
        return list(({one.id: one for one in archived} | {one.id: one for one in wanted}).values())

    def counts(self, since: str) -> list[tuple[str, str, int]]:
        """Count all tasks by day of submission and dataset, from a day on (YYYY-MM-DD)."""
        hot = self.all()
        archived = self._archived.ask(
            lambda archive: archive.counts(since, [one.id for one in hot])
        )
        return archived + [(one.submitted[:10], one.request.dataset, 1) for one in hot]

    def states(self) -> StateCounts:
        """Count the tasks by state, archived or not."""
        archived = self._archived.ask(lambda archive: archive.states())
        with self._view.reading():  # records as they are stored: building tasks takes seconds
            return StateCounts.of(self._view.documents(), archived)

    def bytes(self) -> dict[str, int]:
        """Return how large the files of the log are: file, journal, archive, areas [bytes]."""
        parts = {
            "file": [self.path],
            "journal": [self.path.with_suffix(".journal")],
            "archive": (self.home / "archive").glob("*"),
        }
        return {name: sum(map(_size, paths)) for name, paths in parts.items()}

    def datasets(self, ids: Sequence[str]) -> dict[str, str]:
        """Return task id → dataset; unknown tasks are left out."""
        wanted = set(ids)
        hot = {one.id: one.request.dataset for one in self.all() if one.id in wanted}
        return self._archived.ask(lambda archive: archive.datasets(ids)) | hot

    def open_ids(self) -> set[str]:
        """Return the ids of the tasks that have not ended."""
        with self._view.reading():  # not by a search: that takes 5 ms among 1,500
            return {found["id"] for found in self._view.documents() if found["state"] in OPEN}

    def is_idle(self) -> bool:
        """Whether every task has ended."""
        return not self.open_ids()

    @property
    def revision(self) -> int:
        """A number that rises whenever a change of the log is noticed."""
        return self._view.revision

    def changes(self) -> FolderWatch:
        """Watch for changes of the log, by whatever process; to be closed."""
        return FolderWatch(self.home, (self.path.name, self.path.with_suffix(".journal").name))

    @property
    def set_aside(self) -> list[Path]:
        """Files that could not be read and wait for `csserv repair`."""
        return pending(self.home)

    def troubles(self) -> list[str]:
        """Say what could not be read and is left out or refused; empty if all is well."""
        try:
            self._view.check()
        except TaskLogError as error:
            return [str(error)]
        aside = [f"{path.parent.name}/{path.name}" for path in self.set_aside]
        said = [
            f"damaged files were set aside, and what could not be read of them is left out: "
            f"{', '.join(aside)}; stop csserv, then run: csserv repair"
        ] * bool(aside)
        found = self._archived.unreadable.items()
        return said + [
            f"archive/{name} cannot be read and is left out: {why}" for name, why in found
        ]

    def _find(self, table: SafeTable, task_id: str) -> Document | None:
        """Find a task by its id, first where it was found last."""
        place = self._places.get(task_id)
        found = table.get(doc_id=place) if place is not None else None
        if found is None or found["id"] != task_id:
            place = table.place_of("id", task_id)
            found = table.get(doc_id=place) if place is not None else None
        if isinstance(found, Document):
            if len(self._places) > CACHED_POSITIONS:
                self._places.clear()
            self._places[task_id] = found.doc_id
            return found
        self._places.pop(task_id, None)
        return None


def task_of(found: Mapping[str, Any]) -> Task:
    """Return the task of a record."""
    return Task.from_dict(found)


def _let_go(db: SafeTinyDB, presence: FileLock) -> None:
    with suppress(TaskLogError, OSError):
        db.checkpoint_if_free()
    db.close()
    presence.close()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _fault(record: dict[str, Any]) -> str:
    """Say why a record is none of a task; empty if it is one."""
    try:
        task_of(record)
    except TaskLogError as error:
        return str(error)
    return ""

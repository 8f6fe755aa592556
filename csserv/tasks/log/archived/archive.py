"""Finished tasks in monthly TinyDB files, with an SQLite index that can be rebuilt from them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from csserv.tasks.log.archived.archive_index import ArchiveIndex, IndexDamageError
from csserv.tasks.log.archived.archive_repair import ArchiveRepair
from csserv.tasks.log.archived.archive_rows import ArchiveRows
from csserv.tasks.log.archived.archived_record import Plain
from csserv.tasks.log.archived.monthly_files import FILE_SIZE, MonthlyFiles

#: file systems tell times of changes apart that lie further apart than this [s]
TICK = 0.1


class Archive:
    """Finished tasks, for as long as they are kept.

    ``task_log-YYYY-MM.json`` hold the tasks and open with plain TinyDB. ``index.sqlite`` holds
    the position of each task in them; it is rebuilt from the files if it is lost. Writing
    requires the lock of the task log.

    A damaged file is set aside, and what is whole in it stays; see :meth:`mend`.
    """

    def __init__(self, folder: Path, file_size: int = FILE_SIZE) -> None:
        self._folder = folder
        self._index = ArchiveIndex(folder)
        self._rows = ArchiveRows(self._index)
        self._files = MonthlyFiles(folder, self._rows, file_size)
        self._repair = ArchiveRepair(self._index, self._rows, self._files)
        self._current: object = None  # what the folder was when the index matched it
        self._newest: tuple[str, object] = ("", None)  # newest submission, and the folder then

    @property
    def unreadable(self) -> dict[str, str]:
        """File → why it cannot be read now; its tasks are left out."""
        return self._files.unreadable

    def add(self, tasks: Iterable[Plain]) -> None:
        """Append finished tasks to the files of their months; those already there are skipped."""
        self._check_index()
        months: dict[str, list[Plain]] = {}
        for task in tasks:
            months.setdefault(str(task["finished"])[:7], []).append(task)
        for month, group in months.items():
            known = self._rows.known([str(task["id"]) for task in group])
            if new := [task for task in group if task["id"] not in known]:
                self._files.append(month, new)

    def get(self, task_id: str) -> dict[str, Any] | None:
        """Return a task; None if there is none, or if it was dropped."""
        return next(self._files.read(self._rows.place(task_id)), None)

    def ended_at(self, task_id: str) -> str | None:
        """Return when a task ended that is here or was dropped; None if it was never here."""
        return self._rows.ended_at(task_id)

    def find(
        self, wanted: Mapping[str, Any], limit: int, newer_than: tuple[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """List tasks, newest first.

        Parameters
        ----------
        wanted : since (moment or day), state, client, dataset, after (moment and id); None
            matches any
        limit : how many to return at most
        newer_than : moment and id of the task after which the list ends; None for any
        """
        if newer_than and self._newest_moment() < newer_than[0]:
            return []
        return list(self._files.read(self._rows.find(wanted, limit, newer_than)))

    def ended_since(self, moment: str, state: str | None, limit: int) -> list[dict[str, Any]]:
        """List the tasks that ended at or after a moment, latest first."""
        return list(self._files.read(self._rows.ended_since(moment, state, limit)))

    def counts(self, since: str, without: Sequence[str]) -> list[tuple[str, str, int]]:
        """Count tasks by day of submission and dataset, dropped ones included.

        Parameters
        ----------
        since : first day, ``YYYY-MM-DD``
        without : ids of tasks not to count
        """
        return self._rows.counts(since, without)

    def states(self) -> dict[str, int]:
        """Count the tasks that are kept, by state."""
        return self._rows.states()

    def datasets(self, ids: Sequence[str]) -> dict[str, str]:
        """Return task id → dataset; tasks that were never here are left out."""
        return self._rows.datasets(ids)

    def areas(self) -> set[str]:
        """Return the SHA-256 of the areas of all archived tasks."""
        return self._rows.areas()

    def drop(self, before: str) -> int:
        """Remove the files whose tasks all ended before a moment; return the number of tasks.

        The index still knows these tasks, and when they ended.
        """
        old = self._rows.old_files(before)
        for name, _ in old:
            (self._folder / name).unlink(missing_ok=True)
        self._rows.forget_files([name for name, _ in old])
        return sum(count for _, count in old)

    def delete(self, task_id: str) -> None:
        """Remove a task without a trace."""
        self._check_index()
        name = self._rows.file_of(task_id)
        # first from the index: a file that lacks what the index knows is damaged
        self._rows.forget_task(task_id)
        if name is not None:
            self._repair.rewrite(name, without=task_id)

    def is_index_current(self) -> bool:
        """Whether the index is whole and matches the files."""
        stamp = self._stamp()
        if stamp is not None and stamp == self._current:
            return True
        try:
            is_current = self._index.is_whole() and self._files.sizes() == self._rows.sizes()
        except IndexDamageError:
            return False
        self._current = self._stamp() if is_current else None
        return is_current

    def repair_index(self) -> None:
        """Index the files that the index does not match, because a writer was killed in between."""
        self._repair.index_files()

    def mend(self, name: str) -> None:
        """Set a damaged file aside, and keep what is whole in it; requires the lock."""
        self._repair.mend(name)

    def faults(self) -> dict[str, str]:
        """Read all files; return file → what is wrong with it. Nothing is changed."""
        return self._repair.faults()

    def indexed_beside(self, ids: Iterable[str]) -> list[tuple[str, str, str, str | None]]:
        """Return id, end, dataset and file (None: no more) of what the index has beside some tasks.

        Nothing is changed; nothing is returned where the index cannot be used.
        """
        with suppress(IndexDamageError):
            return self._rows.others(sorted(ids)) if self._index.is_whole() else []
        return []

    def mend_all(self) -> None:
        """Make the index anew as far as needed, and mend all damaged files; requires the lock."""
        self._repair.mend_all()

    def _check_index(self) -> None:
        self._current = None  # look at the files themselves
        if not self.is_index_current():
            self.repair_index()

    def _newest_moment(self) -> str:
        """Return when the newest task was submitted; empty without one."""
        stamp = self._stamp()
        newest, then = self._newest
        if stamp is not None and stamp == then:
            return newest
        newest = self._rows.newest()
        self._newest = newest, stamp if self._is_settled() else None
        return newest

    def _stamp(self) -> object:
        """Return what changes when a file of the folder is replaced."""
        try:
            return self._folder.stat().st_mtime_ns, (self._folder / "index.sqlite").stat().st_ino
        except OSError:
            return None

    def _is_settled(self) -> bool:
        """Whether a change of the folder from now on gets another time than the one before."""
        try:
            return time.time() - self._folder.stat().st_mtime > TICK
        except OSError:
            return False

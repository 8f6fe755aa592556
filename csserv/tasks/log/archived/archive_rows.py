"""What the index of the archive is asked, and what is written to it: all its SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from csserv.tasks.log.archived.archive_index import ArchiveIndex
from csserv.tasks.log.archived.archived_record import Place, Written

_PLACES = "SELECT file, start, length, crc, id FROM tasks LEFT JOIN checksums USING (id)"


class ArchiveRows:
    """The rows of an index: one for each task that is archived, or was; those have no file."""

    def __init__(self, index: ArchiveIndex) -> None:
        self._index = index

    def place(self, task_id: str) -> list[Place]:
        """Return where a task stands; nothing if it is not here, or was dropped."""
        return self._places("WHERE id = ? AND file IS NOT NULL", [task_id])

    def places_in(self, name: str) -> list[Place]:
        """Return where the tasks of a file stand, in their order."""
        return self._places("WHERE file = ? ORDER BY start", [name])

    def find(
        self, wanted: Mapping[str, Any], limit: int, newer_than: tuple[str, str] | None
    ) -> list[Place]:
        """List tasks, newest first; see :meth:`Archive.find` for the parameters."""
        moment, task_id = wanted.get("after") or (None, None)
        oldest, oldest_id = newer_than or (None, None)
        return self._places(
            """WHERE file IS NOT NULL
            AND (:moment IS NULL OR (submitted, id) < (:moment, :task_id))
            AND (:oldest IS NULL OR (submitted, id) > (:oldest, :oldest_id))
            AND (:since IS NULL OR submitted >= :since)
            AND (:state IS NULL OR state = :state)
            AND (:client IS NULL OR client = :client)
            AND (:dataset IS NULL OR dataset = :dataset)
            ORDER BY submitted DESC, id DESC LIMIT :limit""",
            {name: wanted.get(name) for name in ("since", "state", "client", "dataset")}
            | {"limit": limit, "moment": moment, "task_id": task_id}
            | {"oldest": oldest, "oldest_id": oldest_id},
        )

    def ended_since(self, moment: str, state: str | None, limit: int) -> list[Place]:
        """List the tasks that ended at or after a moment, latest first."""
        return self._places(
            """WHERE file IS NOT NULL AND finished >= ?1 AND (?2 IS NULL OR state = ?2)
            ORDER BY finished DESC LIMIT ?3""",
            [moment, state, limit],
        )

    def ended_at(self, task_id: str) -> str | None:
        """Return when a task ended that is here or was dropped; None if it was never here."""
        found = self._ask("SELECT finished FROM tasks WHERE id = ?", [task_id])
        return str(found[0][0]) if found else None

    def others(self, ids: Sequence[str]) -> list[tuple[str, str, str, str | None]]:
        """Return id, end, dataset and file (None: no more) of all tasks but some."""
        return self._ask(
            "SELECT id, finished, dataset, file FROM tasks "
            "WHERE NOT id IN (SELECT value FROM json_each(?)) ORDER BY finished, id",
            [_listed(ids)],
        )

    def file_of(self, task_id: str) -> str | None:
        """Return the file of a task; None if it has none."""
        found = self._ask("SELECT file FROM tasks WHERE id = ? AND file IS NOT NULL", [task_id])
        return str(found[0][0]) if found else None

    def newest(self) -> str:
        """Return when the newest task was submitted; empty without one."""
        return str(self._ask("SELECT MAX(submitted) FROM tasks WHERE file IS NOT NULL")[0][0] or "")

    def counts(self, since: str, without: Sequence[str]) -> list[tuple[str, str, int]]:
        """Count tasks by day and dataset; see :meth:`Archive.counts`."""
        return self._ask(
            """SELECT substr(submitted, 1, 10), dataset, COUNT(*) FROM tasks
            WHERE submitted >= ? AND NOT id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2""",
            [since, _listed(without)],
        )

    def states(self) -> dict[str, int]:
        """Count the tasks that are kept, by state."""
        return dict(
            self._ask("SELECT state, COUNT(*) FROM tasks WHERE file IS NOT NULL GROUP BY state")
        )

    def datasets(self, ids: Sequence[str]) -> dict[str, str]:
        """Return task id → dataset; tasks that were never here are left out."""
        return dict(
            self._ask(
                "SELECT id, dataset FROM tasks WHERE id IN (SELECT value FROM json_each(?))",
                [_listed(ids)],
            )
        )

    def areas(self) -> set[str]:
        """Return the SHA-256 of the areas of all tasks that are kept."""
        return _firsts(self._ask("SELECT DISTINCT area FROM tasks WHERE file IS NOT NULL"))

    def known(self, ids: Sequence[str]) -> set[str]:
        """Return those of some tasks that are kept here."""
        return _firsts(
            self._ask(
                "SELECT id FROM tasks WHERE file IS NOT NULL "
                "AND id IN (SELECT value FROM json_each(?))",
                [_listed(ids)],
            )
        )

    def ids_in(self, name: str) -> set[str]:
        """Return the tasks of a file."""
        return _firsts(self._ask("SELECT id FROM tasks WHERE file = ?", [name]))

    def count_in(self, name: str) -> int:
        """Return how many tasks a file has."""
        return int(self._ask("SELECT COUNT(*) FROM tasks WHERE file = ?", [name])[0][0])

    def sizes(self) -> dict[str, int]:
        """Return file → its size when it was indexed [bytes]."""
        return dict(self._ask("SELECT name, bytes FROM files"))

    def old_files(self, before: str) -> list[tuple[str, int]]:
        """Return the files whose tasks all ended before a moment, and how many each has."""
        return self._ask(
            "SELECT file, COUNT(*) FROM tasks WHERE file IS NOT NULL GROUP BY file "
            "HAVING MAX(finished) < ?",
            [before],
        )

    def is_readable(self) -> bool:
        """Whether SQLite finds no fault in the index."""
        is_sound = self._ask("PRAGMA integrity_check(1)") == [("ok",)]
        self._places("LIMIT 1")
        return is_sound

    def enter(self, name: str, written: Written, replaces: bool) -> None:
        """Enter what was written to a file; if all of it was, those it has no more are gone."""
        rows = [(*row[:-2], name, *row[-2:]) for row in written.rows]
        with self._index.writing() as index:
            if replaces:
                index.execute("UPDATE tasks SET file = NULL WHERE file = ?", [name])
            index.executemany(
                "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            index.executemany("INSERT OR REPLACE INTO checksums VALUES (?, ?)", written.checksums)
            size = len(written.content)
            index.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", [name, size])

    def forget_files(self, names: Sequence[str]) -> None:
        """Note that files are gone; when their tasks ended stays known."""
        with self._index.writing() as index:
            for name in names:
                index.execute("DELETE FROM files WHERE name = ?", [name])
                index.execute("UPDATE tasks SET file = NULL WHERE file = ?", [name])

    def forget_task(self, task_id: str) -> None:
        """Remove the row of a task."""
        with self._index.writing() as index:
            index.execute("DELETE FROM tasks WHERE id = ?", [task_id])

    def forget_kept(self) -> None:
        """Remove the rows of all tasks that are kept, as these can be made anew."""
        with self._index.writing() as index:
            index.execute("DELETE FROM tasks WHERE file IS NOT NULL")

    def _places(self, which: str, given: Any = ()) -> list[Place]:
        return [Place(*row) for row in self._ask(f"{_PLACES} {which}", given)]

    def _ask(self, query: str, given: Any = ()) -> list[Any]:
        with self._index.reading() as index:
            return index.execute(query, given).fetchall()


def _listed(ids: Sequence[str]) -> str:
    return orjson.dumps(ids).decode()


def _firsts(rows: list[Any]) -> set[str]:
    return {str(first) for (first,) in rows}

"""Finished tasks in monthly TinyDB files, with an SQLite index that can be rebuilt from them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from csserv.errors import TaskLogError
from csserv.outputs.durable import replace_file

Plain = Mapping[str, Any]

#: beyond this size a month goes on in another file, as each is rewritten as a whole [bytes]
FILE_SIZE = 8_000_000

_HEAD, _TAIL = b'{"_default":{', b"}}"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, bytes INTEGER);
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, submitted TEXT, finished TEXT, state TEXT, client TEXT, dataset TEXT,
    area TEXT, file TEXT, start INTEGER, length INTEGER);
CREATE INDEX IF NOT EXISTS by_submitted ON tasks (submitted);
CREATE INDEX IF NOT EXISTS by_file ON tasks (file, finished);
"""


class Archive:
    """Finished tasks, for as long as they are kept.

    ``task_log-YYYY-MM.json`` hold the tasks and open with plain TinyDB. ``index.sqlite`` holds
    the position of each task in them; it is rebuilt from the files if it is lost. Writing
    requires the lock of the task log.
    """

    def __init__(self, folder: Path, file_size: int = FILE_SIZE) -> None:
        self._folder = folder
        self._file_size = file_size
        self._index = folder / "index.sqlite"

    def add(self, tasks: Iterable[Plain]) -> None:
        """Append finished tasks to the files of their months; those already there are skipped."""
        self.repair_index()
        months: dict[str, list[Plain]] = {}
        for task in tasks:
            months.setdefault(str(task["finished"])[:7], []).append(task)
        for month, group in months.items():
            known = self._known([str(task["id"]) for task in group])
            new = [task for task in group if task["id"] not in known]
            if new:
                self._append(self._file_of(month), new)

    def get(self, task_id: str) -> dict[str, Any] | None:
        """Return a task; None if there is none, or if it was dropped."""
        with self._open() as index:
            places = index.execute(
                "SELECT file, start, length FROM tasks WHERE id = ? AND file IS NOT NULL", [task_id]
            ).fetchall()
        return next(self._read(places), None)

    def ended_at(self, task_id: str) -> str | None:
        """Return when a task ended that is here or was dropped; None if it was never here."""
        with self._open() as index:
            found = index.execute("SELECT finished FROM tasks WHERE id = ?", [task_id]).fetchone()
        return str(found[0]) if found else None

    def find(self, wanted: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """List tasks, newest first.

        Parameters
        ----------
        wanted : since (moment or day), state, client, dataset, after (moment and id); None
            matches any
        limit : how many to return at most
        """
        moment, task_id = wanted.get("after") or (None, None)
        with self._open() as index:
            places = index.execute(
                """SELECT file, start, length FROM tasks WHERE file IS NOT NULL
                AND (:moment IS NULL OR (submitted, id) < (:moment, :task_id))
                AND (:since IS NULL OR submitted >= :since)
                AND (:state IS NULL OR state = :state)
                AND (:client IS NULL OR client = :client)
                AND (:dataset IS NULL OR dataset = :dataset)
                ORDER BY submitted DESC, id DESC LIMIT :limit""",
                {**wanted, "limit": limit, "after": None, "moment": moment, "task_id": task_id},
            ).fetchall()
        return list(self._read(places))

    def ended_since(self, moment: str, state: str | None, limit: int) -> list[dict[str, Any]]:
        """List the tasks that ended at or after a moment, latest first."""
        with self._open() as index:
            places = index.execute(
                """SELECT file, start, length FROM tasks WHERE file IS NOT NULL
                AND finished >= ?1 AND (?2 IS NULL OR state = ?2)
                ORDER BY finished DESC LIMIT ?3""",
                [moment, state, limit],
            ).fetchall()
        return list(self._read(places))

    def counts(self, since: str, without: Sequence[str]) -> list[tuple[str, str, int]]:
        """Count tasks by day of submission and dataset, dropped ones included.

        Parameters
        ----------
        since : first day, ``YYYY-MM-DD``
        without : ids of tasks not to count
        """
        with self._open() as index:
            return index.execute(
                """SELECT substr(submitted, 1, 10), dataset, COUNT(*) FROM tasks
                WHERE submitted >= ? AND id NOT IN (SELECT value FROM json_each(?))
                GROUP BY 1, 2""",
                [since, orjson.dumps(without).decode()],
            ).fetchall()

    def datasets(self, ids: Sequence[str]) -> dict[str, str]:
        """Return task id → dataset; tasks that were never here are left out."""
        with self._open() as index:
            found = index.execute(
                "SELECT id, dataset FROM tasks WHERE id IN (SELECT value FROM json_each(?))",
                [orjson.dumps(ids).decode()],
            )
            return dict(found.fetchall())

    def drop(self, before: str) -> int:
        """Remove the files whose tasks all ended before a moment; return the number of tasks.

        The index still knows these tasks, and when they ended.
        """
        with self._open() as index:
            found = index.execute(
                "SELECT file, COUNT(*) FROM tasks WHERE file IS NOT NULL "
                "GROUP BY file HAVING MAX(finished) < ?",
                [before],
            ).fetchall()
            for name, _ in found:
                (self._folder / name).unlink(missing_ok=True)
                index.execute("DELETE FROM files WHERE name = ?", [name])
                index.execute("UPDATE tasks SET file = NULL WHERE file = ?", [name])
        return sum(count for _, count in found)

    def delete(self, task_id: str) -> None:
        """Remove a task without a trace."""
        self.repair_index()
        with self._open() as index:
            found = index.execute("SELECT file FROM tasks WHERE id = ?", [task_id]).fetchone()
        if not found:
            return
        if found[0] is not None:
            self._rewrite(self._folder / found[0], without=task_id)
        with self._open() as index:
            index.execute("DELETE FROM tasks WHERE id = ?", [task_id])

    def areas(self) -> set[str]:
        """Return the SHA-256 of the areas of all archived tasks."""
        with self._open() as index:
            rows = index.execute("SELECT DISTINCT area FROM tasks WHERE file IS NOT NULL")
            return {str(area) for (area,) in rows}

    def is_index_current(self) -> bool:
        """Whether the index matches the files."""
        return self._there() == self._indexed()

    def repair_index(self) -> None:
        """Index the files that the index does not match, because a writer was killed in between."""
        there, known = self._there(), self._indexed()
        with self._open() as index:
            for name in known.keys() - there.keys():
                index.execute("DELETE FROM files WHERE name = ?", [name])
                index.execute("UPDATE tasks SET file = NULL WHERE file = ?", [name])
        for name, size in there.items():
            if known.get(name) != size:
                self._rewrite(self._folder / name)

    def _there(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in self._folder.glob("task_log-*.json")}

    def _indexed(self) -> dict[str, int]:
        with self._open() as index:
            return dict(index.execute("SELECT name, bytes FROM files").fetchall())

    def _append(self, path: Path, tasks: Sequence[Plain]) -> None:
        old = path.read_bytes() if path.exists() else _HEAD + _TAIL
        body, number = old[: -len(_TAIL)], 1
        if body != _HEAD:
            body += b","
            with self._open() as index:
                rows = "SELECT COUNT(*) FROM tasks WHERE file = ?"
                number += int(index.execute(rows, [path.name]).fetchone()[0])
        self._write(path, body, number, tasks)

    def _rewrite(self, path: Path, without: str = "") -> None:
        tables = orjson.loads(path.read_bytes()) if path.stat().st_size else {}
        tasks = {task["id"]: task for table in tables.values() for task in table.values()}
        tasks.pop(without, None)
        self._write(path, _HEAD, 1, list(tasks.values()))

    def _write(self, path: Path, body: bytes, number: int, tasks: Sequence[Plain]) -> None:
        """Append tasks to a file's content: first write the file, then the index."""
        pieces, rows, end = [body], [], len(body)
        for place, task in enumerate(tasks):
            text, key = orjson.dumps(task), b'%b"%d":' % (b"," if place else b"", number + place)
            pieces += [key, text]
            rows.append((*_columns(task), path.name, end + len(key), len(text)))
            end += len(key) + len(text)
        whole = b"".join([*pieces, _TAIL])
        try:
            replace_file(path, whole)
        except OSError as error:
            raise TaskLogError(f"cannot write {path}: {error.strerror}") from error
        with self._open() as index:
            index.executemany(
                "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            index.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", [path.name, len(whole)])

    def _file_of(self, month: str) -> Path:
        """Return the file of a month that has room."""
        path, part = self._folder / f"task_log-{month}.json", 1
        while path.exists() and path.stat().st_size > self._file_size:
            part += 1
            path = self._folder / f"task_log-{month}.{part}.json"
        return path

    def _known(self, ids: Sequence[str]) -> set[str]:
        with self._open() as index:
            found = index.execute(
                "SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(?))",
                [orjson.dumps(ids).decode()],
            )
            return {str(name) for (name,) in found}

    def _read(self, places: Iterable[tuple[str, int, int]]) -> Iterator[dict[str, Any]]:
        for name, group in groupby(places, key=lambda place: place[0]):
            try:
                with (self._folder / name).open("rb") as file:
                    for _, start, length in group:
                        file.seek(start)
                        yield orjson.loads(file.read(length))
            except FileNotFoundError:  # dropped in the meantime
                continue

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._connect()) as index, index:
                yield index
        except (OSError, sqlite3.OperationalError) as error:
            raise TaskLogError(f"cannot use {self._folder}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        index = sqlite3.connect(self._index, timeout=30)
        try:
            index.executescript(_SCHEMA)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # the file is damaged: it is rebuilt
            index.close()
            self._index.unlink()
            index = sqlite3.connect(self._index, timeout=30)
            index.executescript(_SCHEMA)
        return index


def _columns(task: Plain) -> tuple[str, ...]:
    names = ("id", "submitted", "finished", "state")
    request = task["request"]
    return (
        *(str(task[name]) for name in names),
        str(task.get("client", "")),
        str(request["dataset"]),
        str(request["area"]),
    )

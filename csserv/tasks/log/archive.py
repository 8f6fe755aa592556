"""Finished tasks in monthly TinyDB files, with an SQLite index that can be rebuilt from them."""

from __future__ import annotations

import logging
import os
import stat
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from csserv.errors import TaskLogError
from csserv.outputs.durable import replace_file
from csserv.tasks.log.on_disk.archive_index import ArchiveIndex, IndexDamageError
from csserv.tasks.log.on_disk.sealed import DamageError
from csserv.tasks.log.on_disk.set_aside import move_aside, note_lost, read_regular, set_aside
from csserv.tasks.log.repair.salvage import Salvaged, records_of, salvage_file, salvage_pieces

logger = logging.getLogger(__name__)

Plain = Mapping[str, Any]

#: where a record stands: file, start, length, checksum, id
Place = tuple[str, int, int, int | None, str]

#: beyond this size a month goes on in another file, as each is rewritten as a whole [bytes]
FILE_SIZE = 8_000_000

#: file systems tell times of changes apart that lie further apart than this [s]
TICK = 0.1

_HEAD, _TAIL = b'{"_default":{', b"}}"

_PLACES = "SELECT file, start, length, crc, id FROM tasks LEFT JOIN checksums USING (id)"


class Archive:
    """Finished tasks, for as long as they are kept.

    ``task_log-YYYY-MM.json`` hold the tasks and open with plain TinyDB. ``index.sqlite`` holds
    the position of each task in them; it is rebuilt from the files if it is lost. Writing
    requires the lock of the task log.

    A damaged file is set aside, and what is whole in it stays; see :meth:`mend`.

    Attributes
    ----------
    unreadable : file → why it cannot be read now; its tasks are left out
    """

    def __init__(self, folder: Path, file_size: int = FILE_SIZE) -> None:
        self._folder = folder
        self._file_size = file_size
        self._index = ArchiveIndex(folder)
        self._current: object = None  # what the folder was when the index matched it
        self._newest: tuple[str, object] = (
            "",
            None,
        )  # when the newest task was submitted, and what it was then
        self.unreadable: dict[str, str] = {}

    def add(self, tasks: Iterable[Plain]) -> None:
        """Append finished tasks to the files of their months; those already there are skipped."""
        self._check_index()
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
        with self._index.reading() as index:
            places = index.execute(
                f"{_PLACES} WHERE id = ? AND file IS NOT NULL", [task_id]
            ).fetchall()
        return next(self._read(places), None)

    def ended_at(self, task_id: str) -> str | None:
        """Return when a task ended that is here or was dropped; None if it was never here."""
        with self._index.reading() as index:
            found = index.execute("SELECT finished FROM tasks WHERE id = ?", [task_id]).fetchone()
        return str(found[0]) if found else None

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
        moment, task_id = wanted.get("after") or (None, None)
        oldest, oldest_id = newer_than or (None, None)
        with self._index.reading() as index:
            places = index.execute(
                f"""{_PLACES} WHERE file IS NOT NULL
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
            ).fetchall()
        return list(self._read(places))

    def ended_since(self, moment: str, state: str | None, limit: int) -> list[dict[str, Any]]:
        """List the tasks that ended at or after a moment, latest first."""
        with self._index.reading() as index:
            places = index.execute(
                f"""{_PLACES} WHERE file IS NOT NULL
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
        with self._index.reading() as index:
            return index.execute(
                """SELECT substr(submitted, 1, 10), dataset, COUNT(*) FROM tasks
                WHERE submitted >= ? AND id NOT IN (SELECT value FROM json_each(?))
                GROUP BY 1, 2""",
                [since, orjson.dumps(without).decode()],
            ).fetchall()

    def states(self) -> dict[str, int]:
        """Count the tasks that are kept, by state."""
        with self._index.reading() as index:
            rows = "SELECT state, COUNT(*) FROM tasks WHERE file IS NOT NULL GROUP BY state"
            return dict(index.execute(rows).fetchall())

    def datasets(self, ids: Sequence[str]) -> dict[str, str]:
        """Return task id → dataset; tasks that were never here are left out."""
        with self._index.reading() as index:
            found = index.execute(
                "SELECT id, dataset FROM tasks WHERE id IN (SELECT value FROM json_each(?))",
                [orjson.dumps(ids).decode()],
            )
            return dict(found.fetchall())

    def drop(self, before: str) -> int:
        """Remove the files whose tasks all ended before a moment; return the number of tasks.

        The index still knows these tasks, and when they ended.
        """
        with self._index.writing() as index:
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
        self._check_index()
        with self._index.reading() as index:
            found = index.execute("SELECT file FROM tasks WHERE id = ?", [task_id]).fetchone()
        if not found:
            return
        # first from the index: a file that lacks what the index knows is damaged
        with self._index.writing() as index:
            index.execute("DELETE FROM tasks WHERE id = ?", [task_id])
        if found[0] is not None:
            self._rewrite(self._folder / found[0], without=task_id)

    def areas(self) -> set[str]:
        """Return the SHA-256 of the areas of all archived tasks."""
        with self._index.reading() as index:
            rows = index.execute("SELECT DISTINCT area FROM tasks WHERE file IS NOT NULL")
            return {str(area) for (area,) in rows}

    def is_index_current(self) -> bool:
        """Whether the index is whole and matches the files."""
        stamp = self._stamp()
        if stamp is not None and stamp == self._current:
            return True
        try:
            is_current = self._index.is_whole() and self._there() == self._indexed()
        except IndexDamageError:
            return False
        self._current = self._stamp() if is_current else None
        return is_current

    def repair_index(self) -> None:
        """Index the files that the index does not match, because a writer was killed in between."""
        self._discard_if_damaged()
        try:
            self._repair_index()
        except IndexDamageError:
            self._index.discard()
            self._repair_index()

    def _repair_index(self) -> None:
        is_whole = self._index.is_whole()
        there, known = self._there(), self._indexed()
        if known.keys() - there.keys():
            self._note_gone(sorted(known.keys() - there.keys()))
        if not is_whole:
            with self._index.writing() as index:
                index.execute("DELETE FROM tasks WHERE file IS NOT NULL")
        for name, size in there.items():
            if known.get(name) != size or not is_whole:
                self._rewrite(self._folder / name)

    def _check_index(self) -> None:
        self._current = None  # look at the files themselves
        if not self.is_index_current():
            self.repair_index()

    def mend(self, name: str) -> None:
        """Set a damaged file aside, and keep what is whole in it; requires the lock."""
        path = self._folder / name
        try:
            raw = read_regular(path)
        except OSError as error:
            self._leave_out(path, error)
            return
        if not raw.startswith(_HEAD) and (edited := records_of(raw)):
            # plain TinyDB has written it: somebody has edited it, and all in it has moved
            self._keep(path, Salvaged({str(key): one for key, one in enumerate(edited)}))
            return
        with self._index.reading() as index:
            rows = index.execute(f"{_PLACES} WHERE file = ? ORDER BY start", [name]).fetchall()
        places = [(start, length, crc) for _, start, length, crc, _ in rows if crc is not None]
        found = salvage_pieces(raw, places) if len(places) == len(rows) else salvage_file(raw)
        self._keep(path, found)

    def faults(self) -> dict[str, str]:
        """Read all files; return file → what is wrong with it. Nothing is changed."""
        found: dict[str, str] = {}
        try:
            if not self._index.is_whole():
                found["index.sqlite"] = "does not match its checksum"
            known, there = self._indexed(), self._there()
            names = known.keys() | there.keys()
            found |= {
                name: "is not as its index says"
                for name in names
                if known.get(name) != there.get(name)
            }
            for name in known:
                with self._index.reading() as index:
                    places = index.execute(f"{_PLACES} WHERE file = ?", [name]).fetchall()
                try:
                    for _ in self._read(places):
                        pass
                except DamageError as damage:
                    found[name] = damage.reason
        except IndexDamageError as error:
            found["index.sqlite"] = f"cannot be read ({error})"
        return found | self.unreadable

    def mend_all(self) -> None:
        """Make the index anew as far as needed, and mend all damaged files; requires the lock."""
        self.repair_index()
        for name in self.faults().keys() & self._there().keys():
            self.mend(name)

    def _keep(self, path: Path, found: Salvaged) -> None:
        """Write what was found in a damaged file, once a copy of it is safe."""
        kept = [one for one in found.records.values() if one.get("finished")]
        is_lost = self._ids_in(path.name) - {one["id"] for one in kept}
        is_settled = bool(kept) and not (found.lost or found.unproved or is_lost)
        copy = set_aside(self._folder.parent, path, is_settled)
        if copy is None:
            raise TaskLogError(f"{path} is damaged, and no copy of it can be written")
        logger.warning(
            "%s is damaged; a copy is %s, %d tasks of it are whole", path, copy, len(kept)
        )
        self._write(path, _HEAD, 1, kept)

    def _ids_in(self, name: str) -> set[str]:
        with self._index.reading() as index:
            rows = index.execute("SELECT id FROM tasks WHERE file = ?", [name]).fetchall()
        return {task_id for (task_id,) in rows}

    def _leave_out(self, path: Path, error: OSError) -> None:
        """Go on without a file that cannot be read; what is no file is moved away."""
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            copy = move_aside(self._folder.parent, path)
            logger.warning("%s is no file; it is %s now", path, copy)
            self._note_gone([path.name])
            return
        self.unreadable[path.name] = str(error.strerror or error)

    def _note_gone(self, names: Sequence[str]) -> None:
        with self._index.writing() as index:
            for name in names:
                rows = "SELECT COUNT(*) FROM tasks WHERE file = ?"
                count = int(index.execute(rows, [name]).fetchone()[0])
                said = f"archive/{name} is gone, with the records of {count} tasks"
                note_lost(self._folder.parent, name, said)
                index.execute("DELETE FROM files WHERE name = ?", [name])
                index.execute("UPDATE tasks SET file = NULL WHERE file = ?", [name])

    def _discard_if_damaged(self) -> None:
        try:
            with self._index.reading() as index:
                sound = index.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
                index.execute(f"{_PLACES} LIMIT 1").fetchone()
        except IndexDamageError:
            sound = False
        if not sound:
            logger.warning("%s/index.sqlite is damaged; it is made anew", self._folder)
            self._index.discard()

    def _newest_moment(self) -> str:
        """Return when the newest task was submitted; empty without one."""
        stamp = self._stamp()
        newest, then = self._newest
        if stamp is not None and stamp == then:
            return newest
        with self._index.reading() as index:
            rows = "SELECT MAX(submitted) FROM tasks WHERE file IS NOT NULL"
            newest = str(index.execute(rows).fetchone()[0] or "")
        self._newest = newest, stamp if self._is_settled() else None
        return newest

    def _there(self) -> dict[str, int]:
        return {path.name: _size(path) for path in self._folder.glob("task_log-*.json")}

    def _indexed(self) -> dict[str, int]:
        with self._index.reading() as index:
            return dict(index.execute("SELECT name, bytes FROM files").fetchall())

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

    def _append(self, path: Path, tasks: Sequence[Plain]) -> None:
        old = path.read_bytes() if path.exists() else _HEAD + _TAIL
        body, number = old[: -len(_TAIL)], 1
        if body != _HEAD:
            body += b","
            with self._index.reading() as index:
                rows = "SELECT COUNT(*) FROM tasks WHERE file = ?"
                number += int(index.execute(rows, [path.name]).fetchone()[0])
        self._write(path, body, number, tasks)

    def _rewrite(self, path: Path, without: str = "") -> None:
        try:
            raw = read_regular(path)
        except OSError as error:
            self._leave_out(path, error)
            return
        try:
            tasks = {task["id"]: task for task in _tasks(raw, path)}
        except DamageError:
            self._keep(path, salvage_file(raw))
            return
        if not self._ids_in(path.name) <= tasks.keys():
            self._keep(path, Salvaged({str(key): one for key, one in enumerate(tasks.values())}))
            return
        tasks.pop(without, None)
        self._write(path, _HEAD, 1, list(tasks.values()))

    def _write(self, path: Path, body: bytes, number: int, tasks: Sequence[Plain]) -> None:
        """Append tasks to a file's content: first write the file, then the index."""
        pieces, rows, end = [body], [], len(body)
        sums = []
        for place, task in enumerate(tasks):
            text, key = orjson.dumps(task), b'%b"%d":' % (b"," if place else b"", number + place)
            pieces += [key, text]
            rows.append((*_columns(task), path.name, end + len(key), len(text)))
            sums.append((str(task["id"]), zlib.crc32(text)))
            end += len(key) + len(text)
        whole = b"".join([*pieces, _TAIL])
        try:
            replace_file(path, whole)
        except OSError as error:
            raise TaskLogError(f"cannot write {path}: {error.strerror}") from error
        with self._index.writing() as index:
            if body == _HEAD:  # those that it had and has no more are gone
                index.execute("UPDATE tasks SET file = NULL WHERE file = ?", [path.name])
            index.executemany(
                "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            index.executemany("INSERT OR REPLACE INTO checksums VALUES (?, ?)", sums)
            index.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", [path.name, len(whole)])

    def _file_of(self, month: str) -> Path:
        """Return the file of a month that has room."""
        path, part = self._folder / f"task_log-{month}.json", 1
        while path.exists() and path.stat().st_size > self._file_size:
            part += 1
            path = self._folder / f"task_log-{month}.{part}.json"
        return path

    def _known(self, ids: Sequence[str]) -> set[str]:
        with self._index.reading() as index:
            found = index.execute(
                "SELECT id FROM tasks WHERE file IS NOT NULL "
                "AND id IN (SELECT value FROM json_each(?))",
                [orjson.dumps(ids).decode()],
            )
            return {str(name) for (name,) in found}

    def _read(self, places: Iterable[Place]) -> Iterator[dict[str, Any]]:
        """Read records.

        Raises
        ------
        DamageError : one is not as it was written
        """
        for name, group in groupby(places, key=lambda place: place[0]):
            path = self._folder / name
            try:
                with open(path, "rb", opener=_without_waiting) as file:
                    for _, start, length, total, task_id in group:
                        file.seek(start)
                        yield _record(file.read(length), total, task_id, path)
            except FileNotFoundError:  # dropped in the meantime
                continue
            except IsADirectoryError:
                raise DamageError(path, "is no file") from None
            except OSError as error:
                self.unreadable[name] = error.strerror or str(error)
            else:
                self.unreadable.pop(name, None)


def _without_waiting(path: str, flags: int) -> int:
    handle = os.open(path, flags | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise IsADirectoryError(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # such as a link to itself
        return -1


def _record(text: bytes, total: int | None, task_id: str, path: Path) -> dict[str, Any]:
    if total is not None and zlib.crc32(text) != total:
        raise DamageError(path, "does not match its checksums")
    try:
        record: dict[str, Any] = orjson.loads(text)
        if record["id"] == task_id:
            return record
    except (ValueError, TypeError, KeyError):
        pass
    raise DamageError(path, "is not as its index says")


def _tasks(raw: bytes, path: Path) -> list[dict[str, Any]]:
    """Return the tasks of an archive file, of any version."""
    try:
        tables = orjson.loads(raw)
        tasks = [task for table in tables.values() for task in table.values()]
        for task in tasks:
            _columns(task)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DamageError(path, "is no archive") from None
    return tasks


def _columns(task: Plain) -> tuple[str, ...]:
    names = ("id", "submitted", "finished", "state")
    request = task["request"]
    return (
        *(str(task[name]) for name in names),
        str(task.get("client", "")),
        str(request["dataset"]),
        str(request["area"]),
    )

"""TinyDB made safe between processes: one lock, whole-file replacement, no stale caches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from csserv.outputs.durable import replace_file
from csserv.tasks.lock import FileLock

Tables = dict[str, dict[str, Any]]
Signature = tuple[int, int, int]


class AtomicStorage(Storage):
    """Keep the tables in a JSON file that plain ``TinyDB(path)`` reads.

    Readers take no lock: each sees the last whole file. Writers work inside
    :meth:`transaction`, which holds the lock from reading to renaming; a write outside one is
    a transaction of its own. Acknowledged means: on disk, synced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_suffix(".lock"))
        self._depth = 0
        self._draft: Tables | None = None
        self._seen: tuple[Signature, Tables] | None = None

    def read(self) -> Tables | None:
        """Return the tables: those of the open transaction, else those on disk."""
        return self._draft if self._depth and self._draft is not None else self._load()

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the tables, at once or when the open transaction ends."""
        with self.transaction():
            self._draft = data  # type: ignore[assignment]  # TinyDB hands back what it read

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; write once at the end, or not at all when an error passes."""
        with self._lock:
            outermost = self._depth == 0
            self._depth += 1
            try:
                yield
                if outermost and self._draft is not None:
                    replace_file(self._path, orjson.dumps(self._draft))
            finally:
                self._depth -= 1
                if outermost:
                    self._draft = self._seen = None

    def _load(self) -> Tables | None:
        try:
            with self._path.open("rb") as file:
                stat = os.fstat(file.fileno())
                signature = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
                if self._seen and self._seen[0] == signature and not self._depth:
                    return self._seen[1]
                raw = file.read()
        except FileNotFoundError:
            return None
        tables: Tables | None = orjson.loads(raw) if raw else None
        return tables


class SafeTable(Table):
    """A table whose ids and queries are read anew each time.

    TinyDB keeps both for each instance, so another process's insert would be overwritten.
    """

    default_query_cache_capacity = 0

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        storage: AtomicStorage = self._storage  # type: ignore[assignment]  # the one of SafeTinyDB
        with storage.transaction():
            super()._update_table(updater)

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert with the next free id of the file, not of this instance."""
        storage: AtomicStorage = self._storage  # type: ignore[assignment]  # the one of SafeTinyDB
        with storage.transaction():
            self._next_id = None
            return super().insert(document)


class SafeTinyDB(TinyDB):
    """A TinyDB on :class:`AtomicStorage`."""

    table_class = SafeTable

    def __init__(self, path: Path) -> None:
        super().__init__(path, storage=AtomicStorage)

    @contextmanager
    def transaction(self) -> Iterator[Table]:
        """Hold the lock over several reads and writes of the default table."""
        storage: AtomicStorage = self.storage  # type: ignore[assignment]  # given above
        with storage.transaction():
            yield self.table(self.default_table_name)

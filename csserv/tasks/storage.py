"""TinyDB made safe between processes: one lock, whole-file replacement, no stale caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import orjson
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from csserv.outputs.durable import replace_file
from csserv.tasks.lock import FileLock

Tables = dict[str, dict[str, Any]]


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

    def read(self) -> Tables | None:
        """Return the tables: those of the open transaction, else those on disk."""
        return self._draft if self._depth and self._draft is not None else self._load()

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the tables, at once or when the open transaction ends."""
        with self.transaction():
            self._draft = cast(Tables, data)  # TinyDB hands back what it read

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
                    self._draft = None

    def _load(self) -> Tables | None:
        try:
            raw = self._path.read_bytes()
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
        with cast(AtomicStorage, self._storage).transaction():
            super()._update_table(updater)

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert with the next free id of the file, not of this instance."""
        with cast(AtomicStorage, self._storage).transaction():
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
        with cast(AtomicStorage, self.storage).transaction():
            yield self.table(self.default_table_name)

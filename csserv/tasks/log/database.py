"""TinyDB made safe for several processes: no stale ids or query results, and transactions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from csserv.tasks.log.on_disk.sealed import Tables
from csserv.tasks.log.storage import JournalStorage


class SafeTable(Table):
    """A TinyDB table that keeps no ids and no query results in memory.

    TinyDB keeps both in each instance, so an insert of another process would be overwritten.
    """

    def __init__(
        self, storage: Storage, name: str, cache_size: int = 0, persist_empty: bool = False
    ) -> None:
        super().__init__(storage, name, cache_size, persist_empty)

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        storage = cast(JournalStorage, self._storage)
        with storage.transaction():
            self._next_id = None
            updater(cast(dict[int, Mapping[str, Any]], storage.change(self.name)))
            self.clear_cache()

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert a document with the next free id of the file, not that of this instance."""
        with cast(JournalStorage, self._storage).transaction():
            self._next_id = None
            return super().insert(document)


class SafeTinyDB(TinyDB):
    """A TinyDB on a :class:`JournalStorage`."""

    table_class = SafeTable

    def __init__(self, path: Path, check: Callable[[dict[str, Any]], str] | None = None) -> None:
        super().__init__(path, check, storage=JournalStorage)

    @property
    def revision(self) -> int:
        """A number that rises whenever a change of the file is noticed."""
        self._journal_storage.read()
        return self._journal_storage.revision

    @contextmanager
    def transaction(self) -> Iterator[Table]:
        """Hold the lock for several reads and writes of the default table."""
        with self._journal_storage.transaction():
            yield self.table(self.default_table_name)

    @contextmanager
    def reading(self) -> Iterator[Table]:
        """Read the default table while no other thread of this process changes it."""
        with self._journal_storage.reading():
            yield self.table(self.default_table_name)

    def documents(self) -> Collection[Mapping[str, Any]]:
        """Return the stored documents of the default table; the caller must not change them.

        TinyDB would copy each document: 2 ms for 1,000 of them.
        """
        tables = self._journal_storage.read() or {}
        return tables.get(self.default_table_name, {}).values()

    def checkpoint(self) -> None:
        """Merge the journal into the JSON file, which plain TinyDB reads."""
        self._journal_storage.checkpoint()

    def checkpoint_if_free(self) -> None:
        """Do the same, unless somebody holds the lock."""
        self._journal_storage.checkpoint_if_free()

    def check(self) -> None:
        """Read what has changed.

        Raises
        ------
        TaskLogError : the log is damaged, or cannot be read now
        """
        self._journal_storage.read()

    def rebuild(self, tables: Tables) -> None:
        """Replace all that is on disk; for repairs."""
        self._journal_storage.rebuild(tables)

    @property
    def _journal_storage(self) -> JournalStorage:
        return cast(JournalStorage, self.storage)

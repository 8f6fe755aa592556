"""Where TinyDB keeps the log: one lock, whole files, a journal where they are large."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
from tinydb.storages import Storage

from csserv.errors import TaskLogError
from csserv.outputs.durable import replace_file
from csserv.tasks.log.journal import Change, Journal, journal_line
from csserv.tasks.log.lock import FileLock

Documents = dict[str, dict[str, Any]]

#: a file up to this size is written whole each time; about 2 ms [bytes]
WHOLE = 128 * 1024


class JournalStorage(Storage):
    """Keep the tables in a JSON file that plain ``TinyDB(path)`` reads.

    Readers take no lock: each sees the last whole state. Writers work inside
    :meth:`transaction`, which holds the lock from reading to writing. A small file is replaced
    as a whole; changes of a larger one go to a journal beside it, which :meth:`fold` brings
    into the file. Acknowledged means: on disk, synced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_suffix(".lock"))
        self._journal = Journal(path.with_suffix(".journal"))
        self._file: int | None = None  # held open: its inode number stays its own
        self._size = 0
        self._tables: dict[str, Documents] = {}
        self._touched: defaultdict[str, set[str]] = defaultdict(set)
        self._depth = 0
        self.revision = 0  #: rises whenever the tables are seen to have changed

    def read(self) -> dict[str, Documents] | None:
        """Return the tables as they are on disk, with what the open transaction has changed."""
        with self._lock.threads:
            if not self._depth:
                self._refresh()
            return self._tables or None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep the other threads of this process from changing what was read."""
        with self._lock.threads:
            yield

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace all tables; only TinyDB's ``drop_tables`` comes here."""
        with self.transaction():
            self._tables = {name: dict(table) for name, table in data.items()}
            self._commit_whole()

    def change(self, table: str) -> MutableMapping[int, dict[str, Any]]:
        """Return the documents of a table, to be changed inside a transaction."""
        return _Changing(self._tables.setdefault(table, {}), self._touched[table])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; write once at the end, or not at all when an error passes.

        Raises
        ------
        TaskLogError : the disk is full, or may not be written to; nothing is changed
        """
        with ExitStack() as held:
            with self._told():
                held.enter_context(self._lock)
            if self._depth:
                yield
                return
            self._refresh()
            self._depth = 1
            try:
                yield
                self._commit()
            except BaseException:
                self._forget()
                raise
            finally:
                self._touched.clear()
                self._depth = 0

    def fold(self) -> None:
        """Bring the journal, if there is one, into the file."""
        with self.transaction():
            if self._journal.size:
                self._commit_whole()

    def fold_if_free(self) -> None:
        """Fold unless somebody holds the lock."""
        # a log that is thrown away must not wait: its own thread may be in a transaction of
        # another log of the same file
        if self._lock.is_free():
            self.fold()

    def close(self) -> None:
        """Let go of all files."""
        self._forget()
        self._lock.close()

    def _commit(self) -> None:
        change = self._change()
        if not change:
            return
        line = journal_line(change)
        small = self._size <= WHOLE
        if small or self._journal.size + len(line) > self._size // 4:
            self._commit_whole()
            return
        with self._told():
            self._journal.append(line)
        self.revision += 1

    def _change(self) -> Change:
        return {
            name: {key: self._tables[name].get(key) for key in sorted(keys)}
            for name, keys in self._touched.items()
            if keys
        }

    def _commit_whole(self) -> None:
        # killed between the two steps, the next reader applies the journal to a file that
        # holds it already, which changes nothing: each line has whole documents
        with self._told():
            replace_file(self._path, orjson.dumps(self._tables))
            self._journal.remove()
        self._hold()
        self.revision += 1

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TaskLogError(f"cannot write {self._path}: {error.strerror or error}") from error

    def _refresh(self) -> None:
        """Read what has changed on disk."""
        while True:
            if self._is_replaced():
                self._load()
            for change in self._journal.news():
                self._apply(change)
            if not self._is_replaced():  # else the journal may be of the new file
                return

    def _is_replaced(self) -> bool:
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            return self._file is not None
        return self._file is None or os.fstat(self._file).st_ino != inode

    def _load(self) -> None:
        self._forget()
        handle = self._hold()
        raw = os.pread(handle, self._size, 0) if handle is not None else b""
        self._tables = orjson.loads(raw) if raw else {}
        self.revision += 1

    def _apply(self, change: Change) -> None:
        for name, documents in change.items():
            table = self._tables.setdefault(name, {})
            for key, document in documents.items():
                if document is None:
                    table.pop(key, None)
                else:
                    table[key] = document
        self.revision += 1

    def _hold(self) -> int | None:
        """Keep the file open."""
        if self._file is not None:
            os.close(self._file)
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self._file, self._size = None, 0
        else:
            self._size = os.fstat(self._file).st_size
        return self._file

    def _forget(self) -> None:
        """Drop what is in memory; it is read anew."""
        if self._file is not None:
            os.close(self._file)
        self._file, self._size, self._tables = None, 0, {}
        self._journal.rewind()


class _Changing(MutableMapping[int, dict[str, Any]]):
    """A table's documents by number, as TinyDB changes them; notes which ones it touches.

    TinyDB's own way turns all keys into numbers and back: 10 ms for 10,000 documents.
    """

    def __init__(self, documents: Documents, touched: set[str]) -> None:
        self._documents = documents
        self._touched = touched

    def __getitem__(self, key: int) -> dict[str, Any]:
        found = self._documents[str(key)]
        self._touched.add(str(key))  # TinyDB updates documents in place
        return found

    def __setitem__(self, key: int, document: dict[str, Any]) -> None:
        self._documents[str(key)] = document
        self._touched.add(str(key))

    def __delitem__(self, key: int) -> None:
        del self._documents[str(key)]
        self._touched.add(str(key))

    def __contains__(self, key: object) -> bool:
        return str(key) in self._documents

    def __iter__(self) -> Iterator[int]:
        return map(int, self._documents)

    def __len__(self) -> int:
        return len(self._documents)

"""How TinyDB stores the log: one lock, atomic writes, and a journal where the file is large."""

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

#: a file up to this size is rewritten at each change; takes about 2 ms [bytes]
REWRITE_LIMIT = 128 * 1024


class JournalStorage(Storage):
    """Stores the tables in a JSON file that plain ``TinyDB(path)`` can read.

    Readers take no lock: each sees the last complete state. Writers work inside
    :meth:`transaction`, which holds the lock from reading to writing. A small file is replaced
    as a whole; the changes of a larger one go to a journal beside it, which :meth:`checkpoint`
    merges into the file. When a transaction ends, its changes are on disk.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_suffix(".lock"))
        self._journal = Journal(path.with_suffix(".journal"))
        self._file: int | None = None  # held open, so that its inode number is not used again
        self._size = 0
        self._tables: dict[str, Documents] = {}
        self._touched: defaultdict[str, set[str]] = defaultdict(set)
        self._depth = 0
        self.revision = 0  #: rises whenever a change of the tables is noticed

    def read(self) -> dict[str, Documents] | None:
        """Return the tables as they are on disk, with the changes of an open transaction."""
        with self._lock.threads:
            if not self._depth:
                self._refresh()
            return self._tables or None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Prevent other threads of this process from changing what is read."""
        with self._lock.threads:
            yield

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace all tables; only TinyDB's ``drop_tables`` calls this."""
        with self.transaction():
            self._tables = {name: dict(table) for name, table in data.items()}
            self._commit_whole()

    def change(self, table: str) -> MutableMapping[int, dict[str, Any]]:
        """Return the documents of a table, to change them inside a transaction."""
        return _Changing(self._tables.setdefault(table, {}), self._touched[table])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; write once at the end, or not at all if an exception passes.

        Raises
        ------
        TaskLogError : the disk is full, or cannot be written to; nothing is changed
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

    def checkpoint(self) -> None:
        """Merge the journal, if there is one, into the file."""
        with self.transaction():
            if self._journal.size:
                self._commit_whole()

    def checkpoint_if_free(self) -> None:
        """Do the same, unless somebody holds the lock."""
        # a log that is being deleted must not wait: its own thread may be in a transaction of
        # another log of the same file
        if self._lock.is_free():
            self.checkpoint()

    def close(self) -> None:
        """Close all files."""
        self._forget()
        self._lock.close()

    def _commit(self) -> None:
        change = self._change()
        if not change:
            return
        line = journal_line(change)
        small = self._size <= REWRITE_LIMIT
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
        # if it is killed between the two steps, the next reader applies the journal to a file that
        # has these changes already, which does nothing: each line has whole documents
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
            for change in self._journal.read_new():
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
        """Open the file and keep it open."""
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
        """Drop the tables in memory, so that they are read again."""
        if self._file is not None:
            os.close(self._file)
        self._file, self._size, self._tables = None, 0, {}
        self._journal.rewind()


class _Changing(MutableMapping[int, dict[str, Any]]):
    """A table's documents by number, as TinyDB changes them; records which ones were touched.

    TinyDB itself converts all keys to numbers and back: 10 ms for 10,000 documents.
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

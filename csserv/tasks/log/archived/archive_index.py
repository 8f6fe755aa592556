"""The SQLite index of archived tasks: where each stands in its file. It can be made anew."""

from __future__ import annotations

import sqlite3
import stat
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from csserv.errors import TaskLogError
from csserv.tasks.log.on_disk.set_aside import move_aside, read_regular

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, bytes INTEGER);
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, submitted TEXT, finished TEXT, state TEXT, client TEXT, dataset TEXT,
    area TEXT, file TEXT, start INTEGER, length INTEGER);
CREATE TABLE IF NOT EXISTS checksums (id TEXT PRIMARY KEY, crc INTEGER);
CREATE INDEX IF NOT EXISTS by_submitted ON tasks (submitted);
CREATE INDEX IF NOT EXISTS by_file ON tasks (file, finished);
"""

#: what SQLite says of a file that is none of this index
_OTHER = ("unable to open", "no such column", "no such table", "has no column", "no column named")


class IndexDamageError(Exception):
    """The index cannot be used as it is; it is to be made anew."""


class ArchiveIndex:
    """A SQLite file and its checksum beside it. Writing requires the lock of the task log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "index.sqlite"
        self._sum = folder / "index.sum"
        self._prepared: int | None = None  # inode of the file that has the tables
        self._whole: object = None  # stamp of the file that last matched its checksum

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open the index.

        Raises
        ------
        IndexDamageError : it cannot be used as it is
        TaskLogError : it cannot be read or written now
        """
        try:
            with closing(self._connect()) as index, index:
                yield index
        except sqlite3.OperationalError as error:
            if any(text in str(error) for text in _OTHER) and self._folder.is_dir():
                raise IndexDamageError(str(error)) from None
            raise TaskLogError(f"cannot use {self._folder}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise IndexDamageError(str(error)) from None
        except OSError as error:
            raise TaskLogError(f"cannot use {self._folder}: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open the index to change it, and note its checksum."""
        with self.reading() as index:
            yield index
        with suppress(OSError):
            self._sum.write_bytes(_crc(self._path))
            self._whole = self._stamp()

    def is_whole(self) -> bool:
        """Whether the file matches its checksum; read once, and again when it has changed."""
        stamp = self._stamp()
        if stamp is not None and stamp == self._whole:
            return True
        try:
            is_whole = self._sum.read_bytes() == _crc(self._path)
        except OSError:
            return False
        if is_whole:
            self._whole = stamp
        return is_whole

    def discard(self) -> None:
        """Remove the index, or whatever stands in its place."""
        self._whole = self._prepared = None
        for path in (self._path, Path(f"{self._path}-journal")):
            with suppress(FileNotFoundError):
                if stat.S_ISREG(path.lstat().st_mode):
                    path.unlink()
                else:
                    move_aside(self._folder.parent, path)

    def _connect(self) -> sqlite3.Connection:
        try:
            is_file = stat.S_ISREG(self._path.stat().st_mode)
        except FileNotFoundError:
            is_file = True
        except OSError as error:
            raise IndexDamageError(str(error)) from None
        if not is_file:
            raise IndexDamageError("the index is no file")
        index = sqlite3.connect(self._path, timeout=30)
        try:
            self._make_tables(index)
        except BaseException:
            index.close()
            raise
        return index

    def _make_tables(self, index: sqlite3.Connection) -> None:
        if self._prepared != (inode := self._inode()) or inode is None:
            index.executescript(_SCHEMA)  # 0.3 ms
            self._prepared = self._inode()

    def _inode(self) -> int | None:
        try:
            return self._path.stat().st_ino or None
        except OSError:
            return None

    def _stamp(self) -> object:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns


def _crc(path: Path) -> bytes:
    return b"%08x" % zlib.crc32(read_regular(path))

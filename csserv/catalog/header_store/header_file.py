"""Headers on disk, shared by all processes of a home: an SQLite file that may be lost at any time.

Each row holds the headers of some files. What is read of them is data, never code; a file that is
damaged, that is somebody else's, or that another version wrote is left alone or made anew.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from csserv.catalog.header_store.decoding import decode
from csserv.catalog.header_store.encoding import encode
from csserv.catalog.header_store.store_folder import StoreFolder
from csserv.catalog.read.header import Header
from csserv.errors import GranuleError
from csserv.machine.collection_pause import pause_collection

logger = logging.getLogger(__name__)

#: files of a row, once rows have been joined
FULL = 1000

#: rows that are less than half full of files that are still there, before they are joined
MOST = 64

#: how long another process may write [s]
PATIENCE = 1.0

#: how long the file is left alone after it could not be used, so that it costs little [s]
REST = 60.0

#: what is raised by a file that somebody else wrote, or a part of one
DAMAGE = (sqlite3.DatabaseError, ValueError, LookupError, TypeError, AttributeError, GranuleError)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT, files INTEGER, names BLOB, body BLOB,
    checksum INTEGER);
CREATE INDEX IF NOT EXISTS by_place ON rows (place, id);
CREATE TABLE IF NOT EXISTS large (digest TEXT PRIMARY KEY, body BLOB, checksum INTEGER);
"""


class Row(NamedTuple):
    """A row, and the file that it is in: a new file counts anew."""

    inode: int
    number: int


#: before the first row of any file
FIRST = Row(0, 0)


class HeaderFile:
    """Headers by the name of the file, at a place: a folder, and what is read of its files.

    Parameters
    ----------
    folder : where to keep them; made when there are some. Other versions keep theirs beside it
    """

    def __init__(self, folder: Path) -> None:
        self._folder = StoreFolder(folder)
        self._large: dict[str, Any] = {}
        self._rests_until = 0.0

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self._folder.path

    @pause_collection()
    def load(
        self, place: str, since: Row = FIRST, same: Callable[[Any], Any] = lambda value: value
    ) -> tuple[dict[str, Header], Row]:
        """Read the headers of a place that were kept after row ``since``; and the latest row.

        Parameters
        ----------
        same : see ``decoding.decode``
        """
        found: dict[str, Header] = {}
        if self._rests:
            return found, since
        with self._guarded(), self._open() as file:
            if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'rows'").fetchone():
                return found, since
            inode = self.path.stat().st_ino
            after = since.number if since.inode == inode else 0
            rows = file.execute(
                "SELECT id, names, body, checksum FROM rows WHERE place = ? AND id > ? ORDER BY id",
                [place, after],
            )
            for number, names, body, checksum in rows:
                found |= self._headers(file, names, body, checksum, same)
                since = Row(inode, number)
        return found, since

    def save(self, place: str, root: Path, headers: Mapping[str, Header]) -> None:
        """Keep headers, unless the disk does not allow it.

        Parameters
        ----------
        root : the folder that names begin in
        """
        if self._rests:
            return
        try:
            fresh = _row(headers)
        except TypeError as error:  # a name that is no text, a value of no known class
            logger.info("headers of %s are not kept: %s", root, error)
            return
        with self._guarded():
            self._folder.make()
            with self._open() as file:
                file.execute("PRAGMA journal_mode = WAL")  # who reads does not wait for who writes
                file.executescript(_SCHEMA)
                with _writing(file):
                    self._insert(file, place, fresh)
                    self._join(file, place, root)

    def _join(self, file: sqlite3.Connection, place: str, root: Path) -> None:
        """Join rows that hold few files that are still there, once there are many such rows."""
        few = "SELECT count(*) FROM rows WHERE place = ? AND files < ?"
        if file.execute(few, [place, FULL / 2]).fetchone()[0] <= MOST:
            return
        rows = file.execute("SELECT id, names FROM rows WHERE place = ? ORDER BY id", [place])
        names = {number: orjson.loads(plain) for number, plain in rows.fetchall()}
        latest = {name: number for number, each in names.items() for name in each}
        top = str(root)
        alive = {
            name: number
            for name, number in latest.items()
            if os.path.lexists(os.path.join(top, name))  # noqa: PTH118  # thousands of them
        }
        kept: dict[str, Header] = {}
        for number, each in names.items():
            left = [name for name in each if alive.get(name) == number]
            if 2 * len(left) < FULL:
                row = file.execute("SELECT body, checksum FROM rows WHERE id = ?", [number])
                headers = self._headers(file, orjson.dumps(each), *row.fetchone())
                kept |= {name: headers[name] for name in left}
                file.execute("DELETE FROM rows WHERE id = ?", [number])
        for group in _groups(kept):
            self._insert(file, place, _row(group))

    def _insert(self, file: sqlite3.Connection, place: str, row: _Fresh) -> None:
        names, body, large = row
        file.executemany(
            "INSERT OR IGNORE INTO large VALUES (?, ?, ?)",
            [(digest, plain, zlib.crc32(plain)) for digest, plain in large.items()],
        )
        file.execute(
            "INSERT INTO rows (place, files, names, body, checksum) VALUES (?, ?, ?, ?, ?)",
            [place, len(names), orjson.dumps(names), body, _checksum(orjson.dumps(names), body)],
        )

    def _headers(
        self,
        file: sqlite3.Connection,
        names: bytes,
        body: bytes,
        checksum: int,
        same: Callable[[Any], Any] = lambda value: value,
    ) -> dict[str, Header]:
        if _checksum(names, body) != checksum:
            raise ValueError("a row is damaged")
        headers = decode(body, lambda digest: self._large_value(file, digest), same)
        return dict(zip(orjson.loads(names), headers, strict=True))

    def _large_value(self, file: sqlite3.Connection, digest: str) -> Any:
        if digest not in self._large:
            found = file.execute("SELECT body, checksum FROM large WHERE digest = ?", [digest])
            body, checksum = found.fetchone()
            if zlib.crc32(body) != checksum:
                raise ValueError("a large value is damaged")
            self._large[digest] = decode(body, lambda inner: self._large_value(file, inner))[0]
        return self._large[digest]

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Go on without what is kept where it cannot be used; make it anew where it is damaged."""
        try:
            yield
        except FileNotFoundError:  # there is none yet, or it was removed while it was in use
            return
        except (sqlite3.OperationalError, OSError) as error:  # locked, no room, no permission
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
                self._make_anew(error)  # its tables are others
            else:
                self._rests_until = time.monotonic() + REST
                logger.info("headers are read anew, as %s cannot be used: %s", self.path, error)
        except DAMAGE as error:
            self._make_anew(error)

    def _make_anew(self, error: Exception) -> None:
        logger.warning("the headers kept in %s are damaged (%s); made anew", self.path, error)
        self._large.clear()
        self._folder.remove()

    @property
    def _rests(self) -> bool:
        return time.monotonic() < self._rests_until

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._folder.check_own()
        where = f"{self.path.absolute().as_uri()}?mode=rw"
        # one for each use: none is shared by threads, or inherited by a child, or outlives its file
        with closing(sqlite3.connect(where, PATIENCE, isolation_level=None, uri=True)) as file:
            file.execute("PRAGMA synchronous = NORMAL")
            yield file


#: names, headers as bytes, and what is large in them
_Fresh = tuple[list[str], bytes, Mapping[str, bytes]]


def _row(headers: Mapping[str, Header]) -> _Fresh:
    names = list(headers)
    orjson.dumps(names)  # raises TypeError for a name that is no text
    encoded = encode(list(headers.values()))
    return names, encoded.body, encoded.aside


def _groups(headers: Mapping[str, Header]) -> Iterator[dict[str, Header]]:
    pairs = iter(headers.items())
    while group := dict(islice(pairs, FULL)):
        yield group


@contextmanager
def _writing(file: sqlite3.Connection) -> Iterator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


def _checksum(*parts: bytes) -> int:
    found = 0
    for part in parts:
        found = zlib.crc32(part, found)
    return found

"""A JSON file of named records, shared by processes: tokens or users."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

import orjson

from csserv.errors import InvalidRequestError, SettingsError, nearest
from csserv.machine.private_home import make_home
from csserv.outputs.durable import replace_file
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.on_disk.set_aside import ACCOUNTS, read_regular, set_aside

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: a record as it is stored
Row: TypeAlias = dict[str, Any]

#: longer names are refused
LONGEST_NAME = 100


class Named(Protocol):
    """A record with a name, unique in its file."""

    @property
    def name(self) -> str:
        """The name."""


if TYPE_CHECKING:

    class NamedRecord(Named, DataclassInstance, Protocol):
        """A dataclass with a name."""


Record = TypeVar("Record", bound="NamedRecord")


class Records(Generic[Record]):
    """The records of one file, which is read again as soon as another process has changed it.

    Parameters
    ----------
    path : of the JSON file; a lock file lies beside it
    kind : what a record is called in error messages, such as "token"
    read : makes a record from its JSON object
    home : where a damaged file is set aside; None for the folder of the file
    """

    def __init__(
        self,
        path: Path,
        kind: str,
        read: Callable[[Mapping[str, Any]], Record],
        home: Path | None = None,
    ) -> None:
        self._path = path
        self._home = home or path.parent
        self._kind = kind
        self._read = read
        self._seen: tuple[object, tuple[Record, ...]] = (None, ())

    def all(self) -> tuple[Record, ...]:
        """Return all records, in the order in which they were added.

        Raises
        ------
        SettingsError : the file cannot be read; of a damaged one, a copy is set aside
        """
        try:
            status = self._path.stat()
            stamp = status.st_ino, status.st_mtime_ns, status.st_size
            if stamp != self._seen[0]:
                self._seen = (
                    stamp,
                    tuple(map(self._read, rows_of(read_regular(self._path), self._kind))),
                )
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise SettingsError(f"{self._path} cannot be read: {error}") from None
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(self._damage(error)) from None
        return self._seen[1]

    def _damage(self, error: Exception) -> str:
        copy = set_aside(self._home, self._path, room=ACCOUNTS)
        kept = f" (a copy is {copy.relative_to(self._home)})" if copy else ""
        return (
            f"{self._path} cannot be read: {error}; it is damaged{kept}, and nothing is written "
            "over it: stop csserv, then run: csserv repair"
        )

    def add(self, record: Record) -> None:
        """Add a record.

        Raises
        ------
        InvalidRequestError : a record of that name exists
        """
        with self._changing():
            known = self.all()
            if any(one.name == record.name for one in known):
                raise InvalidRequestError(
                    f"there is a {self._kind} {record.name!r} already; revoke it first"
                )
            self._write([*known, record])

    def replace(self, record: Record) -> None:
        """Replace the record of the same name.

        Raises
        ------
        InvalidRequestError : no record has that name; suggests similar ones
        """
        with self._changing():
            known = self._having(record.name)
            self._write(record if one.name == record.name else one for one in known)

    def change(self, change: Callable[[tuple[Record, ...]], Iterable[Record]]) -> None:
        """Write what a function makes of the records; no other process changes them meanwhile."""
        with self._changing():
            self._write(change(self.all()))

    def remove(self, name: str) -> None:
        """Remove a record.

        Raises
        ------
        InvalidRequestError : no record has that name; suggests similar ones
        """
        with self._changing():
            self._write(one for one in self._having(name) if one.name != name)

    def _having(self, name: str) -> tuple[Record, ...]:
        known = self.all()
        if all(one.name != name for one in known):
            close = nearest(name, [one.name for one in known])
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise InvalidRequestError(f"there is no {self._kind} {name!r}{hint}")
        return known

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock of the file, so that no other process changes it."""
        try:
            make_home(self._home)
            make_home(self._path.parent)
            lock = FileLock(self._path.with_suffix(".lock"))
            with closing(lock), lock:
                yield
        except OSError as error:
            raise SettingsError(f"cannot write {self._path}: {error.strerror}") from None

    def _write(self, records: Iterable[Record]) -> None:
        write_rows(self._path, self._kind, [asdict(one) for one in records])


def rows_of(raw: bytes, kind: str) -> list[Row]:
    """Return the records of a file as they are stored.

    Raises
    ------
    ValueError, KeyError, TypeError : it is damaged
    """
    plain = orjson.loads(raw)
    rows: list[Row] = plain[f"{kind}s"]
    sums = plain.get("sums")  # older versions write none
    if sums is not None and sums != list(map(sum_of, rows)):
        raise ValueError("a record does not match its checksum")
    return rows


def write_rows(path: Path, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write records, each with its checksum; these stand first, where a cut file has them."""
    plain = {"sums": list(map(sum_of, rows)), f"{kind}s": rows}
    replace_file(path, orjson.dumps(plain, option=orjson.OPT_INDENT_2), private=True)


def sum_of(row: Mapping[str, Any]) -> str:
    """Return the CRC-32 of a record, eight hexadecimal digits."""
    return f"{zlib.crc32(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)):08x}"


def checked_name(name: str, kind: str) -> str:
    """Return a name unchanged if it is usable.

    Raises
    ------
    InvalidRequestError : it is empty, too long, or has characters that cannot be printed
    """
    if not (name.isprintable() and 0 < len(name.strip()) <= LONGEST_NAME):
        raise InvalidRequestError(
            f"{name!r} is no name of a {kind}: 1 to {LONGEST_NAME} printable letters"
        )
    return name

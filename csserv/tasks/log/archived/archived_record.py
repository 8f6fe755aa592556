"""A record in a monthly file: how it is written, and how it is read where the index says."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from csserv.tasks.log.on_disk.sealed import DamageError

Plain = Mapping[str, Any]

#: what stands before the first record of a file, and behind the last one
HEAD, TAIL = b'{"_default":{', b"}}"


class Place(NamedTuple):
    """Where a record stands: in which file, from which byte, how many of them."""

    file: str
    start: int
    length: int
    checksum: int | None
    id: str


@dataclass(frozen=True)
class Written:
    """The bytes of a file, and what the index is to know of the records that were added.

    Attributes
    ----------
    content : of the whole file
    rows : of each record: id, submitted, finished, state, client, dataset, area, start, length
    checksums : of each record: id, CRC-32
    """

    content: bytes
    rows: list[tuple[Any, ...]]
    checksums: list[tuple[str, int]]


def write_records(body: bytes, number: int, tasks: Sequence[Plain]) -> Written:
    """Add records to what a file has.

    Parameters
    ----------
    body : the file without its tail, with a comma behind its last record
    number : key of the first record that is added
    tasks : the records
    """
    pieces, rows, sums, end = [body], [], [], len(body)
    for place, task in enumerate(tasks):
        text, key = orjson.dumps(task), b'%b"%d":' % (b"," if place else b"", number + place)
        pieces += [key, text]
        rows.append((*columns(task), end + len(key), len(text)))
        sums.append((str(task["id"]), zlib.crc32(text)))
        end += len(key) + len(text)
    return Written(b"".join([*pieces, TAIL]), rows, sums)


def read_records(path: Path, places: Iterable[Place]) -> Iterator[dict[str, Any]]:
    """Read records of one file.

    Raises
    ------
    DamageError : one is not as it was written
    OSError : the file cannot be read
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            for place in places:
                file.seek(place.start)
                yield _record(file.read(place.length), place, path)
    except IsADirectoryError:
        raise DamageError(path, "is no file") from None


def all_records(raw: bytes, path: Path) -> list[dict[str, Any]]:
    """Return the records of a file, of any version.

    Raises
    ------
    DamageError : it is not as an archive is written
    """
    try:
        tables = orjson.loads(raw)
        tasks = [task for table in tables.values() for task in table.values()]
        for task in tasks:
            columns(task)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DamageError(path, "is no archive") from None
    return tasks


def columns(task: Plain) -> tuple[str, ...]:
    """Return what tasks are listed by: id, submitted, finished, state, client, dataset, area."""
    names = ("id", "submitted", "finished", "state")
    request = task["request"]
    return (
        *(str(task[name]) for name in names),
        str(task.get("client", "")),
        str(request["dataset"]),
        str(request["area"]),
    )


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; whatever else has its name would be waited for."""
    handle = os.open(path, flags | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise IsADirectoryError(path)


def _record(text: bytes, place: Place, path: Path) -> dict[str, Any]:
    if place.checksum is not None and zlib.crc32(text) != place.checksum:
        raise DamageError(path, "does not match its checksums")
    try:
        record: dict[str, Any] = orjson.loads(text)
        if record["id"] == place.id:
            return record
    except (ValueError, TypeError, KeyError):
        pass
    raise DamageError(path, "is not as its index says")

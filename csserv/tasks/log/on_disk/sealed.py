"""The text of a file of tables: a record a line, checksums at its end; plain TinyDB reads it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from csserv.errors import TaskLogError

Tables = dict[str, dict[str, dict[str, Any]]]

#: table of the file that holds its schema number and checksums; others see one table more
SEAL = "_csserv"

#: raised when an older csserv would read the records wrongly; a field more does not raise it
SCHEMA = 1

_SUM, _END = b'","sum":"', b'"}}}'


class DamageError(Exception):
    """A file is not as csserv wrote it; says which, and what is wrong with it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class Stored:
    """What a file holds.

    Attributes
    ----------
    tables : name → number → record
    sum : checksum of the file, which says which state of the log it is
    is_sealed : whether it has checksums; files of older versions and of plain TinyDB do not
    """

    tables: Tables
    sum: bytes
    is_sealed: bool


def seal(tables: Tables) -> tuple[bytes, bytes]:
    """Write tables as a text with checksums; return it and the checksum of all of it."""
    pieces = [b"{"]
    sums: list[int] = []
    for name, records in tables.items():
        lines = [b'"%b":%b' % (key.encode(), orjson.dumps(one)) for key, one in records.items()]
        sums += map(zlib.crc32, lines)
        pieces += [orjson.dumps(name), b":{\n", b",\n".join(lines), b"\n},\n"]
    listed = struct.pack(f">{len(sums)}I", *sums).hex().encode()
    pieces.append(b'"%b":{"1":{"schema":%d,"records":"%b' % (SEAL.encode(), SCHEMA, listed))
    pieces.append(_SUM)
    front = b"".join(pieces)
    total = b"%08x" % zlib.crc32(front)
    return b"%b%b%b" % (front, total, _END), total


def unseal(raw: bytes, path: Path) -> Stored:
    """Read tables, and check them against their checksums.

    Raises
    ------
    DamageError : they are not as they were written
    TaskLogError : a newer csserv wrote them, and this one cannot read them
    """
    is_sealed = has_seal(raw)
    if is_sealed:
        check_sum(raw, path)
    try:
        plain = orjson.loads(raw)
    except ValueError as error:
        raise DamageError(path, f"is no JSON ({error})") from None
    if not _is_tables(plain):
        raise DamageError(path, "is JSON, but no task log")
    tables: Tables = plain
    sealed_by = tables.pop(SEAL, {}).get("1", {})
    if is_sealed and sealed_by.get("schema", 0) > SCHEMA:
        raise TaskLogError(
            f"{path} was written by a newer csserv (schema {sealed_by['schema']}; this version "
            f"reads {SCHEMA}); nothing was changed: install the newer version again"
        )
    total = raw[-len(_END) - 8 : -len(_END)] if is_sealed else b"%08x" % zlib.crc32(raw)
    return Stored(tables, total, is_sealed)


def has_seal(raw: bytes) -> bool:
    """Whether a text is laid out as one with checksums: older versions write all in one line."""
    start = raw.find(b"{", 1)
    return start > 0 and raw[start + 1 : start + 2] == b"\n" and raw[start + 2 : start + 3] != b" "


def check_sum(raw: bytes, path: Path) -> None:
    """Check a text against the checksum at its end."""
    place = len(raw) - len(_END) - 8
    if raw[place - len(_SUM) : place] != _SUM or raw[place + 8 :] != _END:
        raise DamageError(path, "has lost its end, or more was written behind it")
    if raw[place : place + 8] != b"%08x" % zlib.crc32(memoryview(raw)[:place]):
        raise DamageError(path, "does not match its checksum")


def listed_sums(raw: bytes) -> set[int]:
    """Return the checksums of records that a text lists, as far as they can be read."""
    _, found, rest = raw.rpartition(b'"records":"')
    if not found:
        return set()
    places = range(0, min(len(rest), len(rest.partition(b'"')[0])) - 7, 8)
    sums = set()
    for place in places:
        try:
            sums.add(int(rest[place : place + 8], 16))
        except ValueError:
            continue
    return sums


def _is_tables(plain: object) -> bool:
    if not isinstance(plain, dict) or (plain and "_default" not in plain):
        return False
    return all(
        isinstance(records, dict)
        and all(key.isdigit() and isinstance(one, dict) for key, one in records.items())
        for records in plain.values()
    )

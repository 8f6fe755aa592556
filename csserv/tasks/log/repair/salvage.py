"""What can be read of a damaged file: whole records, and those that their checksum puts right."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson

from csserv.errors import TaskLogError
from csserv.tasks.log.on_disk.journal import Change, is_whole
from csserv.tasks.log.on_disk.sealed import SEAL, listed_sums
from csserv.tasks.log.task import Task

Record = dict[str, Any]

#: pieces of text up to this length are no record; above the other one, no bit is put right [bytes]
SHORTEST, LONGEST = 40, 20_000

_START = re.compile(r'"(\d+)"\s*:\s*(?=\{)')
_ID = re.compile(r'"id"\s*:\s*"([^"]{1,100})"')
_REQUEST = re.compile(r'"request"\s*:\s*(?=\{)')
_JSON = json.JSONDecoder(strict=False)


@dataclass
class Salvaged:
    """What was read of a file.

    Attributes
    ----------
    records : number in the table → record
    unproved : numbers of records whose checksum does not match, or is gone; their requests do
    lost : how many pieces of the file could not be read
    lost_ids : the ids of tasks that can be read in them
    """

    records: dict[str, Record] = field(default_factory=dict)
    unproved: set[str] = field(default_factory=set)
    lost: int = 0
    lost_ids: set[str] = field(default_factory=set)


def salvage_file(raw: bytes) -> Salvaged:
    """Read what can be read of a JSON file of the log or of an archive."""
    found = Salvaged()
    sums = listed_sums(raw)
    others = []
    for line in raw.split(b"\n"):
        if tried := next((one for one in _ends(line) if zlib.crc32(one) in sums), None):
            sums.discard(zlib.crc32(tried))
            _take(tried, found)
        elif SEAL.encode() not in line[:12] and len(line) > SHORTEST:
            others.append(line)
    for line in others:
        whole = _put_right(_ends(line)[0], sums)
        if whole is None or not _take(whole, found):
            _scan(line, found)
    return found


def records_of(raw: bytes) -> list[Record]:
    """Return the records of a whole file of finished tasks; none if anything in it is not right."""
    with suppress(ValueError, LookupError, TypeError, AttributeError, TaskLogError):
        plain = orjson.loads(raw)
        records = list(plain["_default"].values())
        if all(Task.from_dict(one).state.is_final for one in records):
            return records
    return []


def salvage_pieces(raw: bytes, places: Iterable[tuple[int, int, int]]) -> Salvaged:
    """Read records at known places.

    Parameters
    ----------
    places : start, length and checksum of each record
    """
    found = Salvaged()
    for number, (start, length, total) in enumerate(places):
        piece = raw[start : start + length]
        whole = piece if zlib.crc32(piece) == total else put_right(piece, total)
        if whole is not None:
            found.records[str(number)] = orjson.loads(whole)
        else:
            _scan(b'"%d":' % number + piece, found)
    return found


@dataclass
class SalvagedLines:
    """What was read of a journal.

    Attributes
    ----------
    changes : of whole lines in their order, those among them that their checksum put right
    unproved : records of damaged lines whose requests are proved
    damaged : how many lines were not whole
    lost : how many of these give nothing
    lost_ids : the ids of tasks that can be read in them
    """

    changes: list[Change] = field(default_factory=list)
    unproved: list[Record] = field(default_factory=list)
    damaged: int = 0
    lost: int = 0
    lost_ids: set[str] = field(default_factory=set)


def salvage_journal(raw: bytes) -> SalvagedLines:
    """Read what can be read of a journal."""
    found = SalvagedLines()
    for line in raw.splitlines(keepends=True):
        found.damaged += not is_whole(line)
        text = _whole_line(line)
        if text is not None:
            found.changes.append(orjson.loads(text))
            continue
        part = Salvaged()
        _scan(line, part)
        found.unproved += part.records.values()
        found.lost_ids |= part.lost_ids
        found.lost += not part.records
    return found


def put_right(piece: bytes, total: int) -> bytes | None:
    """Return a piece whose one flipped bit is put right by its checksum; None if none does it."""
    return _put_right(piece, {total})


def is_proved(record: Mapping[str, Any]) -> bool:
    """Whether the fingerprint of a record is that of its request."""
    with suppress(KeyError, TypeError, AttributeError, TaskLogError):
        Task.from_dict(record)
        asked = record["request"]
        names = ("dataset", "operation", "period", "area")
        plain = {name: asked[name] for name in names}
        if options := asked.get("options"):
            plain["options"] = options
        canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return bool(hashlib.sha256(canonical.encode()).hexdigest() == asked["fingerprint"])
    return False


def _ends(line: bytes) -> tuple[bytes, bytes]:
    """Return a line without its comma, and without its last letter, whatever that is."""
    return (line[:-1] if line.endswith(b",") else line), line[:-1]


def _take(line: bytes, found: Salvaged) -> bool:
    with suppress(ValueError):
        ((key, record),) = orjson.loads(b"{%b}" % line).items()
        found.records[key] = record
        return True
    return False


def _put_right(piece: bytes, sums: set[int]) -> bytes | None:
    """Try all positions of one flipped bit: some milliseconds for a record."""
    if not sums or len(piece) > LONGEST:
        return None
    changed = bytearray(piece)
    for place in range(len(changed)):
        for bit in range(8):
            changed[place] ^= 1 << bit
            if zlib.crc32(changed) in sums:
                return bytes(changed)
            changed[place] ^= 1 << bit
    return None


def _whole_line(line: bytes) -> bytes | None:
    ended = line if line.endswith(b"\n") else line + b"\n"  # only its end is gone
    for tried in (ended, line[:-1] + b"\n", line[:-1].rstrip(b"\n") + b"\n"):
        if is_whole(tried):
            return tried[9:]
    if _flipped_bits(ended[:9], b"%08x " % zlib.crc32(ended[9:-1])) == 1:
        return ended[9:]  # the bit is one of the checksum itself
    with suppress(ValueError):
        return put_right(ended[9:-1], int(ended[:8], 16))
    return None


def _flipped_bits(some: bytes, other: bytes) -> int:
    same = len(some) == len(other)
    return sum((a ^ b).bit_count() for a, b in zip(some, other, strict=False)) if same else -1


def _scan(piece: bytes, found: Salvaged) -> None:
    """Look for records in a piece of text that matches no checksum."""
    text = piece.decode("utf-8", "replace")
    starts = [(one.group(1), one.end()) for one in _START.finditer(text)]
    any_found = False
    for (key, start), (_, end) in pairwise([*starts, ("", len(text))]):
        record = _decoded(text, start) or _request_of(text[start:end])
        if record is not None and is_proved(record):
            found.records.setdefault(key, record)
            found.unproved.add(key)
            any_found = True
        elif '"id"' in text[start:end]:
            found.lost += 1
            found.lost_ids |= _ids_in(text[start:end])
    if not any_found and not starts and len(piece) > SHORTEST:
        found.lost += 1
        found.lost_ids |= _ids_in(text)


def _ids_in(text: str) -> set[str]:
    return {one for one in _ID.findall(text) if one.isprintable()}


def _decoded(text: str, start: int) -> Record | None:
    with suppress(ValueError, RecursionError):
        record, _ = _JSON.raw_decode(text, start)
        return record if isinstance(record, dict) else None
    return None


def _request_of(text: str) -> Record | None:
    """Return a queued task of a record that is cut or damaged behind its request."""
    name, asked = _ID.search(text), _REQUEST.search(text)
    if not (name and asked):
        return None
    request = _decoded(text, asked.end())
    rest = dict(_plain_fields(text[asked.end() :]))
    if request is None or "submitted" not in rest:
        return None if request is None else _queued(name.group(1), request, {})
    return _queued(name.group(1), request, rest)


def _queued(name: str, request: Record, rest: Mapping[str, Any]) -> Record:
    kept = {key: rest[key] for key in ("submitted", "client", "priority") if key in rest}
    submitted = "1970-01-01T00:00:00.000Z"  # not known: older than any
    return {"id": name, "request": request, "submitted": submitted, "state": "queued"} | kept


def _plain_fields(text: str) -> Iterator[tuple[str, Any]]:
    for one in re.finditer(r'"(submitted|client|priority)"\s*:\s*("[^"]*"|-?\d+)', text):
        with suppress(ValueError):
            yield one.group(1), json.loads(one.group(2))

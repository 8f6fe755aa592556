"""One append-only file of kept numbers: a chain of records, each whole or absent.

A record is a prelude (kind, lengths, CRC-32 of what follows up to the numbers), a header in JSON,
and numbers. The chain ends where a record is cut or damaged: who writes next cuts the file there.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from csserv.zonal.statistics import Arrays

MAGIC = b"csserv kept 1\n\0\0"

#: kinds of records: what the file is of, zones, and numbers of these zones at some steps
ABOUT, ZONES, STEPS = b"what", b"zone", b"step"

#: bytes of what a zone or a step is known by
KEY = 16

#: kind, length of the header, of the numbers, and CRC-32 of these and of the header
_PRELUDE = struct.Struct("<4sIQI")

#: bytes of a CRC-32, and of a number
CRC, NUMBER = 4, 8

#: longest header that is believed [bytes]
_LONGEST = 2**20

Bytes = NDArray[np.uint8]


class DamagedVolumeError(Exception):
    """Numbers in a file are not those that were written."""


@dataclass(frozen=True)
class Record:
    """A record of a file: its header, and where its numbers lie."""

    kind: bytes
    header: dict[str, Any]
    start: int  #: of its numbers in the file
    end: int  #: of the record, and where the next one begins


def write_record(kind: bytes, header: dict[str, Any], numbers: bytes = b"") -> bytes:
    """Return a record as bytes."""
    said = orjson.dumps(header)
    lengths = _PRELUDE.pack(kind, len(said), len(numbers), 0)[:-CRC]
    crc = zlib.crc32(said, zlib.crc32(lengths))
    return lengths + crc.to_bytes(CRC, "little") + said + numbers


def read_records(file: int, start: int, size: int) -> Iterator[Record]:
    """Yield the records of an open file, up to the first one that is cut or damaged.

    Parameters
    ----------
    start : where a record begins; 0 for all, if the file is one of ours
    size : of the file [bytes]
    """
    if start == 0:
        if os.pread(file, len(MAGIC), 0) != MAGIC:
            return
        start = len(MAGIC)
    while found := _record(file, start, size):
        yield found
        start = found.end


def read_about(path: Path) -> dict[str, Any]:
    """Return of what a file is; nothing where it does not say."""
    with opened(path) as file:
        first = next(read_records(file, 0, os.fstat(file).st_size), None)
    return first.header if first and first.kind == ABOUT else {}


def _record(file: int, start: int, size: int) -> Record | None:
    prelude = os.pread(file, _PRELUDE.size, start)
    if len(prelude) < _PRELUDE.size:
        return None
    kind, length, numbers, crc = _PRELUDE.unpack(prelude)
    first = start + _PRELUDE.size + length
    if length > _LONGEST or first + numbers > size:
        return None
    said = os.pread(file, length, start + _PRELUDE.size)
    if zlib.crc32(said, zlib.crc32(prelude[:-CRC])) != crc:
        return None
    return Record(kind, orjson.loads(said), first, first + numbers)


@dataclass(frozen=True)
class RowLayout:
    """How the numbers of a zone at some steps lie in a row of bytes, which ends with a CRC-32.

    Attributes
    ----------
    steps : how many
    arrays : name → whether there is a number a step, and not one for all
    """

    steps: int
    arrays: dict[str, bool]

    @classmethod
    def of(cls, arrays: Arrays) -> RowLayout:
        """Choose it for (steps, zones) arrays: most have the same at all steps."""
        steps = len(next(iter(arrays.values())))
        return cls(steps, {name: _varies(one) for name, one in arrays.items()})

    @property
    def width(self) -> int:
        """Length of a row [bytes]."""
        return CRC + NUMBER * sum(self.steps if varies else 1 for varies in self.arrays.values())

    def rows(self, arrays: Arrays, zones: Sequence[bytes]) -> bytes:
        """Return the rows of zones, one after the other, each with its check."""
        columns = [
            np.ascontiguousarray((arrays[name] if varies else arrays[name][:1]).T, "<f8")
            for name, varies in self.arrays.items()
        ]
        together = np.concatenate(columns, axis=1).view(np.uint8)
        checked = (
            row + zlib.crc32(row, zlib.crc32(zone)).to_bytes(CRC, "little")
            for row, zone in zip(map(bytes, together), zones, strict=True)
        )
        return b"".join(checked)

    def read(self, rows: Bytes, zones: Iterable[bytes]) -> dict[str, NDArray[np.float64]]:
        """Return the (zones, steps or 1) numbers of (zones, width) bytes.

        Raises
        ------
        DamagedVolumeError : they are not those that were written
        """
        for row, zone in zip(rows, zones, strict=True):
            crc = int.from_bytes(row[-CRC:].tobytes(), "little")
            if zlib.crc32(row[:-CRC], zlib.crc32(zone)) != crc:
                raise DamagedVolumeError
        numbers = np.ascontiguousarray(rows[:, :-CRC]).view("<f8")
        found, first = {}, 0
        for name, varies in self.arrays.items():
            last = first + (self.steps if varies else 1)
            found[name] = numbers[:, first:last]
            first = last
        return found


def _varies(array: NDArray[np.float64]) -> bool:
    bits = np.ascontiguousarray(array).view(np.uint64)  # as NaN is none of its like
    return bool((bits != bits[:1]).any())


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a file for reading, as the system knows it."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def keys_of(raw: bytes) -> list[bytes]:
    """Divide bytes into keys."""
    return [raw[first : first + KEY] for first in range(0, len(raw), KEY)]

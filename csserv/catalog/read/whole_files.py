"""How long a NetCDF or HDF5 file should be, by what stands at its beginning.

A classic NetCDF file that was cut short opens, and gives zeros for what is not there (netCDF 4.9).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from math import prod
from pathlib import Path

HDF5 = b"\x89HDF\r\n\x1a\n"
CLASSIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05")

#: bytes of a number, by the code of its type
WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}

#: number of records of a file that is still written
UNKNOWN = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


def whole_size(path: Path) -> int | None:
    """Return how long a file should be at least [bytes]; None where it does not say so.

    Raises
    ------
    struct.error : it ends before it could say so
    """
    with suppress(OSError, LookupError, OverflowError), path.open("rb") as file:
        head = file.read(64)
        if head.startswith(HDF5):
            return _of_hdf5(head)
        if head.startswith(CLASSIC):
            file.seek(0)
            return _Classic(file).whole
    return None


def cut_short(path: Path) -> str:
    """Say how much of a file is there, where that is less than there should be; else nothing."""
    try:
        size = path.stat().st_size
        whole = whole_size(path)
    except OSError:  # it is gone by now, which others say
        return ""
    except struct.error:
        return f"cut short within its header: {size:,} bytes are there; fetch or copy it again"
    if whole is None or size >= whole:
        return ""
    return f"cut short: {size:,} of {whole:,} bytes are there; fetch or copy it again"


def _of_hdf5(head: bytes) -> int | None:
    """Read the end of the file from its superblock (HDF5 File Format Specification, III)."""
    if len(head) < 52:
        raise struct.error("the file ends within its superblock")
    version = head[8]
    width, place = (head[13], 24 if version == 0 else 28) if version < 2 else (head[9], 12)
    addresses = [head[place + i * width : place + (i + 1) * width] for i in range(3)]
    base, _, end = (int.from_bytes(one, "little") for one in addresses)
    unwritten = 2 ** (8 * width) - 1
    return None if end in (0, unwritten) or version > 3 else base + end


@dataclass
class _Variable:
    """A variable of a classic file."""

    is_record: bool
    bytes: int  #: of all its numbers, or of those of one record
    begin: int


@dataclass
class _Classic:
    """The header of a classic file (NetCDF Classic Format Specification)."""

    file: BufferedReader
    version: int = 0
    records: int = 0
    lengths: list[int] = field(default_factory=list)

    @property
    def whole(self) -> int | None:
        """Where its last number ends."""
        self.version = self.file.read(4)[3]
        self.records = self._count()
        self.lengths = list(self._dimensions())
        self._skip_attributes()
        known = list(self._variables())
        running = [one for one in known if one.is_record]
        ends = [one.begin + one.bytes for one in known if not one.is_record]
        if running and self.records in UNKNOWN:
            return None
        if running and self.records:
            step = running[0].bytes if len(running) == 1 else sum(_even(v.bytes) for v in running)
            ends += [one.begin + (self.records - 1) * step + one.bytes for one in running]
        return max(ends, default=None)

    def _dimensions(self) -> Iterator[int]:
        for _ in range(self._tagged()):
            self._skip_name()
            yield self._count()

    def _variables(self) -> Iterator[_Variable]:
        for _ in range(self._tagged()):
            self._skip_name()
            lengths = [self.lengths[self._count()] for _ in range(self._count())]
            self._skip_attributes()
            width = WIDTHS[self._number(">I")]
            self._count()  # the size, which is wrong for large ones
            begin = self._number(">I" if self.version == 1 else ">Q")
            is_record = bool(lengths) and lengths[0] == 0
            yield _Variable(is_record, prod(lengths[is_record:]) * width, begin)

    def _skip_attributes(self) -> None:
        for _ in range(self._tagged()):
            self._skip_name()
            width = WIDTHS[self._number(">I")]
            self._skip(_even(self._count() * width))

    def _skip_name(self) -> None:
        self._skip(_even(self._count()))

    def _skip(self, length: int) -> None:
        if len(self.file.read(length)) != length:
            raise struct.error("the file ends within its header")

    def _tagged(self) -> int:
        """Read how long a list is; an absent one has a tag of 0, and the length 0."""
        self._number(">I")
        return self._count()

    def _count(self) -> int:
        return self._number(">Q" if self.version == 5 else ">I")

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self.file.read(struct.calcsize(form)))[0])


def _even(length: int) -> int:
    """Round up to whole groups of four bytes."""
    return -(-length // 4) * 4

"""Reads some columns of arrays in an NPZ file, which numpy reads as a whole only."""

from __future__ import annotations

import os
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np
from numpy.lib import format as npy

from csserv.catalog.read.grid import Floats

#: bytes of a member's own header in a ZIP, before its name; the lengths of name and extra in it
_LOCAL, _LENGTHS = 30, slice(26, 30)

#: bytes that are read at once to see that a file is whole
_PIECE = 2**20


@dataclass(frozen=True)
class StoredArray:
    """A (steps, zones) array of float64 in a file, zone by zone.

    Attributes
    ----------
    offset : where its first number stands [bytes]
    """

    offset: int
    steps: int
    zones: int

    def columns(self, file: BinaryIO, span: slice) -> Floats:
        """Read some zones, as (steps, zones) in the order of steps."""
        first, last, _ = span.indices(self.zones)
        size = 8 * self.steps
        raw = os.pread(file.fileno(), size * (last - first), self.offset + size * first)
        by_zone = np.frombuffer(raw, np.float64).reshape(last - first, self.steps)
        return np.ascontiguousarray(by_zone.T)


def stored_arrays(path: Path, besides: str, check: bool = True) -> dict[str, StoredArray]:
    """Find the arrays of an uncompressed NPZ file.

    Parameters
    ----------
    besides : name of a member that is no such array
    check : whether all bytes are compared with their checksum

    Raises
    ------
    zipfile.BadZipFile : a member is not as it was written
    ValueError : an array is another one
    """
    found = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for one in archive.infolist():
            with archive.open(one) as member:
                if one.filename != besides:
                    begin = _begin(file, one.header_offset)
                    found[one.filename.removesuffix(".npy")] = _array(member, begin)
                while check and member.read(_PIECE):  # its end compares the checksum
                    pass
    return found


def _begin(file: BinaryIO, header: int) -> int:
    """Return where the bytes of a member begin; its name may be written longer than in the list."""
    local = os.pread(file.fileno(), _LOCAL, header)
    name, extra = struct.unpack("<HH", local[_LENGTHS])
    return header + _LOCAL + int(name) + int(extra)


def _array(member: IO[bytes], begin: int) -> StoredArray:
    version = npy.read_magic(member)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, by_zone, kind = read(member)
    if len(shape) != 2 or kind != np.float64 or not (by_zone or 1 in shape):
        raise ValueError(f"an array {shape} of {kind}: (steps, zones) of float64 are stored so")
    return StoredArray(begin + member.tell(), *shape)

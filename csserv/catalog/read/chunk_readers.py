"""Reads the chunks of an open file, and copies parts of them as stored numbers."""

from __future__ import annotations

from dataclasses import dataclass
from io import FileIO
from typing import Any, Protocol

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.chunk_layout import Layout, Place
from csserv.catalog.read.hdf5.chunks import ChunkIndex, Unpacker
from csserv.catalog.read.hdf5.shuffled_bytes import ByteJoiner, Bytes

#: (position, index) of each dimension other than time, latitude and longitude
Pick = tuple[tuple[int, int], ...]


class Piece(Protocol):
    """One chunk in memory, with steps, rows and columns as in the file."""

    def copy(self, steps: slice, rows: slice, columns: slice, out: NDArray[Any]) -> None:
        """Copy a part into ``out``, (steps, rows, columns), as stored numbers."""


class Reader(Protocol):
    """An open file."""

    def read(self, chunk: Place) -> Piece:
        """Read a chunk by its number along time, rows and columns; valid until the next call."""


class ChunkReader:
    """Reads chunks straight from the file: looks up the offset, reads, decompresses."""

    def __init__(
        self, layout: Layout, pick: Pick, index: ChunkIndex, file: FileIO, unpacker: Unpacker
    ) -> None:
        self._layout = layout
        self._pick = dict(pick)
        self._index, self._file, self._unpacker = index, file, unpacker

    def read(self, chunk: Place) -> Piece:
        """Read a chunk, see ``Reader``."""
        chunks = self._layout.storage.chunk
        place = [self._pick.get(p, 0) // chunks[p] for p in range(len(chunks))]
        for position, number in zip(self._layout.order, chunk, strict=True):
            if position >= 0:
                place[position] = number
        offset, size = self._index.find(tuple(place))
        if not size:  # never written
            return _Values(np.broadcast_to(self._layout.packing.unwritten, self._layout.chunk))
        self._unpacker.read(self._file, offset, size)
        within = [self._pick.get(p, 0) % chunks[p] for p in range(len(chunks))]
        order = self._layout.order
        if not self._layout.storage.shuffled:
            return _Numbers(_uniform(self._unpacker.numbers(), order, within))
        planes = _uniform(self._unpacker.planes(), order, within, leading=1)
        return _Planes(planes, self._layout.packing, self._unpacker.joiner)


class SlabReader:
    """Reads through the netCDF library, which can read every kind of NetCDF file."""

    def __init__(self, layout: Layout, pick: Pick, variable: netCDF4.Variable[Any]) -> None:
        variable.set_auto_maskandscale(False)
        self._layout, self._pick, self._variable = layout, pick, variable

    def read(self, chunk: Place) -> Piece:
        """Read a chunk, see ``Reader``."""
        layout, shape = self._layout, self._variable.shape
        index: list[int | slice] = [0] * len(shape)
        for position, number in self._pick:
            index[position] = slice(number, number + 1)
        for position, number, length in zip(layout.order, chunk, layout.chunk, strict=True):
            if position >= 0:
                index[position] = slice(number * length, (number + 1) * length)
        whole = [i if isinstance(i, slice) else slice(i, i + 1) for i in index]
        raw = np.asarray(self._variable[tuple(whole)])
        dtype = np.dtype(layout.packing.dtype)
        if raw.dtype.kind != dtype.kind:  # unsigned numbers in a signed type
            raw = raw.view(raw.dtype.str.replace(raw.dtype.kind, dtype.kind))
        values = _uniform(raw, layout.order, [0] * len(shape))
        return _Values(values)


@dataclass(frozen=True, eq=False)
class _Values:
    """A chunk as an array of stored numbers."""

    values: NDArray[Any]

    def copy(self, steps: slice, rows: slice, columns: slice, out: NDArray[Any]) -> None:
        out[...] = self.values[steps, rows, columns]


@dataclass(frozen=True, eq=False)
class _Numbers:
    """A chunk as an array of numbers of the file's type, of which the bits count."""

    numbers: NDArray[Any]

    def copy(self, steps: slice, rows: slice, columns: slice, out: NDArray[Any]) -> None:
        bits = f"u{out.dtype.itemsize}"
        order = ">" if self.numbers.dtype.byteorder == ">" else "<"
        out.view(bits)[...] = self.numbers[steps, rows, columns].view(order + bits)


@dataclass(frozen=True, eq=False)
class _Planes:
    """A chunk as planes of bytes, (itemsize, steps, rows, columns)."""

    planes: Bytes
    packing: Packing
    joiner: ByteJoiner

    def copy(self, steps: slice, rows: slice, columns: slice, out: NDArray[Any]) -> None:
        big_endian = np.dtype(self.packing.dtype).str.startswith(">")
        self.joiner.join(self.planes[:, steps, rows, columns], out, big_endian)


def _uniform(
    array: NDArray[Any], order: Place, within: list[int], leading: int = 0
) -> NDArray[Any]:
    """View an array in the file's order of dimensions as (time, rows, columns).

    Parameters
    ----------
    order : positions of time, rows, columns; -1 for a time dimension that is not there
    within : index to take in each other dimension
    leading : number of dimensions before those of the file; they stay in front
    """
    kept = [p for p in order if p >= 0]
    index: tuple[Any, ...] = tuple(
        slice(None) if p in kept else number for p, number in enumerate(within)
    )
    turned = array[(slice(None),) * leading + index]
    places = sorted(kept)
    turned = np.transpose(turned, [*range(leading), *(leading + places.index(p) for p in kept)])
    lacking = tuple(leading + i for i, p in enumerate(order) if p < 0)
    return np.expand_dims(turned, lacking) if lacking else turned

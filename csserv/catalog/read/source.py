"""Reads a variable chunk by chunk: straight from the file, or else by the netCDF library."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.axes import find_variable
from csserv.catalog.read.file_kinds import what_it_is
from csserv.catalog.read.hdf5.chunks import ChunkIndex, Storage, Unpacker
from csserv.catalog.read.hdf5.shuffled_bytes import ByteJoiner, Bytes
from csserv.catalog.read.library_lock import LibraryLock
from csserv.catalog.read.other_formats.data_formats import open_data
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, StaleGranuleError, UnnamedFileError

#: HDF5 crashes when two threads of a process use it at once (pydata/xarray#9779)
READING = LibraryLock()

#: exceptions that netCDF4 raises for a damaged or vanished file
UNREADABLE = (OSError, RuntimeError, IndexError, KeyError, ValueError)

Place = tuple[int, int, int]


@dataclass(frozen=True)
class Layout:
    """How a variable is laid out in a file; the same for most files of a dataset.

    Attributes
    ----------
    order : positions of time, rows and columns among the dimensions; -1 for time where there is
        no time dimension, and for rows where all cells lie along one dimension
    rows, columns : of the grid; columns that repeat the first ones are not of it
    south_up : whether rows run northwards in the file
    east_first : whether columns run westwards in the file
    storage : its chunks and their compression; without a codec, ``storage.chunk`` is the slab that
        the netCDF library reads at once
    packing : how stored numbers become values
    """

    order: tuple[int, int, int]
    rows: int
    columns: int
    south_up: bool
    east_first: bool
    storage: Storage
    packing: Packing

    @cached_property
    def chunk(self) -> Place:
        """Length of a chunk: steps, rows, columns."""
        steps, rows, columns = (self.storage.chunk[p] if p >= 0 else 1 for p in self.order)
        return steps, rows, columns

    @cached_property
    def geometry(self) -> tuple[object, ...]:
        """What two files must have in common so that their chunks cover the same cells."""
        return self.rows, self.columns, self.south_up, self.east_first, self.chunk[1:]

    def file_rows(self, first: int, last: int) -> tuple[int, int]:
        """Turn rows ``first`` to ``last`` - 1, counted from the north, into rows of the file."""
        return (self.rows - last, self.rows - first) if self.south_up else (first, last)

    def file_columns(self, first: int, last: int) -> tuple[int, int]:
        """Turn columns ``first`` to ``last`` - 1, counted from the west, into the file's."""
        return (self.columns - last, self.columns - first) if self.east_first else (first, last)


class Piece(Protocol):
    """One chunk in memory, with steps, rows and columns as in the file."""

    def copy(self, steps: slice, rows: slice, columns: slice, out: NDArray[Any]) -> None:
        """Copy a part into ``out``, (steps, rows, columns), as stored numbers."""


class Reader(Protocol):
    """An open file."""

    def read(self, chunk: Place) -> Piece:
        """Read a chunk by its number along time, rows and columns; valid until the next call."""


@dataclass(frozen=True, eq=False)
class Source:
    """Some steps of one file, with all that is needed to read them without opening its header.

    Attributes
    ----------
    signature : of the file when it was planned; reading fails if it has changed
    steps : indices of the steps
    pick : (position, index) of each dimension other than time, latitude and longitude
    index : byte offsets of the chunks; None where the netCDF library must read
    """

    path: Path
    variable: str
    signature: Signature
    steps: range
    pick: tuple[tuple[int, int], ...]
    layout: Layout
    index: ChunkIndex | None

    def cut(self, rows: range, columns: range) -> Source:
        """Return the source with an index of only those chunks that hold some rows and columns.

        Parameters
        ----------
        rows, columns : as in the file
        """
        if self.index is None:
            return self
        wanted = zip(self.layout.order, (self.steps, rows, columns), strict=True)
        spans = {position: span for position, span in wanted if position >= 0}
        spans |= {position: range(i, i + 1) for position, i in self.pick}
        chunks = self.layout.storage.chunk
        ranges = tuple(
            range(spans[p].start // chunks[p], -(-spans[p].stop // chunks[p]))
            if p in spans
            else range(1)
            for p in range(len(chunks))
        )
        # by hand: ``replace`` would take as long as all else that thousands of files are planned by
        return Source(
            path=self.path,
            variable=self.variable,
            signature=self.signature,
            steps=self.steps,
            pick=self.pick,
            layout=self.layout,
            index=self.index.cut(ranges),
        )

    @contextmanager
    def open(self, unpackers: Unpackers | None = None) -> Iterator[Reader]:
        """Open the file for reading.

        Parameters
        ----------
        unpackers : keeps the decompression buffer from file to file; a new one if None

        Raises
        ------
        StaleGranuleError : the file is gone, or has changed since it was planned
        GranuleError : the file is damaged
        """
        with self._in_words():
            if self.index is None:
                self._check_same(Signature.of_path(self.path))
                with READING, open_data(self.path) as data:
                    yield _SlabReader(self, find_variable(data, self.variable))
                return
            with FileIO(self.path) as file:
                self._check_same(Signature.of(os.fstat(file.fileno())))
                unpacker = (unpackers or Unpackers()).find(self.layout)
                yield _ChunkReader(self, self.index, file, unpacker)

    def time_chunks(self) -> Iterator[tuple[int, range]]:
        """Yield the chunks of time: number of each, and which of its steps are wanted."""
        length = self.layout.chunk[0]
        for chunk in range(self.steps.start // length, -(-self.steps.stop // length)):
            first = max(self.steps.start, chunk * length)
            yield chunk, range(first, min(self.steps.stop, (chunk + 1) * length))

    def _check_same(self, found: Signature) -> None:
        if found.content != self.signature.content:
            raise StaleGranuleError(f"{self.path.name} has changed since the request was planned")

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        name = self.path.name
        try:
            yield
        except FileNotFoundError:
            raise StaleGranuleError(f"{name} is gone") from None
        except UnnamedFileError as error:
            raise GranuleError(f"cannot read {name}: {error}") from None
        except GranuleError:
            raise
        except UNREADABLE as error:
            raise GranuleError(f"cannot read {name}: {trouble(error, self.path)}") from error


class Unpackers:
    """Keeps the unpacker of the latest layout, to reuse its memory for the next file."""

    def __init__(self) -> None:
        self._latest: tuple[Layout, Unpacker] | None = None

    def find(self, layout: Layout) -> Unpacker:
        """Return an unpacker for a layout: the latest one if the layout is the same."""
        if self._latest is None or self._latest[0] != layout:
            unpacker = Unpacker(layout.storage, np.dtype(layout.packing.dtype))
            self._latest = (layout, unpacker)
        return self._latest[1]


def trouble(error: BaseException, path: Path) -> str:
    """Say in words why a file cannot be read."""
    of_netcdf = isinstance(error, OSError) and (error.errno or 0) < 0  # a number of its own
    if of_netcdf or path.is_dir():
        return f"it is {what_it_is(path, str(getattr(error, 'strerror', '') or error))}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).replace(str(path), path.name)  # no path goes to others


class _ChunkReader:
    """Reads chunks straight from the file: looks up the offset, reads, decompresses."""

    def __init__(self, source: Source, index: ChunkIndex, file: FileIO, unpacker: Unpacker) -> None:
        self._layout = source.layout
        self._pick = dict(source.pick)
        self._index, self._file, self._unpacker = index, file, unpacker

    def read(self, chunk: Place) -> Piece:
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


class _SlabReader:
    """Reads through the netCDF library, which can read every kind of NetCDF file."""

    def __init__(self, source: Source, variable: netCDF4.Variable[Any]) -> None:
        variable.set_auto_maskandscale(False)
        self._source, self._variable = source, variable

    def read(self, chunk: Place) -> Piece:
        layout, shape = self._source.layout, self._variable.shape
        index: list[int | slice] = [0] * len(shape)
        for position, number in self._source.pick:
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

"""Reads a variable chunk by chunk: straight from the file, or else by the netCDF library."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import numpy as np

from csserv.catalog.read.axes import find_variable
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.chunk_readers import ChunkReader, Pick, Reader, SlabReader
from csserv.catalog.read.file_kinds import what_it_is
from csserv.catalog.read.hdf5.chunks import ChunkIndex, Unpacker
from csserv.catalog.read.library_lock import LibraryLock
from csserv.catalog.read.other_formats.data_formats import open_data
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, StaleGranuleError, UnnamedFileError

#: HDF5 crashes when two threads of a process use it at once (pydata/xarray#9779)
READING = LibraryLock()

#: exceptions that netCDF4 raises for a damaged or vanished file
UNREADABLE = (OSError, RuntimeError, IndexError, KeyError, ValueError)


@dataclass(frozen=True, eq=False)
class Source:
    """Some steps of one file, with all that is needed to read them without opening its header.

    Attributes
    ----------
    signature : of the file when it was planned; reading fails if it has changed
    steps : indices of the steps
    pick : index in each dimension other than time, latitude and longitude
    index : byte offsets of the chunks; None where the netCDF library must read
    """

    path: Path
    variable: str
    signature: Signature
    steps: range
    pick: Pick
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
                    yield SlabReader(self.layout, self.pick, find_variable(data, self.variable))
                return
            with FileIO(self.path) as file:
                self._check_same(Signature.of(os.fstat(file.fileno())))
                unpacker = (unpackers or Unpackers()).find(self.layout)
                yield ChunkReader(self.layout, self.pick, self.index, file, unpacker)

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

"""Finds the storage chunks of an HDF5 variable by byte offset, and decompresses them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import FileIO
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from h5py import h5d, h5f, h5p, h5t
from numpy.typing import NDArray

from csserv.catalog.read.hdf5.shuffled_bytes import ByteJoiner, Bytes
from csserv.catalog.read.hdf5.stored_file import StoredFile, open_stored

#: HDF5 filter numbers, as registered by The HDF Group
SHUFFLE, CHECKSUM = 2, 3
CODECS = {1: "deflate", 32015: "zstd"}


@dataclass(frozen=True)
class Storage:
    """How a variable is chunked and compressed; the same for most files of a dataset.

    Attributes
    ----------
    chunk : length of a chunk in each dimension of the variable
    codec : "deflate" or "zstd"; empty where chunks must be read through the netCDF library
    shuffled : whether HDF5's shuffle filter grouped the bytes of the numbers by significance
    checksum : whether a Fletcher-32 checksum of four bytes was added before compression, as
        netCDF does
    """

    chunk: tuple[int, ...]
    codec: str = ""
    shuffled: bool = False
    checksum: bool = False


@dataclass(frozen=True, eq=False)
class ChunkIndex:
    """Byte offset and size of each chunk in the file; a size of 0 means it was never written.

    Attributes
    ----------
    places : (2, ...) int64 [bytes]: offsets, then sizes, in as many dimensions as the variable has
    origin : chunk number, in each dimension, of the first element of these arrays
    """

    places: NDArray[np.int64]
    origin: tuple[int, ...]

    def cut(self, ranges: tuple[range, ...]) -> ChunkIndex:
        """Return the index of a range of chunk numbers in each dimension."""
        origin = tuple(r.start for r in ranges)
        place = [slice(None)]
        for r, o in zip(ranges, self.origin, strict=True):
            place.append(slice(r.start - o, r.stop - o))
        return ChunkIndex(self.places[tuple(place)].copy(), origin)

    def find(self, chunk: tuple[int, ...]) -> tuple[int, int]:
        """Return offset and size of a chunk by its number in each dimension [bytes]."""
        place = tuple(c - o for c, o in zip(chunk, self.origin, strict=True))
        offset, size = (int(each[place]) for each in self.places)
        return offset, size

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return int(self.places[0].size)

    @property
    def bytes(self) -> int:
        """Size of all its chunks together [bytes]."""
        return int(self.places[1].sum())


def index_chunks(path: Path, variable: str) -> tuple[Storage, ChunkIndex] | None:
    """Find the chunks of a variable of an HDF5 file.

    Returns
    -------
    storage and index; None where chunks cannot be read directly: the file is not HDF5, the variable
    is not chunked, has another filter, or has chunks that skipped a filter
    """
    try:
        with open_stored(path) as file:
            return index_of(file, variable)
    except OSError:
        if h5f.is_hdf5(os.fsencode(path)):
            raise
        return None


def index_of(file: StoredFile, variable: str) -> tuple[Storage, ChunkIndex] | None:
    """Find the chunks of a variable of an open file; see :func:`index_chunks`."""
    data = file.find(variable)
    return None if data is None else _index(data)


def _index(data: h5d.DatasetID) -> tuple[Storage, ChunkIndex] | None:
    stored = data.get_create_plist()
    if stored.get_layout() != h5d.CHUNKED:
        return None
    chunks = stored.get_chunk()
    storage = _storage(stored, chunks)
    if storage is None or not _holds_numbers(data):
        return None
    counts = [-(-n // c) for n, c in zip(data.shape, chunks, strict=True)]
    places = np.zeros((2, *counts), np.int64)
    plain = True

    def note(one: Any) -> None:
        nonlocal plain
        place = tuple(o // c for o, c in zip(one.chunk_offset, chunks, strict=True))
        places[(slice(None), *place)] = one.byte_offset, one.size
        plain = plain and not one.filter_mask

    data.chunk_iter(note)
    return (storage, ChunkIndex(places, (0,) * len(counts))) if plain else None


def _holds_numbers(data: h5d.DatasetID) -> bool:
    """Whether it holds numbers; numpy's type takes longer to make than to read the class of it."""
    return data.get_type().get_class() in (h5t.INTEGER, h5t.FLOAT) or data.dtype.kind in "fiu"


def _storage(stored: h5p.PropDCID, chunks: tuple[int, ...]) -> Storage | None:
    numbers = [stored.get_filter(i)[0] for i in range(stored.get_nfilters())]
    *before, codec = numbers or [0]
    known = before in ([], [SHUFFLE], [CHECKSUM], [CHECKSUM, SHUFFLE]) and codec in CODECS
    if not known:
        return None
    return Storage(tuple(chunks), CODECS[codec], SHUFFLE in before, CHECKSUM in before)


class Unpacker:
    """Decompresses chunks one at a time, reusing the same memory.

    A new array for each chunk would cost as much as decompressing: the pages of large arrays go
    back to the system and must be cleared again.
    """

    def __init__(self, storage: Storage, dtype: np.dtype[Any]) -> None:
        from imagecodecs import deflate_decode, zstd_decode  # loaded where chunks are read

        decoders = {"deflate": deflate_decode, "zstd": zstd_decode}
        self._decode = decoders[storage.codec]
        self._storage = storage
        self._dtype = dtype
        size = prod(storage.chunk) * dtype.itemsize
        # imagecodecs takes an array, though its types do not say so
        self._out: Any = np.empty(size + 4 * storage.checksum, np.uint8)
        self.joiner = ByteJoiner()  #: of what :meth:`planes` returns
        self._packed = bytearray()

    def read(self, file: FileIO, offset: int, size: int) -> None:
        """Read one chunk and decompress it.

        Raises
        ------
        ValueError : the bytes are damaged
        """
        if len(self._packed) < size:
            self._packed = bytearray(size)
        packed: Any = memoryview(self._packed)[:size]
        file.seek(offset)
        if file.readinto(packed) != size:
            raise ValueError("damaged chunk (the file ends before it does)")
        try:
            found = self._decode(packed, out=self._out)
        except RuntimeError as error:  # imagecodecs' errors are of this kind
            raise ValueError(f"damaged chunk ({error})") from None
        if len(found) != len(self._out):
            raise ValueError("damaged chunk (it is too short)")

    def numbers(self) -> NDArray[Any]:
        """Return the numbers of the latest chunk, where it is not shuffled.

        Returns
        -------
        numbers : in the chunk's shape and the file's type; a view that is valid until the next
            call
        """
        chunk = self._storage.chunk
        numbers = self._out[: prod(chunk) * self._dtype.itemsize]
        return np.asarray(numbers.view(self._dtype).reshape(chunk))

    def planes(self) -> Bytes:
        """Return the bytes of the latest chunk, where it is shuffled.

        Returns
        -------
        planes : (itemsize, ...) uint8 in the chunk's shape: first all bytes of the lowest address,
            then those of the next one, …; a view that is valid until the next call
        """
        size, chunk = self._dtype.itemsize, self._storage.chunk
        # the checksum was shuffled with the numbers: it is one more, or two, in each plane
        length = len(self._out) // size
        planes = self._out[: size * length].reshape(size, length)
        return np.asarray(planes[:, : prod(chunk)].reshape(size, *chunk))

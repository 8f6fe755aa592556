"""A scratch file that reorders a field: it is filled map by map and read chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

#: values of a chunk, and its most steps: about (365, 50, 50), 3.7 MB of float32
CELLS, STEPS = 365 * 50 * 50, 400


@dataclass(frozen=True)
class ChunkShape:
    """The chunk size of a file: steps, rows, columns."""

    steps: int
    rows: int
    columns: int

    @classmethod
    def of(cls, steps: int, rows: int, columns: int) -> ChunkShape:
        """Choose a chunk size for a field of so many steps, rows and columns.

        >>> ChunkShape.of(366, 2000, 7200)
        ChunkShape(steps=366, rows=50, columns=50)
        >>> ChunkShape.of(12, 360, 720)
        ChunkShape(steps=12, rows=360, columns=240)
        """
        long = ceil(steps / ceil(steps / STEPS))
        side = max(1, round((CELLS / long) ** 0.5))
        return cls(long, _even(rows, side), _even(columns, side))


class Tiles:
    """The numbers of a field in a scratch file; those of a future chunk (a tile) lie together."""

    def __init__(
        self,
        scratch: IO[bytes],
        further: tuple[int, ...],
        steps: int,
        rows: int,
        columns: int,
        chunk: ChunkShape,
        dtype: np.dtype[Any],
    ) -> None:
        self._scratch, self._chunk, self._dtype = scratch, chunk, dtype
        self._rows, self._columns = rows, columns
        many = ceil(rows / chunk.rows), ceil(columns / chunk.columns)
        self._shape = (*further, *many, steps, chunk.rows, chunk.columns)
        scratch.truncate(prod(self._shape) * dtype.itemsize)

    def __len__(self) -> int:
        return prod(self._shape[:-3])

    def put(
        self, further: tuple[int, ...], step: int, row: int, column: int, block: NDArray[Any]
    ) -> None:
        """Write a (steps, rows, columns) block at its place in the tiles."""
        tiles = self._opened()[further]
        times = slice(step, step + block.shape[0])
        across = list(_pieces(row, block.shape[1], self._chunk.rows))
        along = list(_pieces(column, block.shape[2], self._chunk.columns))
        for (i, rows, from_rows), (j, columns, from_columns) in product(across, along):
            tiles[i, j, times, rows, columns] = block[:, from_rows, from_columns]

    def __iter__(self) -> Iterator[tuple[tuple[int, ...], slice, slice, NDArray[Any]]]:
        """Yield of each tile: indices of the further dimensions, rows, columns, and its numbers."""
        for place in product(*(range(n) for n in self._shape[:-3])):
            row, column = place[-2] * self._chunk.rows, place[-1] * self._chunk.columns
            rows = slice(row, min(row + self._chunk.rows, self._rows))
            columns = slice(column, min(column + self._chunk.columns, self._columns))
            cells = self._opened()[place][:, : rows.stop - row, : columns.stop - column]
            yield place[:-2], rows, columns, np.array(cells, order="C")

    def _opened(self) -> NDArray[Any]:
        # mapped anew each time, so that its pages do not add up as memory of this process
        return np.memmap(self._scratch, self._dtype, "r+", shape=self._shape)


def _even(length: int, most: int) -> int:
    """Return the length of pieces of about ``most`` that divide a length almost evenly."""
    return ceil(length / max(1, round(length / most)))


def _pieces(start: int, length: int, step: int) -> Iterator[tuple[int, slice, slice]]:
    """Split a run at multiples of ``step``: number of the piece, slice in it, slice in the run."""
    done = 0
    while done < length:
        number, inner = divmod(start + done, step)
        part = min(step - inner, length - done)
        yield number, slice(inner, inner + part), slice(done, done + part)
        done += part

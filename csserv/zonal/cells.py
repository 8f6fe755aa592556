"""Cells kept for later: those of all tiles, a few steps at a time, without holding all at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from csserv.zonal.tiles import Band

#: what is kept in memory; more goes to a file [bytes]
IN_MEMORY = 32 * 2**20

#: cells, or where they lie in the file: offset, shape, type
_Kept = NDArray[np.floating] | tuple[int, tuple[int, ...], np.dtype[Any]]


@contextmanager
def cell_store(folder: Path) -> Iterator[CellStore]:
    """Open a store; what does not fit into memory waits in a file in ``folder``.

    The file has no name, and vanishes with the process.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        yield CellStore(file)


class CellStore:
    """Keeps cells of bands, and gives them back step by step.

    Files of long time chunks are read space first, but maps and medians are made time first.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._free = IN_MEMORY
        self._kept: dict[tuple[int, int], list[tuple[Band, _Kept]]] = {}

    def add(self, steps: slice, band: Band, cells: NDArray[np.floating]) -> None:
        """Keep the ``(t, m)`` cells of a band at a run of steps; runs are the same in all bands."""
        self._free -= cells.nbytes
        kept: _Kept = cells
        if self._free < 0:
            kept = (self._file.tell(), cells.shape, cells.dtype)
            self._file.write(np.ascontiguousarray(cells).data)
        self._kept.setdefault((steps.start, steps.stop), []).append((band, kept))

    def runs(self) -> Iterator[tuple[slice, list[tuple[Band, NDArray[np.floating]]]]]:
        """Yield runs of steps in order, with the cells of each band."""
        for (first, last), bands in sorted(self._kept.items()):
            yield slice(first, last), [(band, self._read(kept)) for band, kept in bands]

    def _read(self, kept: _Kept) -> NDArray[np.floating]:
        if isinstance(kept, np.ndarray):
            return kept
        offset, shape, dtype = kept
        self._file.seek(offset)
        cells: NDArray[np.floating] = np.empty(shape, dtype)
        self._file.readinto(cells.data)  # type: ignore[attr-defined]  # files have it, IO not
        return cells

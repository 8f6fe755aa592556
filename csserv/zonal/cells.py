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
IN_MEMORY = 24 * 2**20


@contextmanager
def cell_store(folder: Path) -> Iterator[CellStore]:
    """Open a store; what does not fit into memory waits in a file in ``folder``.

    The file has no name, and vanishes with the process.
    """
    with tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder)) as file:
        yield CellStore(file)


class CellStore:
    """Keeps float32 or float64 cells of bands, and gives them back step by step.

    Files of long time chunks are read space first, but maps and medians are made time first.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._bands: list[Band] = []
        self._kept: dict[tuple[int, int], list[tuple[int, int, np.dtype[Any]]]] = {}

    def add(self, steps: slice, band: Band, cells: NDArray[np.floating]) -> None:
        """Keep the ``(t, m)`` cells of a band at a run of steps; runs are the same in all bands."""
        if not self._bands or self._bands[-1] is not band:
            self._bands.append(band)
        place = (len(self._bands) - 1, self._file.tell(), cells.dtype)
        self._kept.setdefault((steps.start, steps.stop), []).append(place)
        self._file.write(np.ascontiguousarray(cells).data)

    def runs(self) -> Iterator[tuple[slice, list[tuple[Band, NDArray[np.floating]]]]]:
        """Yield runs of steps in order, with the cells of each band."""
        for (first, last), places in sorted(self._kept.items()):
            yield (
                slice(first, last),
                [
                    (
                        self._bands[number],
                        self._read(offset, last - first, self._bands[number], dtype),
                    )
                    for number, offset, dtype in places
                ],
            )

    def _read(
        self, offset: int, steps: int, band: Band, dtype: np.dtype[Any]
    ) -> NDArray[np.floating]:
        self._file.seek(offset)
        count = steps * len(band.coverage)
        return np.frombuffer(self._file.read(count * dtype.itemsize), dtype).reshape(steps, -1)

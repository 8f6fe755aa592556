"""A store for cell values that are read chunk by chunk, but needed step by step.

Maps and percentiles need all cells of a step at once; files with long time chunks give few cells
at many steps. What exceeds a limit of memory waits in a temporary file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from csserv.zonal.band import Band

#: cell values held in memory; the rest goes to a file [bytes]
IN_MEMORY = 16 * 2**20

#: ``longer_runs`` joins runs of steps up to so many values: 2 MB of float32
JOINED_CELLS = 2**19

#: values, or where they lie in the file: offset, shape, dtype
_Kept = NDArray[np.floating] | tuple[int, tuple[int, ...], np.dtype[Any]]

#: a run of steps, and (band, (steps, cells) values) of each band
Run = tuple[slice, list[tuple[Band, NDArray[np.floating]]]]


@contextmanager
def cell_store(folder: Path) -> Iterator[CellStore]:
    """Open a store whose overflow goes to an unnamed temporary file in ``folder``."""
    with ExitStack() as opened:
        yield CellStore(lambda: opened.enter_context(tempfile.TemporaryFile(dir=folder)))


class CellStore:
    """Takes cell values band by band, and returns them step by step."""

    def __init__(self, open_file: Callable[[], IO[bytes]]) -> None:
        self._open_file = open_file
        self._free = IN_MEMORY
        self._kept: dict[tuple[int, int], list[tuple[Band, _Kept]]] = {}

    @cached_property
    def _file(self) -> IO[bytes]:
        """Where the overflow goes; most stores have none."""
        return self._open_file()

    def add(self, steps: slice, band: Band, cells: NDArray[np.floating]) -> None:
        """Store the (t, m) values of a band's cells; all bands come in the same runs of steps."""
        self._free -= cells.nbytes
        kept: _Kept = cells
        if self._free < 0:
            kept = (self._file.tell(), cells.shape, cells.dtype)
            self._file.write(np.ascontiguousarray(cells).data)
        self._kept.setdefault((steps.start, steps.stop), []).append((band, kept))

    def runs(self) -> Iterator[Run]:
        """Yield runs of steps in order, each with the cell values of all bands."""
        for (first, last), bands in sorted(self._kept.items()):
            yield slice(first, last), [(band, self._read(kept)) for band, kept in bands]

    def longer_runs(self) -> Iterator[Run]:
        """Yield the same values, with short runs joined, as when maps were read one by one."""
        waiting: list[Run] = []
        size = 0
        for steps, bands in self.runs():
            more = sum(cells.size for _, cells in bands)
            if waiting and (
                size + more > JOINED_CELLS or not _follows(waiting[-1], (steps, bands))
            ):
                yield _joined(waiting)
                waiting, size = [], 0
            waiting.append((steps, bands))
            size += more
        if waiting:
            yield _joined(waiting)

    def _read(self, kept: _Kept) -> NDArray[np.floating]:
        if isinstance(kept, np.ndarray):
            return kept
        offset, shape, dtype = kept
        self._file.seek(offset)
        cells: NDArray[np.floating] = np.empty(shape, dtype)
        self._file.readinto(cells.data)  # type: ignore[attr-defined]  # files have it, IO not
        return cells


def _follows(one: Run, other: Run) -> bool:
    """Whether a run continues another one, in the same bands."""
    same = len(one[1]) == len(other[1])
    same = same and all(a is b for (a, _), (b, _) in zip(one[1], other[1], strict=True))
    return same and one[0].stop == other[0].start


def _joined(runs: list[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    bands = [
        (pieces[0][0], np.concatenate([cells for _, cells in pieces]))
        for pieces in zip(*(bands for _, bands in runs), strict=True)
    ]
    return slice(runs[0][0].start, runs[-1][0].stop), bands

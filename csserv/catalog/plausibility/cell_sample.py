"""Reads a sample of the cells of a file, as they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.grid import Floats, Window
from csserv.catalog.read.windows import read_stored

#: most cells that are read of a step
CELLS = 400_000

#: windows of a large grid, in each direction
WINDOWS = 3


@dataclass(frozen=True, eq=False)
class CellSample:
    """Cells of the first, the middle and the last step of a file.

    Attributes
    ----------
    stored : (cells,) stored numbers
    packing : how they are packed
    """

    stored: NDArray[Any]
    packing: Packing

    @cached_property
    def marked(self) -> NDArray[np.bool_]:
        """Mask of the cells that hold a missing-value code, NaN or infinity."""
        return self._all(self.packing.marked(self.stored))

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """Mask of the other cells that are out of the valid range."""
        return self._all(self.packing.outside(self.stored)) & ~self.marked

    @cached_property
    def kept(self) -> NDArray[Any]:
        """Stored numbers of the cells that have a value."""
        return self.stored[~self.marked & ~self.outside]

    def values(self, stored: NDArray[Any]) -> Floats:
        """Turn stored numbers into values."""
        return self.packing.decoded(stored)

    def _all(self, found: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        return np.zeros(self.stored.shape, np.bool_) if found is None else found


def read_sample(granule: Granule, select: Mapping[str, Any]) -> CellSample:
    """Read a sample of a file: three steps, of a large grid nine windows spread over it.

    Parameters
    ----------
    select : coordinates chosen of dimensions other than time and place; the first if not named

    Raises
    ------
    GranuleError : the file cannot be read
    """
    header = granule.header()
    layout = header.layout
    last = len(header.times) - 1
    named = {one.name: str(select.get(one.name, one.labels[0])) for one in header.further}
    parts = [
        read_stored(granule.source(range(step, step + 1), named, header), window).ravel()
        for step in sorted({0, last // 2, last})
        for window in _windows(layout.rows, layout.columns)
    ]
    return CellSample(np.concatenate(parts), layout.packing)


def _windows(rows: int, columns: int) -> Iterator[Window]:
    """Return the whole of a small grid, or windows spread over a large one, corners included."""
    if rows * columns <= CELLS:
        yield Window(0, 0, rows, columns)
        return
    side = int((CELLS / WINDOWS**2) ** 0.5)
    high, wide = (min(side, length // WINDOWS + 1) for length in (rows, columns))
    tops = np.linspace(0, rows - high, WINDOWS).astype(int).tolist()
    lefts = np.linspace(0, columns - wide, WINDOWS).astype(int).tolist()
    for top, left in product(tops, lefts):
        yield Window(top, left, high, wide)

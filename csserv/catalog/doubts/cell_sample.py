"""A few cells of a file, as they are stored: enough to see what its numbers are like."""

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

#: cells that are read of a step; of a larger grid, windows over all of it
CELLS = 400_000

#: windows of a large grid, in rows and in columns
WINDOWS = 3


@dataclass(frozen=True, eq=False)
class Sample:
    """Some cells of the first, the middle and the last step of a file.

    Attributes
    ----------
    stored : (cells,) as they are stored
    """

    stored: NDArray[Any]
    packing: Packing

    @cached_property
    def marked(self) -> NDArray[np.bool_]:
        """Which cells are missing by a mark."""
        return self._all(self.packing.marked(self.stored))

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """Which others are missing because they are out of the valid range."""
        return self._all(self.packing.outside(self.stored)) & ~self.marked

    @cached_property
    def kept(self) -> NDArray[Any]:
        """The stored numbers of cells that have a value."""
        return self.stored[~self.marked & ~self.outside]

    def values(self, stored: NDArray[Any]) -> Floats:
        """Unpack stored numbers."""
        return self.packing.decoded(stored)

    def _all(self, found: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        return np.zeros(self.stored.shape, np.bool_) if found is None else found


def take_sample(granule: Granule, chosen: Mapping[str, Any]) -> Sample:
    """Read some cells of a file.

    Parameters
    ----------
    chosen : of dimensions that are neither time nor place; the first of those that are not named

    Raises
    ------
    GranuleError : unreadable
    """
    header = granule.header()
    layout = header.layout
    last = len(header.times) - 1
    named = {one.name: str(chosen.get(one.name, one.labels[0])) for one in header.further}
    parts = [
        read_stored(granule.source(range(step, step + 1), named), window).ravel()
        for step in sorted({0, last // 2, last})
        for window in _windows(layout.rows, layout.columns)
    ]
    return Sample(np.concatenate(parts), layout.packing)


def _windows(rows: int, columns: int) -> Iterator[Window]:
    """Choose the whole of a small grid, else windows spread over it, its corners among them."""
    if rows * columns <= CELLS:
        yield Window(0, 0, rows, columns)
        return
    side = int((CELLS / WINDOWS**2) ** 0.5)
    high, wide = (min(side, length // WINDOWS + 1) for length in (rows, columns))
    tops = np.linspace(0, rows - high, WINDOWS).astype(int).tolist()
    lefts = np.linspace(0, columns - wide, WINDOWS).astype(int).tolist()
    for top, left in product(tops, lefts):
        yield Window(top, left, high, wide)

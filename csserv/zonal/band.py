"""Some rows of a storage chunk, and the sums of the cells that zones have there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.zonal.cell_overlap import Ints

#: zones that have fewer cells than this in a band are summed by one call for all
FEW = 400


@dataclass(frozen=True, eq=False)
class Band:
    """Some rows of a chunk, and the cells that zones have there ("chosen cells").

    Of a zone that has most cells of the box around it, all cells of the box are chosen, some with
    a weight of 0. Which cells of a zone are chosen, and how, depends on this zone alone.

    Attributes
    ----------
    rows, columns : of the chunk, as in the file
    zones : (k,) numbers of the zones that have cells here
    of_tile : (k,) their positions among the zones of the tile
    starts : (k + 1,) zone ``i`` has the chosen cells ``starts[i]:starts[i + 1]``
    cells : (m,) indices of the chosen cells in rows x columns; None where all are chosen
    coverage, area : (m,) share of the cell in the zone [1], and its part in the zone [km2]; 0
        outside
    weight : (m,) how much the cell counts in means: its area, or its coverage
    place : (m,) indices of the chosen cells in the window of the weights
    """

    rows: slice
    columns: slice
    zones: Ints
    of_tile: Ints
    starts: Ints
    cells: Ints | None
    coverage: Floats
    area: Floats
    weight: Floats
    place: Ints

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @cached_property
    def zone_index(self) -> slice | Ints:
        """Index of its zones in an array of the zones of the tile."""
        return rising_index(self.of_tile)

    @cached_property
    def outside(self) -> Floats | None:
        """(m,) infinity where a chosen cell is outside its zone, else 0; None if none is."""
        inside = self.coverage > 0
        return None if inside.all() else np.where(inside, 0.0, np.inf)

    @cached_property
    def inside(self) -> Floats:
        """(m,) 1 where a chosen cell touches its zone, else 0."""
        return (self.coverage > 0).astype(np.float64)

    @cached_property
    def weight_sums(self) -> dict[str, Floats]:
        """Name of a weight (coverage, area, weight) → (k,) its sum over each zone."""
        every = np.ones((1, len(self.area)))  # in the same order as where some cells are missing
        return {
            name: self.add_up(every, getattr(self, name))[0]
            for name in ("coverage", "area", "weight")
        }

    def choose(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Take the chosen cells of (steps, rows * columns) numbers: (steps, m)."""
        return numbers if self.cells is None else numbers.take(self.cells, axis=1)

    @cached_property
    def _many(self) -> list[tuple[int, int, int]]:
        """Position, first and last cell of each zone with so many cells that a call pays."""
        counts = np.diff(self.starts)
        chosen = np.flatnonzero(counts >= FEW)
        return [(int(i), int(self.starts[i]), int(self.starts[i + 1])) for i in chosen]

    def add_up(self, numbers: NDArray[Any], weights: Floats) -> Floats:
        """Return the weighted sum of (steps, m) float64 numbers over each zone: (steps, k).

        The sum of a zone at a step depends on its own cells alone, to the last bit: neither on
        other zones nor on the number of steps, as a product of matrices would (2e-14).
        """
        if len(self._many) < len(self.zones):
            found = np.add.reduceat(numbers * weights, self.starts[:-1], axis=1)
        else:
            found = np.empty((len(numbers), len(self.zones)))
        for i, a, b in self._many:
            found[:, i] = np.vecdot(numbers[:, a:b], weights[a:b])
        return np.asarray(found, np.float64)


def rising_index(numbers: Ints) -> slice | Ints:
    """Return rising numbers as an index: a slice if they are consecutive, as that is faster."""
    first, end = int(numbers[0]), int(numbers[-1]) + 1
    return slice(first, end) if end - first == len(numbers) else numbers

"""Divides the cells of zones along storage chunks, into bands that fit the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.catalog.read.source import Layout
from csserv.zonal.cell_overlap import Ints, ranges
from csserv.zonal.weights import Weights

#: values that are processed at once: as float64 they take half of a cache of 1 MiB
AT_ONCE = 65_536

#: steps processed at once; fewer cells and more steps are faster, as weights stay in the cache
STEPS = 8

#: zones that have fewer cells than this in a band (on average) are summed by one call for all
FEW = 400


@dataclass(frozen=True, eq=False)
class Band:
    """Some rows of a chunk, and the cells that zones have there ("chosen cells").

    Where one zone has most cells of the rows, all cells are chosen, some with a weight of 0.

    Attributes
    ----------
    rows, columns : of the chunk, as in the file
    zones : (k,) numbers of the zones that have cells here
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
        """Index of its zones in an array of all zones: a slice if they are consecutive (faster)."""
        first, end = int(self.zones[0]), int(self.zones[-1]) + 1
        return slice(first, end) if end - first == len(self.zones) else self.zones

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
        return {
            name: np.add.reduceat(getattr(self, name), self.starts[:-1])
            for name in ("coverage", "area", "weight")
        }

    def choose(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Take the chosen cells of (steps, rows * columns) numbers: (steps, m)."""
        return numbers if self.cells is None else numbers.take(self.cells, axis=1)

    def add_up(self, numbers: NDArray[Any], weights: Floats) -> Floats:
        """Return the weighted sum of (steps, m) float64 numbers over each zone: (steps, k)."""
        if len(self.zones) > 1 and len(weights) < FEW * len(self.zones):
            return np.add.reduceat(numbers * weights, self.starts[:-1], axis=1)
        found = np.empty((len(numbers), len(self.zones)))
        for i, (a, b) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            found[:, i] = numbers[:, a:b] @ weights[a:b]
        return found


@dataclass(frozen=True, eq=False)
class Tile:
    """The bands of one chunk."""

    row: int  #: number of the chunk along the file's rows
    column: int
    bands: tuple[Band, ...]


def tiles(
    weights: Weights, layout: Layout, part: int = 0, parts: int = 1, allow_outside: bool = True
) -> tuple[int, Iterator[Tile]]:
    """Divide weights along chunks; only chunks that a zone touches give a tile.

    Parameters
    ----------
    part, parts : to divide the work, part ``part`` of ``parts`` takes every ``parts``-th tile
    allow_outside : whether a band may choose cells outside its zone, which is faster than to
        leave them out

    Returns
    -------
    count : number of tiles
    tiles : one after the other
    """
    spans = _in_file(weights, layout)
    pieces = _pieces(spans, layout)
    order = np.lexsort((pieces["column"], pieces["row"]))
    pieces = pieces[order]
    new = np.ones(len(pieces), bool)
    new[1:] = (np.diff(pieces["row"]) != 0) | (np.diff(pieces["column"]) != 0)
    bounds = [*np.flatnonzero(new).tolist(), len(pieces)]
    chosen = list(pairwise(bounds))[part::parts]
    return len(chosen), (
        _tile(weights, layout, spans, pieces[a:b], allow_outside) for a, b in chosen
    )


def _in_file(weights: Weights, layout: Layout) -> NDArray[np.void]:
    """Turn the rows and columns of spans into those of the file."""
    spans = weights.spans.copy()
    if layout.south_up:
        spans["row"] = layout.rows - 1 - spans["row"]
    if layout.east_first:
        last = layout.columns - spans["first"]
        spans["first"], spans["last"] = layout.columns - spans["last"], last
    return spans


_PIECE = np.dtype([("span", "i4"), ("row", "i4"), ("column", "i4")])


def _pieces(spans: NDArray[np.void], layout: Layout) -> NDArray[np.void]:
    """Pair each span with the chunks that it passes through."""
    _, rows, columns = layout.chunk
    first = spans["first"].astype(np.int64) // columns
    counts = (spans["last"].astype(np.int64) - 1) // columns - first + 1
    pieces = np.empty(int(counts.sum()), _PIECE)
    pieces["span"] = np.repeat(np.arange(len(spans)), counts)
    pieces["row"] = (spans["row"] // rows)[pieces["span"]]
    pieces["column"] = ranges(first, counts)
    return pieces


def _tile(
    weights: Weights,
    layout: Layout,
    spans: NDArray[np.void],
    pieces: NDArray[np.void],
    allow_outside: bool,
) -> Tile:
    row, column = int(pieces["row"][0]), int(pieces["column"][0])
    steps, rows, columns = layout.chunk
    mine = spans[pieces["span"]]
    mine["first"] = np.maximum(mine["first"], column * columns) - column * columns
    mine["last"] = np.minimum(mine["last"], (column + 1) * columns) - column * columns
    mine["row"] -= row * rows
    width = int(mine["last"].max() - mine["first"].min())
    few = max(1, AT_ONCE // min(steps, STEPS) // width)
    number = (mine["row"] - mine["row"].min()) // few
    bands = [mine[number == i] for i in np.unique(number)]
    corner = row * rows, column * columns
    return Tile(
        row, column, tuple(_band(weights, layout, one, corner, allow_outside) for one in bands)
    )


def _band(
    weights: Weights,
    layout: Layout,
    spans: NDArray[np.void],
    corner: tuple[int, int],
    allow_outside: bool,
) -> Band:
    rows = slice(int(spans["row"].min()), int(spans["row"].max()) + 1)
    columns = slice(int(spans["first"].min()), int(spans["last"].max()))
    spans = spans[np.argsort(spans["zone"], kind="stable")]
    lengths = (spans["last"] - spans["first"]).astype(np.int64)
    span = np.repeat(np.arange(len(spans)), lengths)
    row = spans["row"][span].astype(np.int64)
    column = ranges(spans["first"].astype(np.int64), lengths)
    width = columns.stop - columns.start
    cells = (row - rows.start) * width + column - columns.start
    coverage, area = spans["coverage"][span], spans["area"][span]
    first = np.ones(len(spans), bool)
    first[1:] = np.diff(spans["zone"]) != 0
    zones = spans["zone"][first].astype(np.int64)
    size = (rows.stop - rows.start) * width
    if len(zones) == 1 and (len(cells) == size or (allow_outside and len(cells) > size // 2)):
        row, column = np.divmod(np.arange(size), width)
        row, column = row + rows.start, column + columns.start
        coverage, area = (_spread(values, cells, size) for values in (coverage, area))
        starts = np.array([0, size])
        chosen = None
    else:
        starts = np.append(np.flatnonzero(np.diff(spans["zone"][span], prepend=-1)), len(cells))
        chosen = cells
    place = _place(weights, layout, row + corner[0], column + corner[1])
    weight = area if weights.by_area else coverage
    return Band(rows, columns, zones, starts, chosen, coverage, area, weight, place)


def _spread(values: Floats, cells: Ints, size: int) -> Floats:
    whole = np.zeros(size)
    whole[cells] = values
    return whole


def _place(weights: Weights, layout: Layout, row: Ints, column: Ints) -> Ints:
    """Return the indices, in the window of the weights, of cells of the file."""
    if layout.south_up:
        row = layout.rows - 1 - row
    if layout.east_first:
        column = layout.columns - 1 - column
    window = weights.window
    column = (column - window.column) % weights.grid.columns
    return (row - window.row) * window.columns + column

"""Divides the cells of zones along storage chunks, into bands that fit the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.grid import Floats
from csserv.zonal.band import Band, index_of
from csserv.zonal.cell_overlap import Ints, ranges
from csserv.zonal.weights import Weights

#: values that are processed at once: as float64 they take half of a cache of 1 MiB
AT_ONCE = 65_536

#: a zone with fewer cells in a band is given some again, without weight: so, many have as many
FEW = 400

#: steps processed at once; fewer cells and more steps are faster, as weights stay in the cache
STEPS = 8


@dataclass(frozen=True, eq=False)
class Tile:
    """The bands of one chunk."""

    row: int  #: number of the chunk along the file's rows
    column: int
    zones: Ints  #: numbers of the zones that have cells here, rising
    bands: tuple[Band, ...]

    @cached_property
    def zone_index(self) -> slice | Ints:
        """Index of its zones in an array of all zones."""
        return index_of(self.zones)


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
    # by the rows of the chunk, and not of the zones: other zones must not move the limits
    number = mine["row"] // max(1, AT_ONCE // min(steps, STEPS) // columns)
    bands = [mine[number == i] for i in np.unique(number)]
    zones = np.unique(mine["zone"]).astype(np.int64)
    place = _Place(zones, (row * rows, column * columns))
    made = tuple(_band(weights, layout, one, place, allow_outside) for one in bands)
    return Tile(row, column, zones, made)


@dataclass(frozen=True, eq=False)
class _Place:
    """The zones of a tile, and the first row and column of its chunk in the file."""

    zones: Ints
    corner: tuple[int, int]


def _band(
    weights: Weights,
    layout: Layout,
    spans: NDArray[np.void],
    tile: _Place,
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
    zone = spans["zone"][span]
    top, left = tile.corner
    # in the order of the grid: some files have their rows or columns the other way round
    order = np.lexsort((_place(weights, layout, row + top, column + left), zone))
    area, coverage = spans["area"][span][order], spans["coverage"][span][order]
    starts = np.append(np.flatnonzero(np.diff(zone, prepend=-1)), len(cells))
    chosen = _Chosen(cells[order], area, coverage, starts)
    if allow_outside:
        chosen = _with_boxes(chosen, width)
    by_length, chosen = _by_length(chosen, FEW if allow_outside else 0)
    row, column = np.divmod(chosen.cells, width)
    every = np.arange((rows.stop - rows.start) * width)
    zones = np.unique(zone).astype(np.int64)[by_length]
    return Band(
        rows=rows,
        columns=columns,
        zones=zones,
        of_tile=np.searchsorted(tile.zones, zones),
        starts=chosen.starts,
        cells=None if np.array_equal(chosen.cells, every) else chosen.cells,
        coverage=chosen.coverage,
        area=chosen.area,
        weight=chosen.area if weights.by_area else chosen.coverage,
        place=_place(weights, layout, row + rows.start + top, column + columns.start + left),
    )


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The chosen cells of a band, zone by zone, see :class:`Band`."""

    cells: Ints
    area: Floats
    coverage: Floats
    starts: Ints


def _with_boxes(chosen: _Chosen, width: int) -> _Chosen:
    """Choose all cells of the box around each zone that has most of them: adding up is faster."""
    if np.diff(chosen.starts).max() < FEW:
        return chosen
    parts = []
    for a, b in pairwise(chosen.starts.tolist()):
        own = chosen.cells[a:b]
        box = _box(own, width) if b - a >= FEW else own
        if b - a < len(box) < 2 * (b - a):
            spread = (_spread(one[a:b], own, box) for one in (chosen.area, chosen.coverage))
            parts.append((box, *spread))
        else:
            parts.append((own, chosen.area[a:b], chosen.coverage[a:b]))
    starts = np.cumsum([0, *(len(cells) for cells, _, _ in parts)])
    cells, area, coverage = map(np.concatenate, zip(*parts, strict=True))
    return _Chosen(cells, area, coverage, starts)


def _by_length(chosen: _Chosen, few: int) -> tuple[Ints, _Chosen]:
    """Order zones by how many cells they have; who has fewer than ``few`` is given more.

    Returns
    -------
    order : of the zones
    chosen : their cells in this order; those given have no weight
    """
    counts = np.diff(chosen.starts)
    _, bits = np.frexp(counts)  # lengths are left whose three highest bits alone are set
    unit = np.where(counts < few, 1 << np.maximum(bits - 3, 0), 1)
    lengths = -(-counts // unit) * unit
    order = np.argsort(lengths, kind="stable")
    counts, lengths = counts[order], lengths[order]
    within = ranges(np.zeros_like(lengths), lengths)
    last = np.repeat(counts - 1, lengths)
    source = np.repeat(chosen.starts[:-1][order], lengths) + np.minimum(within, last)
    area, coverage = (
        np.where(within <= last, one[source], 0.0) for one in (chosen.area, chosen.coverage)
    )
    starts = np.append(0, np.cumsum(lengths))
    return order, _Chosen(chosen.cells[source], area, coverage, starts)


def _box(cells: Ints, width: int) -> Ints:
    """Return the indices of all cells of the box around some."""
    row, column = np.divmod(cells, width)
    rows = np.arange(row.min(), row.max() + 1)
    columns = np.arange(column.min(), column.max() + 1)
    return np.asarray(rows[:, None] * width + columns, np.int64).ravel()


def _spread(values: Floats, cells: Ints, box: Ints) -> Floats:
    """Give each cell of a box its value, and 0 to the others."""
    whole = np.zeros(len(box))
    whole[np.searchsorted(box, cells)] = values
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

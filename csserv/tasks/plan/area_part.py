"""The part of each file that an area needs: its chunks, and what it takes to read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from csserv.catalog import Header
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.source import Source
from csserv.catalog.timeline.timeline import Stretch
from csserv.request import Area

#: chunks whose places are sent as they are: to leave some out would take longer
FEW = 64


class Size:
    """Estimates how much is read of files, by the bounding box of the area."""

    def __init__(self, area: Area) -> None:
        self._bounds = area.bounds
        self._parts: dict[tuple[int, int], _Part] = {}

    def chunk(self, header: Header) -> int:
        """Uncompressed size of the chunks of one chunk of time that hold the area [bytes]."""
        return self._part(header).chunk

    def cells(self, header: Header) -> int:
        """Count the cells that the bounding box touches."""
        part = self._part(header)
        return len(part.rows) * len(part.columns)

    def most_cells(self, headers: Iterable[Header]) -> int:
        """Count the same in each file, and return the most."""
        grids = {(id(one.grid), id(one.layout)): one for one in headers}
        return max(map(self.cells, grids.values()))

    def kept(self, header: Header) -> int:
        """Size of the area's cells at all steps of a chunk, as float32 [bytes]."""
        return header.layout.chunk[0] * self.cells(header) * 4

    def of(self, stretch: Stretch) -> int:
        """Uncompressed size of the chunks that hold a stretch [bytes]."""
        length = stretch.header.layout.chunk[0]
        times = -(-stretch.steps.stop // length) - stretch.steps.start // length
        return times * self.chunk(stretch.header)

    def stored(self, stretch: Stretch, chosen: Mapping[str, str]) -> int:
        """Size of a stretch's chunks in the file; uncompressed where that is not known [bytes]."""
        index = self.cut(self._whole(stretch, chosen), stretch.header).index
        return self.of(stretch) if index is None else index.bytes

    def source(self, stretch: Stretch, chosen: Mapping[str, str]) -> Source:
        """Return how to read a stretch, without the places of many chunks beside the area."""
        whole = self._whole(stretch, chosen)
        index = whole.index
        return whole if index is None or index.count <= FEW else self.cut(whole, stretch.header)

    def _whole(self, stretch: Stretch, chosen: Mapping[str, str]) -> Source:
        return stretch.granule.source(stretch.steps, chosen, stretch.header)

    def cut(self, source: Source, header: Header) -> Source:
        """Leave out the places of chunks beside the area, of a file with the cells of another."""
        part = self._part(header)
        return source.cut(part.rows, part.columns)

    def _part(self, header: Header) -> _Part:
        """Find what the area's box may touch of a file."""
        kind = id(header.grid), id(header.layout)  # thousands of files have the very same
        if kind not in self._parts:
            layout = header.layout
            window = self._touched(header.grid, layout)
            places = [
                -(-span.stop // length) - span.start // length
                for span, length in zip(window, layout.chunk[1:], strict=True)
            ]
            size = prod(places) * prod(layout.storage.chunk) * layout.packing.native.itemsize
            self._parts[kind] = _Part(*window, size, header)
        return self._parts[kind]

    def _touched(self, grid: Grid | CurvedGrid, layout: Layout) -> tuple[range, range]:
        whole = range(layout.rows), range(layout.columns)
        if isinstance(grid, CurvedGrid):
            return grid.blocks.touched(self._bounds) or whole
        west, south, east, north = self._bounds
        lines = grid.row_lines[::-1]
        low, high = np.searchsorted(lines, [south, north])
        first, last = max(0, grid.rows - int(high) - 1), min(grid.rows, grid.rows - int(low) + 1)
        rows = range(*layout.file_rows(min(first, grid.rows - 1), max(last, 1)))
        found = []
        for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
            left, right = np.searchsorted(grid.column_lines, [west + turn, east + turn])
            a, b = max(0, int(left) - 1), min(grid.columns, int(right) + 1)
            if right > 0 and left < grid.columns + 1 and a < b:
                found += [a, b]
        if not found:
            return rows, whole[1]
        return rows, range(*layout.file_columns(min(found), max(found)))


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows and columns, as in the file, of the cells that the area's box may touch.

    Attributes
    ----------
    chunk : bytes of the chunks of one time that hold them, inflated
    header : of one such file; it keeps grid and layout where they are known by
    """

    rows: range
    columns: range
    chunk: int
    header: Header

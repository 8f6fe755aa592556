"""How a request is cut into blocks: runs of time steps of one granule, whole storage chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csserv.catalog import Granule, Grid, Header
from csserv.request import Area, Period

#: cells of the window times steps in one block: about a second of work
BLOCK_CELLS = 30_000_000

#: cells times steps read at once: 64 MB of float32
PIECE_CELLS = 16_000_000


@dataclass(frozen=True)
class Block:
    """A run of time steps of one granule, and how many to read at once."""

    granule: Granule
    grid: Grid  #: that of the granule when it was planned
    steps: range
    piece: int

    @property
    def pieces(self) -> list[range]:
        """The steps cut into the runs that are read at once."""
        first, last = self.steps.start, self.steps.stop
        return [range(i, min(i + self.piece, last)) for i in range(first, last, self.piece)]


def plan_blocks(
    granules: Sequence[tuple[Granule, Header]], period: Period, area: Area
) -> list[Block]:
    """Cut the steps of a period into blocks, in time order; none crosses a granule's end."""
    blocks = []
    for granule, header in granules:
        cells = _cells(header.grid, area)
        chunk = max(1, header.chunk_steps)
        length = max(1, BLOCK_CELLS // (cells * chunk)) * chunk
        piece = min(length, chunk if chunk > 1 else max(1, PIECE_CELLS // cells))
        blocks += [
            Block(granule, header.grid, run, min(piece, len(run)))
            for run in _runs(header.steps(period), length)
        ]
    return blocks


def _runs(steps: range, length: int) -> list[range]:
    """Cut steps at the multiples of ``length``, so that a storage chunk is in one block only."""
    cuts = [s for s in range(0, steps.stop, length) if steps.start < s]
    return [range(a, b) for a, b in zip([steps.start, *cuts], [*cuts, steps.stop], strict=True)]


def _cells(grid: Grid, area: Area) -> int:
    """Guess how many cells of the grid the area's bounding box holds, at least one."""
    west, south, east, north = area.bounds
    rows = min(grid.rows, (north - south) / grid.dlat + 1)
    columns = min(grid.columns, (east - west) / grid.dlon + 1)
    return max(1, int(rows * columns))

"""How a request is cut into blocks: runs of steps that one worker reads, whole chunks of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import cftime
import numpy as np

from csserv.catalog import Header
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Floats, Grid
from csserv.catalog.read.source import Layout, Source
from csserv.catalog.timeline import Stretch, Timeline
from csserv.errors import GranuleError, InvalidRequestError
from csserv.request import Area, Options, Period
from csserv.zonal.cells import IN_MEMORY
from csserv.zonal.operations import Operation
from csserv.zonal.resample import Resampling
from csserv.zonal.timestep import NATIVE, Step, check_time_step, time_steps

#: chunks of a block, inflated [bytes], some 1 GB/s. A call costs 10 ms beside its work
LEAST, MOST = 64 * 2**20, 256 * 2**20

#: blocks that a request of some size is cut into, so that few workers are all busy
BLOCKS = 4


@dataclass(frozen=True, eq=False)
class Block:
    """Some steps of the answer, and what is to be read for them.

    Attributes
    ----------
    sources : files of the same grid, cut alike by place, in time order
    first, steps : number of the first step of the answer, and how many there are
    times : of these steps
    resampling : how the data's steps become those of the answer; None where they are the same
    part, parts : where a block is shared by place, one takes every so manieth chunk
    """

    sources: tuple[Source, ...]
    grid: Grid | CurvedGrid
    first: int
    steps: int
    times: tuple[cftime.datetime, ...]
    resampling: Resampling | None
    part: int = 0
    parts: int = 1

    @property
    def layout(self) -> Layout:
        """How the first file is laid out; the others are cut alike by place."""
        return self.sources[0].layout

    @property
    def read(self) -> int:
        """Steps of the data that are read."""
        return sum(len(source.steps) for source in self.sources)

    @cached_property
    def is_late(self) -> bool:
        """Whether scale and offset may wait for the end: cheaper, and exact for integers."""
        packings = {source.layout.packing for source in self.sources}
        return self.resampling is None and len(packings) == 1 and self.layout.packing.scale > 0


@dataclass(frozen=True, eq=False)
class Plan:
    """All blocks of a request, by time; and the steps of its answer."""

    blocks: tuple[Block, ...]
    times: tuple[cftime.datetime, ...]
    longer: tuple[Step, ...]  #: the steps of the answer; none where they are the data's own

    @property
    def steps_read(self) -> int:
        """How many time steps of the data are read; a step that blocks share counts once."""
        return round(sum(block.read / block.parts for block in self.blocks))


def plan_blocks(
    timeline: Timeline,
    period: Period,
    area: Area,
    options: Options,
    rule: str = "mean",
    wanted: Operation | None = None,
) -> Plan:
    """Cut a request into blocks.

    Parameters
    ----------
    timeline : the steps of the period
    rule : how steps become longer ones; see ``csserv.zonal.timestep.time_rule``
    wanted : the operation; for some, all cells must be kept until the end of a block

    Raises
    ------
    InvalidRequestError : the time step does not suit the data
    """
    stretches, lengths, times = timeline.stretches, timeline.lengths, timeline.times
    runs = [range(i, i + 1) for i in range(len(times))]
    longer: tuple[Step, ...] = ()
    if options.time_step != NATIVE:
        check_longer(timeline, options.time_step, rule)
        longer = tuple(time_steps(options.time_step, times, lengths, period))
        runs = [step.run for step in longer]
        times = tuple(cftime.datetime(*s.start, calendar=times[0].calendar) for s in longer)
    size = Size(area)
    total = sum(size.of(stretch) for stretch in stretches)
    count = min(BLOCKS, max(1, total // LEAST))
    target = min(-(-total // count), MOST)
    keeps = wanted is not None and wanted.keeps_cells
    if keeps:  # smaller blocks, so that what is kept stays in memory
        share = max(size.chunk(s.header) / size.kept(s.header) for s in stretches)
        target = min(target, int(IN_MEMORY * share))
    blocks = []
    for first, last in _groups(runs, stretches, size, target):
        whole = range(runs[first].start, runs[last - 1].stop)
        mine = [part for s in stretches if (part := s.cut(whole))]
        resampling = None
        if longer:
            mine_lengths = lengths[whole.start : whole.stop]
            resampling = _resampling(longer[first:last], mine_lengths, rule, options)
        sources = tuple(size.source(one, options) for one in mine)
        block = Block(
            sources, mine[0].header.grid, first, last - first, times[first:last], resampling
        )
        blocks.append(block)
    parts = count // len(blocks)
    if parts > 1 and not keeps:
        blocks = [replace(b, part=part, parts=parts) for b in blocks for part in range(parts)]
    return Plan(tuple(blocks), times, longer)


def check_longer(timeline: Timeline, name: str, rule: str) -> None:
    """See that the steps of the data can become longer ones.

    Raises
    ------
    InvalidRequestError : a step that is shorter than those of the data, whose length nobody says,
        or steps that would be counted twice
    """
    if not timeline.is_timed:
        raise InvalidRequestError(
            "how long a step of the data is is not known: there is but one, and neither the file "
            "nor the dataset's row says it; say time_step = 'month', or the like, in the row"
        )
    check_time_step(name, timeline.lengths)
    if timeline.overlaps and rule in ("rate", "sum"):
        raise InvalidRequestError(
            f"the steps of the data reach into each other ({timeline.lengths[0]:.3g} days each), "
            f"so that their sum over a {name} step would count time twice; ask for native steps, "
            "or say over_time = 'mean' in the dataset's row"
        )


class Size:
    """Guesses what is to be read of a file, by the box around the area."""

    def __init__(self, area: Area) -> None:
        self._bounds = area.bounds
        self._windows: dict[tuple[object, ...], tuple[range, range]] = {}

    def chunk(self, header: Header) -> int:
        """Bytes of the chunks of one time that hold the area, inflated."""
        layout = header.layout
        window = self._file_window(header)
        places = [
            -(-span.stop // length) - span.start // length
            for span, length in zip(window, layout.chunk[1:], strict=True)
        ]
        return prod(places) * prod(layout.storage.chunk) * layout.packing.native.itemsize

    def cells(self, header: Header) -> int:
        """Cells of the box around the area."""
        rows, columns = self._file_window(header)
        return len(rows) * len(columns)

    def kept(self, header: Header) -> int:
        """Bytes of the cells of the area at all steps of a chunk, as float32."""
        return header.layout.chunk[0] * self.cells(header) * 4

    def of(self, stretch: Stretch) -> int:
        """Bytes of the chunks that hold a stretch, inflated."""
        length = stretch.header.layout.chunk[0]
        times = -(-stretch.steps.stop // length) - stretch.steps.start // length
        return times * self.chunk(stretch.header)

    def stored(self, stretch: Stretch, options: Options) -> int:
        """Bytes of the chunks that hold a stretch, as they lie in the file, where that is known."""
        index = self.source(stretch, options).index
        return self.of(stretch) if index is None else int(index.size.sum())

    def source(self, stretch: Stretch, options: Options) -> Source:
        """Return how to read a stretch, without the places of chunks beside the area."""
        source = stretch.granule.source(stretch.steps, dict(options.select), stretch.header)
        return source.cut(*self._file_window(stretch.header))

    def _file_window(self, header: Header) -> tuple[range, range]:
        """Rows and columns, as in the file, of the cells that the area's box may touch."""
        kind = header.grid, header.layout.geometry  # the same in thousands of daily files
        if kind not in self._windows:
            self._windows[kind] = self._touched(header.grid, header.layout)
        return self._windows[kind]

    def _touched(self, grid: Grid | CurvedGrid, layout: Layout) -> tuple[range, range]:
        whole = range(layout.rows), range(layout.columns)
        if isinstance(grid, CurvedGrid):
            return whole
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


def _groups(
    runs: Sequence[range], stretches: Sequence[Stretch], size: Size, target: int
) -> Iterator[tuple[int, int]]:
    """Join steps of the answer to blocks of about the same size, all cut alike by place."""
    # the chunk that each step lies in: number of its stretch, and of the chunk in the file
    chunks = [
        (k, step // stretch.header.layout.chunk[0])
        for k, stretch in enumerate(stretches)
        for step in stretch.steps
    ]
    kinds = [(s.header.layout.geometry, s.header.grid) for s in stretches]
    chunk_bytes = [size.chunk(s.header) for s in stretches]
    first, inflated, seen = 0, 0, (-1, -1)
    for i, run in enumerate(runs):
        touched = set(chunks[run.start : run.stop])
        kind = kinds[chunks[run.start][0]]
        if any(kinds[k] != kind for k, _ in touched):
            names = (stretches[chunks[n][0]].granule.path.name for n in (run.start, run.stop - 1))
            raise GranuleError(
                f"{' and '.join(names)} lie in one time step, and are cut up in different ways"
            )
        fresh = touched - {seen}
        other = kind != kinds[chunks[runs[first].start][0]]
        if i > first and (inflated >= target or other) and fresh:
            yield first, i
            first, inflated = i, 0
        inflated += sum(chunk_bytes[k] for k, _ in fresh)
        seen = max({seen, *fresh})
    yield first, len(runs)


def _resampling(longer: Sequence[Step], lengths: Floats, rule: str, options: Options) -> Resampling:
    return Resampling(
        rule=rule,
        group=np.repeat(np.arange(len(longer)), [len(step.run) for step in longer]),
        lengths=lengths,
        days=np.array([step.days for step in longer]),
        least=options.least_valid / 100.0,
    )

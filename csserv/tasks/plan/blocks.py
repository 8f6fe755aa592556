"""Divides a request into blocks: runs of time steps, in whole chunks, that one call reads."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cftime

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.further.selections import Selection
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.source import Layout, Source
from csserv.catalog.timeline.timeline import Stretch, Timeline
from csserv.climatology.comparison import Comparison
from csserv.machine.collection_pause import pause_collection
from csserv.notes import Note
from csserv.request import Area, Options, Period
from csserv.tasks.plan.area_part import Size
from csserv.tasks.plan.compared_steps import compare_steps
from csserv.tasks.plan.file_forms import form_of, of_two_forms
from csserv.tasks.plan.index_plan import series_options, series_period
from csserv.tasks.plan.planned_steps import PlannedSteps, StepGroup
from csserv.zonal.cells import IN_MEMORY
from csserv.zonal.conversion import check_longer
from csserv.zonal.operations import Operation, keep_cells
from csserv.zonal.over_time.longer_steps import longer_steps
from csserv.zonal.over_time.resample import Resampling
from csserv.zonal.zone_values import Decoding

#: uncompressed size of a block's chunks [bytes]; about 1 GB/s is read, and a call costs 10 ms extra
LEAST, MOST = 64 * 2**20, 256 * 2**20

#: number of blocks that a larger request has at least, to keep a few workers busy
BLOCKS = 4


@dataclass(frozen=True, eq=False)
class Block:
    """Some steps of the result, and the files to read for them.

    Attributes
    ----------
    sources : steps of files with the same grid and the same chunks by place, in time order
    grid : of all sources
    first, steps : number of the block's first step in the result, and its number of steps
    times : of these steps
    resampling : how the data's steps become longer ones; None where they stay as they are
    part, parts : several blocks may share the same steps by place: part ``part`` of ``parts`` reads
        every ``parts``-th chunk
    selection : number of the coordinates of further dimensions that it reads, of those of the plan
    """

    sources: tuple[Source, ...]
    grid: Grid | CurvedGrid
    first: int
    steps: int
    times: tuple[cftime.datetime, ...]
    resampling: Resampling | None
    part: int = 0
    parts: int = 1
    selection: int = 0

    @property
    def layout(self) -> Layout:
        """Layout of the first source; the others have the same chunks by place."""
        return self.sources[0].layout

    @cached_property
    def read(self) -> int:
        """Number of the data's steps that are read; asked after each chunk."""
        return sum(len(source.steps) for source in self.sources)

    def is_late(self, packing: Packing) -> bool:
        """Whether scale and offset can be applied at the end: cheaper, and exact for integers."""
        return self.resampling is None and packing.scale > 0

    @property
    def decoding(self) -> Decoding:
        """Scale and offset that are applied at the end, of each run of steps."""
        if self.resampling is not None:
            return ((self.steps, 1.0, 0.0),)
        runs: list[tuple[int, float, float]] = []
        for source in self.sources:
            packing = source.layout.packing
            own = (packing.scale, packing.offset) if self.is_late(packing) else (1.0, 0.0)
            before = runs.pop() if runs and runs[-1][1:] == own else (0, *own)
            runs.append((before[0] + len(source.steps), *own))
        return tuple(runs)


@dataclass(frozen=True, eq=False)
class Plan:
    """All blocks of a request in time order, and the steps of its result."""

    blocks: tuple[Block, ...]
    steps: PlannedSteps  #: that are computed
    selections: tuple[Selection, ...]  #: of further dimensions; the same steps are read of each
    comparison: Comparison | None = None  #: of the steps that are asked for; None: these are all
    of_reference: tuple[Note, ...] = ()  #: what is to be said of it

    @cached_property
    def asked(self) -> PlannedSteps:
        """The steps that are asked for."""
        return self.steps.pick(self.comparison.shown.tolist()) if self.comparison else self.steps

    def notes(self, shown: Period | None = None) -> tuple[Note, ...]:
        """Say what the steps of the answer lack.

        Parameters
        ----------
        shown : in which they begin; None for all: those of an index are of the whole record
        """
        every = (one for one in self.asked.longer if shown is None or shown.holds(one.start))
        cut = [step for step in every if not step.complete]
        if not cut:
            return self.of_reference
        first = "{:04}-{:02}-{:02}".format(*cut[0].start)
        which = f"the step of {first}" if len(cut) == 1 else f"{len(cut):,} steps, from {first},"
        verb = "is" if len(cut) == 1 else "are"
        told = Note("incomplete", f"{which} {verb} filled in part by the period or the data")
        early = sum(step.early for step in cut)
        begun = f"{early:,} of them hold steps from before the data begin, and have no value"
        more = (Note("incomplete", begun),) if early else ()
        return (told, *more, *self.of_reference)

    @property
    def steps_read(self) -> int:
        """Number of the data's steps that are read; one that several blocks share counts once."""
        whole = sum(block.read / block.parts for block in self.blocks)
        return round(whole / len(self.selections))


@pause_collection()
def plan_blocks(
    timeline: Timeline,
    period: Period,
    area: Area,
    options: Options,
    rule: str = "mean",
    wanted: Sequence[Operation] = (),
) -> Plan:
    """Divide a request into blocks.

    Parameters
    ----------
    timeline : the steps of the period, and those before it that are accumulated; all of the data
        for an index, which is computed of the whole record
    rule : how steps become longer ones; see ``csserv.zonal.over_time.time_rule``
    wanted : the operations; for some, all cells must be kept until the end of a block

    Raises
    ------
    InvalidRequestError : the time step does not suit the data; files of one longer step have
        different grids or chunks
    """
    period, options = series_period(timeline, period, options), series_options(options)
    if options.makes_longer:
        check_longer(timeline, options.time_step, rule)
    compared = compare_steps(timeline, period, options) if options.against else None
    groups = compared.groups if compared else (_all_steps(timeline, period, options),)
    division = _Division(Size(area), options, rule, keep_cells(wanted))
    selections = timeline.selections(dict(options.select))
    blocks: list[Block] = []
    count = 0
    for group in groups:
        found = division.blocks(group, selections)
        blocks += [replace(one, first=one.first + count) for one in found]
        count += len(group.times)
    steps = PlannedSteps.of(groups)
    if compared is None:
        return Plan(tuple(blocks), steps, selections)
    return Plan(tuple(blocks), steps, selections, compared.comparison, compared.notes)


def _all_steps(timeline: Timeline, period: Period, options: Options) -> StepGroup:
    made = longer_steps(timeline, period, options) if options.makes_longer else None
    return StepGroup(timeline, made)


@dataclass(frozen=True)
class _Division:
    """How steps are divided into blocks.

    Attributes
    ----------
    keeps : whether all cells must be kept until the end of a block
    """

    size: Size
    options: Options
    rule: str
    keeps: bool

    def blocks(self, group: StepGroup, selections: Sequence[Selection]) -> list[Block]:
        """Divide the steps of a group; the first of them has number 0."""
        stretches, size = group.timeline.stretches, self.size
        target, count = self._target(stretches)
        numbers = [stretch.number for stretch in stretches]
        runs, times, blocks = group.runs, group.times, []
        for first, last in _groups(runs, stretches, size, target):
            whole = range(runs[first].start, runs[last - 1].stop)
            near = slice(bisect_right(numbers, whole.start) - 1, bisect_left(numbers, whole.stop))
            mine = [part for s in stretches[near] if (part := s.cut(whole))]
            resampling = self._resampling(group, first, last)
            grid, span = mine[0].header.grid, times[first:last]
            for number, one in enumerate(selections):
                sources = tuple(size.source(part, one.chosen) for part in mine)
                block = Block(
                    sources, grid, first, last - first, span, resampling, selection=number
                )
                blocks.append(block)
        parts = count // len(blocks)
        if parts > 1 and not self.keeps:
            blocks = [replace(b, part=part, parts=parts) for b in blocks for part in range(parts)]
        return blocks

    def _target(self, stretches: Sequence[Stretch]) -> tuple[int, int]:
        """Return how large a block is to be [bytes], and how many there are to be at least."""
        size = self.size
        total = sum(size.of(stretch) for stretch in stretches)
        count = min(BLOCKS, max(1, total // LEAST))
        target = min(-(-total // count), MOST)
        if self.keeps:  # smaller blocks, so that the cells of one stay in memory
            share = max(size.chunk(s.header) / size.kept(s.header) for s in stretches)
            target = min(target, int(IN_MEMORY * share))
        return target, count

    def _resampling(self, group: StepGroup, first: int, last: int) -> Resampling | None:
        if group.made is None:
            return None
        lengths = group.timeline.lengths
        return group.made.resampling(first, last, lengths, self.rule, self.options)


def _groups(
    runs: Sequence[range], stretches: Sequence[Stretch], size: Size, target: int
) -> Iterator[tuple[int, int]]:
    """Join steps of the result to blocks of about ``target`` bytes, of one grid and layout each."""
    # the chunk that each step lies in: number of its stretch, and of the chunk in the file
    chunks = [
        (k, step // stretch.header.layout.chunk[0])
        for k, stretch in enumerate(stretches)
        for step in stretch.steps
    ]
    kinds = [form_of(s.header) for s in stretches]
    chunk_bytes = [size.chunk(s.header) for s in stretches]
    first, inflated, seen = 0, 0, (-1, -1)
    for i, run in enumerate(runs):
        touched = {chunk for chunk in chunks[run.start : run.stop] if chunk >= seen}
        kind = kinds[chunks[run.start][0]]
        if any(kinds[k] != kind for k, _ in touched):
            other_one = next(k for k, _ in sorted(touched) if kinds[k] != kind)
            raise of_two_forms(stretches[chunks[run.start][0]], stretches[other_one])
        fresh = touched - {seen}
        other = kind != kinds[chunks[runs[first].start][0]]
        if i > first and (inflated >= target or other) and fresh:
            yield first, i
            first, inflated = i, 0
        inflated += sum(chunk_bytes[k] for k, _ in fresh)
        seen = max({seen, *fresh})
    yield first, len(runs)

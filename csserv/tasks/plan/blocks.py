"""Divides a request into blocks: runs of time steps, in whole chunks, that one call reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, auto
from functools import cached_property
from itertools import pairwise

import numpy as np

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.further.selections import Selection
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.source import Source
from csserv.catalog.timeline.timeline import Stretch, Timeline
from csserv.climatology.comparison import Comparison
from csserv.machine.collection_pause import pause_collection
from csserv.notes import Note
from csserv.outputs.netcdf.step_times import StepTimes
from csserv.request import Area, Options, Period
from csserv.tasks.plan.area_part import Size
from csserv.tasks.plan.compared_steps import compare_steps
from csserv.tasks.plan.index_plan import series_options, series_period
from csserv.tasks.plan.kept_steps import KeptSteps, KnownSteps, nothing_kept
from csserv.tasks.plan.planned_steps import PlannedSteps, StepGroup
from csserv.tasks.plan.step_chunks import StepChunks
from csserv.tasks.plan.sums.summed_steps import FoundSums, SummedSteps, no_sums
from csserv.tasks.sums.sums_file import MonthSums
from csserv.zonal.cells import IN_MEMORY
from csserv.zonal.conversion import check_longer
from csserv.zonal.operations import Operation, keep_cells
from csserv.zonal.over_time.longer_steps import longer_steps
from csserv.zonal.over_time.resample import Resampling
from csserv.zonal.zone_values import Decoding

#: uncompressed size of a block's chunks [bytes]; about 1 GB/s is read, and a call costs 10 ms extra
LEAST, MOST = 64 * 2**20, 256 * 2**20

#: numbers of a block that is kept: zones times steps; 80 MB of five arrays
KEPT_NUMBERS = 2_000_000

#: blocks that one call does, if all but one of them are kept
FEW = 3

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
    keys : by which numbers of its steps are kept, one after the other; empty where none are
    is_kept : whether they are kept already, so that files are read only if these are damaged
    sums : files of time sums that are read in place of the sources; these are read if one is
        damaged
    """

    sources: tuple[Source, ...]
    grid: Grid | CurvedGrid
    first: int
    steps: int
    times: StepTimes
    resampling: Resampling | None
    part: int = 0
    parts: int = 1
    selection: int = 0
    keys: bytes = b""
    is_kept: bool = False
    sums: tuple[MonthSums, ...] = ()

    @property
    def is_light(self) -> bool:
        """Whether its sources need not be read."""
        return self.is_kept or bool(self.sums)

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

    @property
    def is_small(self) -> bool:
        """Whether one call does it all: one block at most is read, and what is kept is not much."""
        read = sum(not one.is_light for one in self.blocks)
        return read <= 1 and len(self.blocks) <= FEW and all(one.parts == 1 for one in self.blocks)

    @property
    def kept(self) -> float:
        """Share of the steps that days are not read for, 0 to 1: kept ones, and those of sums."""
        known = sum(one.read for one in self.blocks if one.is_light)
        return known / sum(one.read / one.parts for one in self.blocks)

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
    kept: KeptSteps | None = None,
    sums: SummedSteps | None = None,
) -> Plan:
    """Divide a request into blocks.

    Parameters
    ----------
    timeline : the steps of the period, and those before it that are accumulated; all of the data
        for an index, which is computed of the whole record
    rule : how steps become longer ones; see ``csserv.zonal.over_time.time_rule``
    wanted : the operations; for some, all cells must be kept until the end of a block
    kept : finds the steps that were computed before; without it all are read
    sums : finds the months whose sums are there; without it days are read

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
    size = Size(area)
    division = _Division(size, options, rule, keep_cells(wanted), len(area.zones), kept, sums)
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
    zones : how many there are
    kept : finds the steps that were computed before
    sums : finds the months whose sums are there
    """

    size: Size
    options: Options
    rule: str
    keeps: bool
    zones: int = 1
    kept: KeptSteps | None = None
    sums: SummedSteps | None = None

    def blocks(self, group: StepGroup, selections: Sequence[Selection]) -> list[Block]:
        """Divide the steps of a group; the first of them has number 0."""
        chunks, size = StepChunks.of(group, self.size), self.size
        whole = self._resampling(group, 0, len(group.times))
        known = self._known(group, selections, whole)
        summed = self._summed(group, selections, whole)
        spans = [*_ways(known, summed)]
        missing = [one for run, way in spans if way is _Way.READ for one in chunks.within(run)]
        target, count = self._target(missing)
        times, blocks = group.times, []
        for run, way in spans:
            for first, last in self._divided(chunks, run, way, summed, target):
                mine = chunks.within(range(first, last))
                resampling = self._resampling(group, first, last)
                for number, one in enumerate(selections):
                    block = Block(
                        sources=tuple(size.source(part, one.chosen) for part in mine),
                        grid=mine[0].header.grid,
                        first=first,
                        steps=last - first,
                        times=times[first:last],
                        resampling=resampling,
                        selection=number,
                        keys=known.of_block(number, first, last),
                        is_kept=way is _Way.KEPT,
                        sums=summed.of_block(first, last) if way is _Way.SUMMED else (),
                    )
                    blocks.append(block)
        parts = count // max(1, sum(not block.is_light for block in blocks))
        if parts > 1 and not self.keeps:
            blocks = [part for block in blocks for part in _in_parts(block, parts)]
        return blocks

    def _divided(
        self, chunks: StepChunks, run: range, way: _Way, summed: FoundSums, target: int
    ) -> Iterator[tuple[int, int]]:
        """Divide a run of steps that are had in the same way."""
        if way is _Way.READ:
            return chunks.groups(run, target)
        most = KEPT_NUMBERS // self.zones
        if way is _Way.SUMMED:
            most = (IN_MEMORY if self.keeps else LEAST) // summed.bytes_of_step
        return chunks.kept(run, max(1, most))

    def _summed(
        self, group: StepGroup, selections: Sequence[Selection], whole: Resampling | None
    ) -> FoundSums:
        if self.sums is None:
            return no_sums(len(group.times))
        return self.sums.look_up(group, selections, whole, self.size)

    def _known(
        self, group: StepGroup, selections: Sequence[Selection], whole: Resampling | None
    ) -> KnownSteps:
        if self.kept is None:
            return nothing_kept(len(group.times))
        return self.kept.look_up(group, selections, whole)

    def _target(self, stretches: Sequence[Stretch]) -> tuple[int, int]:
        """Return how large a block is to be [bytes], and how many there are to be at least."""
        size = self.size
        total = sum(size.of(stretch) for stretch in stretches)
        count = min(BLOCKS, max(1, total // LEAST))
        target = min(-(-total // count), MOST)
        if self.keeps and stretches:  # smaller blocks, so that the cells of one stay in memory
            share = max(size.chunk(s.header) / size.kept(s.header) for s in stretches)
            target = min(target, int(IN_MEMORY * share))
        return target, count

    def _resampling(self, group: StepGroup, first: int, last: int) -> Resampling | None:
        if group.made is None:
            return None
        lengths = group.timeline.lengths
        return group.made.resampling(first, last, lengths, self.rule, self.options)


class _Way(IntEnum):
    """How steps are had."""

    KEPT = auto()  #: they were computed before
    SUMMED = auto()  #: from time sums
    READ = auto()  #: from the data


def _ways(known: KnownSteps, summed: FoundSums) -> Iterator[tuple[range, _Way]]:
    """Yield runs of steps that are had in the same way."""
    ways = np.where(known.kept, _Way.KEPT, np.where(summed.known, _Way.SUMMED, _Way.READ))
    changes = (np.flatnonzero(np.diff(ways)) + 1).tolist()
    for first, last in pairwise([0, *changes, len(ways)]):
        yield range(first, last), _Way(int(ways[first]))


def _in_parts(block: Block, parts: int) -> list[Block]:
    """Let several calls read a block, each some of its chunks by place."""
    if block.is_light:
        return [block]
    return [replace(block, part=part, parts=parts) for part in range(parts)]

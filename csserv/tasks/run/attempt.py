"""One attempt at one task: its calls to workers, those in progress, and how much is done."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Container, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csserv.catalog import Catalog, CatalogEntry, Granule, Header
from csserv.catalog.entry import day, file_names
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.further.further_coordinates import describe_dimensions
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.source import Source
from csserv.climatology.normals import describe
from csserv.errors import EmptySelectionError, TaskFailedError
from csserv.notes import each_once
from csserv.request import Area, Options, Period
from csserv.tasks.cluster.cluster import Cluster, Running
from csserv.tasks.log.task import Task
from csserv.tasks.plan.blocks import Block, Plan, plan_blocks
from csserv.tasks.plan.file_receipts import describe_file, moved_edges
from csserv.tasks.plan.index_plan import (
    IndexPlan,
    plan_index,
    series_options,
)
from csserv.tasks.plan.reference_years import describe_reference
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.run.one_call import Call
from csserv.tasks.work.attempt_context import AssemblyPlan, AttemptContext, MapMetadata
from csserv.tasks.work.partial import SeriesHeader, write_series_header
from csserv.tasks.work.proof import Proof, prove
from csserv.tasks.work.worker_calls import assemble, compute_at_once, prepare_weights, process_block
from csserv.zonal.cf_names import map_attributes, series_attributes
from csserv.zonal.conversion import (
    RULES,
    Conversion,
    check_one_grid,
    class_notes,
    find_conversion,
)
from csserv.zonal.operations import operation, operations


@dataclass(eq=False)
class Attempt:
    """One attempt at a task: first the weights, then the blocks, then the assembling."""

    task: Task
    context: AttemptContext
    waiting: deque[Call]  #: calls that can be started now
    later: deque[list[Call]]  #: groups of calls that follow, each when the one before is done
    total: int
    proof: Call  #: what each worker must do before it is given the others
    in_progress: dict[str, Call] = field(default_factory=dict)  #: dask key → call in progress
    finished_steps: float = 0.0

    @property
    def dataset(self) -> str:
        """Name of the dataset that it reads."""
        return self.task.request.dataset

    @property
    def key(self) -> str:
        """Id of the task and number of the attempt, in the dask keys of its calls."""
        return f"{self.context.task}.{self.context.attempt}"

    @property
    def done(self) -> int:
        """Number of steps processed, in finished blocks and as reported for those in progress."""
        reported = sum(call.reported for call in self.in_progress.values())
        return min(self.total, round(self.finished_steps + reported))

    @property
    def is_done(self) -> bool:
        """Whether no call is left."""
        return not (self.waiting or self.in_progress or self.later)

    def next_call(self, name: str, able: Set[str]) -> Call | None:
        """Return the first waiting call for a worker; see :meth:`Call.is_for`."""
        return next((call for call in self.waiting if call.is_for(name, able)), None)

    def start(self, call: Call, cluster: Cluster, worker: str, name: str) -> Running:
        """Start a waiting call on a worker with this address and name."""
        self.waiting.remove(call)
        key, call.future = call.start(cluster, worker, name, self.key)
        self.in_progress[key] = call
        return call.future

    def report(self, number: int, share: float) -> None:
        """Record the share of a block that its worker has done, 0 to 1."""
        for call in self.in_progress.values():
            if call.number == number:
                call.reported = min(max(share, 0.0), 1.0) * call.steps
                call.show_sign()

    def finish_call(self, key: str) -> Call:
        """Record that a call is finished; after the last one of a group, the next one begins."""
        call = self.in_progress.pop(key)
        call.future = None  # dask forgets the call, so its worker's end loses nothing
        self.finished_steps += call.steps
        if not (self.waiting or self.in_progress) and self.later:
            self.waiting.extend(self.later.popleft())
        return call

    def take_back(self, key: str) -> Call:
        """Queue a call again, as the first one; this does not count as a try."""
        call = self.in_progress.pop(key)
        call.tries -= 1
        if call.future is not None:
            call.future.cancel()
            call.future = None
        self.waiting.appendleft(call)
        return call

    def worker_died(self, key: str, how: str) -> None:
        """Queue a call again, as the first one, because its worker died.

        Raises
        ------
        TaskFailedError : as many workers died over it as the task may have attempts
        """
        call = self.in_progress.pop(key)
        if call.tries >= self.task.attempts:
            times = f", {call.tries} times" if call.tries > 1 else ""
            raise TaskFailedError(f"{how} while it worked on {call.name}{times}")
        self.waiting.appendleft(call)

    def workers_left(self, workers: Container[str]) -> None:
        """Queue calls again whose workers left in good order; this does not count as a try."""
        for key, call in list(self.in_progress.items()):
            if call.worker in workers:
                self.take_back(key)

    def give_up(self) -> None:
        """Cancel the calls in progress; a running one notices that its folder is gone."""
        for call in self.in_progress.values():
            if call.future is not None:
                call.future.cancel()
        # renamed first, so that a call that goes on writing cannot fill it again
        gone = self.context.work.with_name(f"{self.context.work.name}.gone")
        with suppress(FileNotFoundError):
            self.context.work.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def plan_attempt(task: Task, area: Area, catalog: Catalog, home: Path) -> Attempt:
    """Plan an attempt at a task, and create its work folder.

    Raises
    ------
    CsservError : the request cannot be served, or a granule is unreadable
    """
    record = task.request
    entry = catalog[record.dataset]
    period = Period.parse(record.period)
    options = Options.from_dict(record.options)
    computed = series_options(options)
    try:
        every, timeline = steps_to_read(entry, period, options)
    except EmptySelectionError:
        record.check([])
        raise
    granules = timeline.granules
    record.check(file_names(granules))
    entry.check_area(area, granules[0][1].grid)
    wanted = operations(record.operation)
    if any(one.export for one in wanted.values()):
        check_one_grid(entry, timeline)
    conversions = {
        name: find_conversion(entry, timeline, computed, one) for name, one in wanted.items()
    }
    first = next(iter(conversions.values()))
    index = plan_index(timeline, period, options, [first.units])
    plan = plan_blocks(timeline, period, area, options, first.rule, tuple(wanted.values()))
    grids = list(dict.fromkeys(block.grid for block in plan.blocks))
    context = AttemptContext(
        task=task.id,
        attempt=task.attempt,
        operation=record.operation,
        weighting=options.weighting,
        work=home / "work" / f"{task.id}.{task.attempt}",
        results=home / "results",
        cells=_map_metadata(granules, plan, computed, first),
        selections=len(plan.selections),
        compares=plan.comparison is not None or index is not None,
        request_id=task.request_id,
    )
    context.parts.mkdir(parents=True, exist_ok=True)
    document = _document(task, area, entry, granules, plan, computed, conversions)
    of_classes = class_notes(granules[0][1], wanted.values())
    of_steps = [*every.beyond(period), *timeline.notes, *plan.notes(period if index else None)]
    notes = each_once([*area.notes, *of_steps, *of_classes])
    document["notes"] = [note.to_dict() for note in notes]
    if len(plan.blocks) > 1 and not index:
        header = SeriesHeader.of(
            document, plan.asked.times, [*conversions.values()], plan.comparison
        )
        write_series_header(context.work, header)
    shapes = home / "areas" / f"{record.area}.geojson"
    calls = _calls(context, plan, grids, shapes, document, tuple(conversions.values()), index)
    return Attempt(
        task=task,
        context=context,
        waiting=deque(calls[0]),
        later=deque(calls[1:]),
        total=plan.steps_read * len(plan.selections),
        proof=_proof_call(context, plan.blocks[0].sources[0]),
    )


def _calls(
    context: AttemptContext,
    plan: Plan,
    grids: Sequence[Grid | CurvedGrid],
    area: Path,
    document: dict[str, Any],
    conversions: tuple[Conversion, ...],
    index: IndexPlan | None,
) -> list[list[Call]]:
    """List the calls in groups; each group waits for the one before."""
    starts = [(i, block) for i, block in enumerate(plan.blocks) if block.part == 0]
    assembly = AssemblyPlan(
        segments=tuple((i, block.parts) for i, block in starts),
        grids=tuple(block.grid for _, block in starts),
        times=plan.asked.times,
        intervals=plan.asked.intervals,
        document=document,
        conversions=conversions,
        index=index,
        comparison=plan.comparison,
    )
    if len(plan.blocks) == 1:  # small: three calls would take longer than the work itself
        block = plan.blocks[0]
        name = block.sources[0].path.name
        args = context, grids[0], area, block, assembly
        once = Call(name, compute_at_once, args, 0, block.read, sources=block.sources)
        return [[once]]
    return [
        [Call("the weights", prepare_weights, (context, grid, area)) for grid in grids],
        [_block_call(context, number, block) for number, block in enumerate(plan.blocks)],
        [Call("the result", assemble, (context, assembly))],
    ]


def _block_call(context: AttemptContext, number: int, block: Block) -> Call:
    names = [source.path.name for source in block.sources]
    return Call(
        names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}",
        process_block,
        (context, number, block),
        number,
        steps=block.read / block.parts,
        sources=block.sources,
    )


def _proof_call(context: AttemptContext, source: Source) -> Call:
    return Call(source.path.name, prove, (Proof(source, context.work),), sources=(source,))


def _map_metadata(
    granules: Sequence[tuple[Granule, Header]],
    plan: Plan,
    options: Options,
    conversion: Conversion,
) -> MapMetadata:
    granule, header = granules[0]
    name = granule.variable.rpartition("/")[2]
    days = [(t.year, t.month, t.day) for t in plan.asked.times]
    return MapMetadata(
        variable=name,
        attributes=tuple(map_attributes(name, header, options, conversion).items()),
        title=header.title,
        daily=len(set(days)) == len(days),
        scale=conversion.cell_scale,
        offset=conversion.cell_offset,
    )


def _document(
    task: Task,
    area: Area,
    entry: CatalogEntry,
    granules: Sequence[tuple[Granule, Header]],
    plan: Plan,
    options: Options,
    conversions: Mapping[str, Conversion],
) -> dict[str, Any]:
    """Return the parts of the result's JSON that are known before anything is read."""
    record = task.request
    first = next(iter(conversions.values()))
    request = {
        "dataset": record.dataset,
        "operation": record.operation,
        "period": record.period,
        "area": record.area_title,
        "area_sha256": record.area,
        "fingerprint": record.fingerprint,
    }
    longer = {
        "name": options.time_step,
        **({"accumulate": options.accumulate} if options.accumulate > 1 else {}),
        "rule": RULES[first.rule],
        "least_valid_percent": options.least_valid,
    }
    steps = {
        "end": [day(step.end) for step in plan.asked.longer],
        "complete": [step.complete for step in plan.asked.longer],
    }
    named = {
        name: {
            "units": one.units,
            "variable": series_attributes(
                entry.variable, granules[0][1], options, one, operation(name)
            ),
        }
        for name, one in conversions.items()
    }
    (_, of_first), *others = named.items()
    return {
        "request": request | ({"options": record.options} if record.options else {}),
        "zones": [{"id": zone.id, "name": zone.name} for zone in area.zones],
        **of_first,
        "further": [
            {"operation": name} | one | _statistics(plan, str(one["units"])) for name, one in others
        ]
        or None,
        "dimensions": describe_dimensions(*granules[0], plan.selections),
        "selections": [dict(one.shown) for one in plan.selections],
        "time_step": longer if plan.asked.longer else None,
        "steps": steps if plan.asked.longer else None,
        "against": describe_reference(options, plan, first.units),
        "dataset": entry.record(),
        "granules": [describe_file(granule, header) for granule, header in granules],
        "moved_edges": moved_edges(header for _, header in granules),
        "steps_read": plan.steps_read,
        "started": task.started,
        "request_id": task.request_id,
    }


def _statistics(plan: Plan, units: str) -> dict[str, Any]:
    """Describe the statistics of a further operation against what is normal, if they are asked."""
    return {"statistics": describe(units)} if plan.comparison else {}

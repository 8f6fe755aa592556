"""Plans an attempt: its calls, and what its result says before anything is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from csserv.catalog import Catalog, CatalogEntry, Granule, Header
from csserv.catalog.entry import day, file_names
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.further.further_coordinates import describe_dimensions
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.source import Source
from csserv.climatology.normals import describe
from csserv.errors import EmptySelectionError
from csserv.notes import each_once
from csserv.request import Area, Options, Period
from csserv.tasks.kept.kept_store import KeptStore
from csserv.tasks.log.task import Task
from csserv.tasks.plan.blocks import Block, Plan, plan_blocks
from csserv.tasks.plan.file_receipts import describe_file, moved_edges
from csserv.tasks.plan.index_plan import (
    IndexPlan,
    plan_index,
    series_options,
)
from csserv.tasks.plan.kept_steps import kept_steps
from csserv.tasks.plan.reference_years import describe_reference
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.plan.sums.summed_steps import summed_steps
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.one_call import Call
from csserv.tasks.work.attempt_context import AssemblyPlan, AttemptContext, MapMetadata, SharedSteps
from csserv.tasks.work.partial import SeriesHeader, write_series_header
from csserv.tasks.work.proof import Proof, prove
from csserv.tasks.work.worker_calls import (
    assemble,
    compute_at_once,
    keep_block,
    keep_shared,
    prepare_weights,
    process_block,
)
from csserv.zonal.cf_names import map_attributes, series_attributes
from csserv.zonal.conversion import (
    RULES,
    Conversion,
    check_one_grid,
    class_notes,
    find_conversion,
)
from csserv.zonal.operations import operation, operations


def plan_attempt(
    task: Task, area: Area, catalog: Catalog, home: Path, store: KeptStore | None = None
) -> Attempt:
    """Plan an attempt at a task, and create its work folder.

    Parameters
    ----------
    store : of numbers that were computed before; without it all are computed

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
    asked = tuple(wanted.values())
    kept = kept_steps(store, record.dataset, timeline, area, options, asked)
    sums = summed_steps(entry.data, entry.name, computed)
    plan = plan_blocks(timeline, period, area, options, first.rule, asked, kept, sums)
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
        keeping=kept.keeping if kept else None,
    )
    folder = context.work if plan.is_small else context.parts
    folder.mkdir(parents=True, exist_ok=True)
    document = _document(task, area, entry, granules, plan, computed, conversions)
    of_classes = class_notes(granules[0][1], wanted.values())
    of_steps = [*every.beyond(period), *timeline.notes, *plan.notes(period if index else None)]
    notes = each_once([*area.notes, *of_steps, *of_classes])
    document["notes"] = [note.to_dict() for note in notes]
    if not (plan.is_small or index or record.prepare):
        header = SeriesHeader.of(
            document, plan.asked.times, [*conversions.values()], plan.comparison
        )
        write_series_header(context.work, header)
    shapes = home / "areas" / f"{record.area}.geojson"
    if record.prepare:
        calls = _preparing_calls(context, plan, grids, shapes)
    else:
        calls = _calls(context, plan, grids, shapes, document, tuple(conversions.values()), index)
    return Attempt(
        task=task,
        context=context,
        waiting=deque(calls[0]),
        later=deque(calls[1:]),
        total=plan.steps_read * len(plan.selections),
        proof=_proof_call(context, plan.blocks[0].sources[0]),
        kept=plan.kept,
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
        shared=_shared(plan),
        times=plan.asked.times,
        intervals=plan.asked.intervals,
        document=document,
        conversions=conversions,
        index=index,
        comparison=plan.comparison,
    )
    if plan.is_small:  # three calls would take longer than the work itself
        blocks = plan.blocks
        sources = next((one for one in blocks if not one.is_kept), blocks[0]).sources
        args = context, area, blocks, assembly
        steps = sum(one.read for one in blocks)
        return [[Call(sources[0].path.name, compute_at_once, args, 0, steps, sources=sources)]]
    return [
        [Call("the weights", prepare_weights, (context, grid, area)) for grid in grids],
        [_process_call(context, number, block) for number, block in enumerate(plan.blocks)],
        [Call("the result", assemble, (context, assembly))],
    ]


def _preparing_calls(
    context: AttemptContext, plan: Plan, grids: Sequence[Grid | CurvedGrid], area: Path
) -> list[list[Call]]:
    """List the calls that compute what is not kept yet; nothing is made of it."""
    missing = [(i, block) for i, block in enumerate(plan.blocks) if not block.is_kept]
    if len(missing) == 1:
        ((_, block),) = missing
        return [[_block_call(0, block, keep_block, (context, area, block))]]
    weights = [Call("the weights", prepare_weights, (context, grid, area)) for grid in grids]
    blocks = [_process_call(context, number, block) for number, block in missing]
    shared = _shared(plan)
    rest = [Call("what is kept", keep_shared, (context, shared))] if shared else []
    return [group for group in (weights, blocks, rest) if group]


def _shared(plan: Plan) -> tuple[SharedSteps, ...]:
    return tuple(
        SharedSteps(number, block.parts, block.keys, block.grid)
        for number, block in enumerate(plan.blocks)
        if block.parts > 1 and block.part == 0 and block.keys
    )


def _process_call(context: AttemptContext, number: int, block: Block) -> Call:
    return _block_call(number, block, process_block, (context, number, block))


def _block_call(
    number: int, block: Block, function: Callable[..., None], args: tuple[Any, ...]
) -> Call:
    names = [source.path.name for source in block.sources]
    return Call(
        names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}",
        function,
        args,
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
    return MapMetadata(
        variable=name,
        attributes=tuple(map_attributes(name, header, options, conversion).items()),
        title=header.title,
        daily=plan.asked.times.is_daily,
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

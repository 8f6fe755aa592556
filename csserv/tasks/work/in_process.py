"""Computes a request in this process: no log and no workers, but the same plan and numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cftime
from threadpoolctl import threadpool_limits

from csserv.catalog import CatalogEntry
from csserv.catalog.read.grid import Floats
from csserv.catalog.timeline.timeline import Timeline
from csserv.outputs.map_cells import Layers
from csserv.outputs.series import Series
from csserv.request import Request
from csserv.tasks.plan.blocks import Block, Plan, plan_blocks
from csserv.tasks.plan.index_plan import plan_index, series_options
from csserv.tasks.work.asked_series import asked_series
from csserv.tasks.work.block_reducer import BlockReducer
from csserv.tasks.work.indexed_series import index_of
from csserv.zonal.cells import cell_store
from csserv.zonal.conversion import Conversion, convert_each, find_conversion
from csserv.zonal.operations import Operation, operations
from csserv.zonal.statistics import Arrays
from csserv.zonal.weights import Weights, zone_weights
from csserv.zonal.zone_values import ZoneValues, finish_values, join_parts, join_selections

#: takes the maps of the steps of a block, (rows, columns) of the window of the weights
OnMaps = Callable[[Block, Weights, Layers], None]


@dataclass(frozen=True, eq=False)
class ComputedSeries:
    """The computed series of a request, and how it was computed.

    Attributes
    ----------
    on_grid : (zones,) share of each zone that lies on the grid [1]
    units : of each operation; of an index, where one is computed of the series
    """

    series: Series
    on_grid: Floats
    plan: Plan
    conversions: tuple[Conversion, ...]
    units: tuple[str, ...]


def plan_request(
    entry: CatalogEntry, timeline: Timeline, request: Request, wanted: Sequence[Operation]
) -> tuple[Plan, tuple[Conversion, ...]]:
    """Divide a request into blocks, as a runner does, and work out the units of its result."""
    options = series_options(request.options)
    found = tuple(find_conversion(entry, timeline, options, one) for one in wanted)
    plan = plan_blocks(
        timeline, request.period, request.area, request.options, found[0].rule, wanted
    )
    return plan, found


def compute_series(
    entry: CatalogEntry, timeline: Timeline, request: Request, on_maps: OnMaps | None = None
) -> ComputedSeries:
    """Compute a request.

    Parameters
    ----------
    timeline : the steps of the period
    on_maps : gets the maps of an export of cells, block after block in the order of time

    Raises
    ------
    InvalidRequestError : the request does not suit the data
    GranuleError : a file is unreadable
    """
    # workers have one thread, and several sum in another order: verify found 34 of 40 numbers of
    # an untouched result "not identical", by 1.8e-15
    with threadpool_limits(1, user_api="blas"):
        return _compute(entry, timeline, request, on_maps)


def compute_sample(
    entry: CatalogEntry, timeline: Timeline, request: Request, place: int
) -> list[tuple[int, cftime.datetime, float]]:
    """Compute what a step of a request against a reference is compared with.

    Parameters
    ----------
    request : of one operation, and of one series
    place : of the step among those that are asked for

    Returns
    -------
    sample : year of the reference, time and value of each step, in time order; NaN without data
    """
    with threadpool_limits(1, user_api="blas"):
        whole, plan, conversions, _ = _zone_values(entry, timeline, request, None)
    values = convert_each(conversions, whole.values)[0][:, 0]
    found, out = plan.comparison, request.options.own_year == "out"
    assert found is not None  # noqa: S101 - the request has a reference
    pairs = zip(found.samples[place].tolist(), found.years[place].tolist(), strict=True)
    own = int(found.asked_years[place])
    used = sorted((year, n) for n, year in pairs if n >= 0 and not (out and year == own))
    return [(year, plan.steps.times[n], float(values[n])) for year, n in used]


def _zone_values(
    entry: CatalogEntry, timeline: Timeline, request: Request, on_maps: OnMaps | None
) -> tuple[ZoneValues, Plan, tuple[Conversion, ...], dict[Any, Weights]]:
    """Read and reduce all steps of a request, those of its reference among them."""
    wanted = tuple(operations(request.operation).values())
    plan, conversions = plan_request(entry, timeline, request, wanted)
    grids = dict.fromkeys(block.grid for block in plan.blocks)
    weights = {grid: zone_weights(grid, request.area, request.options.weighting) for grid in grids}
    entry.headers.wait_for(source.path for block in plan.blocks for source in block.sources)
    found = []
    for shared in blocks_by_steps(plan.blocks):
        mine = weights[shared[0].grid]
        parts = [reduce_block(block, mine, wanted, on_maps) for block in shared]
        kept = join_parts(parts, wanted, shared[0].decoding)
        found.append(finish_values(kept, mine, wanted))
    return join_selections(found, len(plan.selections)), plan, conversions, weights


def _compute(
    entry: CatalogEntry, timeline: Timeline, request: Request, on_maps: OnMaps | None
) -> ComputedSeries:
    whole, plan, conversions, weights = _zone_values(entry, timeline, request, on_maps)
    series = asked_series(
        whole,
        conversions,
        plan.comparison,
        request.options.own_year,
        times=plan.asked.times,
        zones=tuple((zone.id, zone.name) for zone in request.area.zones),
        complete=tuple(step.complete for step in plan.asked.longer),
        names=tuple(operations(request.operation)),
        selections=[one.shown for one in plan.selections],
    )
    units = tuple(one.units for one in conversions)
    if index := plan_index(timeline, request.period, request.options, units):
        found_index = index_of(series, index, {"units": units[0]})
        series, units = found_index.series, (found_index.document["units"],)
    on_grid = weights[plan.blocks[0].grid].on_grid
    return ComputedSeries(series, on_grid, plan, conversions, units)


def reduce_block(
    block: Block,
    weights: Weights,
    wanted: Sequence[Operation],
    on_maps: OnMaps | None = None,
) -> Arrays:
    """Read and reduce a block; what it returns lacks the block's decoding."""
    with cell_store(Path(tempfile.gettempdir())) as store:
        reducer = BlockReducer(block, weights, wanted, store, lambda share: None)
        kept = reducer.run()
        if on_maps:
            on_maps(block, weights, reducer.maps())
        return kept


def blocks_by_steps(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Yield together the blocks that share the same steps by place."""
    first = 0
    while first < len(blocks):
        yield blocks[first : first + blocks[first].parts]
        first += blocks[first].parts

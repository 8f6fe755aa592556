"""Computes a request in this process: no log and no workers, but the same plan and numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from csserv.catalog import CatalogEntry
from csserv.catalog.read.grid import Floats
from csserv.catalog.timeline import Timeline
from csserv.outputs.series import Series
from csserv.request import Request
from csserv.tasks.plan.blocks import Block, Plan, plan_blocks
from csserv.tasks.work.block_reducer import BlockReducer
from csserv.zonal.cells import cell_store
from csserv.zonal.conversion import Conversion, find_conversion
from csserv.zonal.operations import Operation, finish_values, join_parts, operation
from csserv.zonal.statistics import Arrays
from csserv.zonal.weights import Weights, zone_weights


@dataclass(frozen=True, eq=False)
class ComputedSeries:
    """The computed series of a request, and how it was computed.

    Attributes
    ----------
    on_grid : (zones,) share of each zone that lies on the grid [1]
    """

    series: Series
    on_grid: Floats
    plan: Plan
    conversion: Conversion


def plan_request(
    entry: CatalogEntry, timeline: Timeline, request: Request, wanted: Operation
) -> tuple[Plan, Conversion]:
    """Divide a request into blocks, as a runner does, and work out the units of its result."""
    conversion = find_conversion(entry, timeline, request.options, wanted)
    plan = plan_blocks(
        timeline, request.period, request.area, request.options, conversion.rule, wanted
    )
    return plan, conversion


def compute_series(entry: CatalogEntry, timeline: Timeline, request: Request) -> ComputedSeries:
    """Compute a request.

    Parameters
    ----------
    timeline : the steps of the period

    Raises
    ------
    InvalidRequestError : the request does not suit the data
    GranuleError : a file is unreadable
    """
    wanted = operation(request.operation)
    plan, conversion = plan_request(entry, timeline, request, wanted)
    grids = dict.fromkeys(block.grid for block in plan.blocks)
    weights = {grid: zone_weights(grid, request.area, request.options.weighting) for grid in grids}
    values, percent = [], []
    for shared in blocks_by_steps(plan.blocks):
        mine = weights[shared[0].grid]
        kept = join_parts([reduce_block(block, mine, wanted) for block in shared], wanted)
        found = finish_values(kept, mine, wanted)
        values.append(found[0] * conversion.scale + conversion.offset)
        percent.append(found[1])
    series = Series(
        times=plan.times,
        zones=tuple((zone.id, zone.name) for zone in request.area.zones),
        values=np.concatenate(values),
        percent=np.concatenate(percent),
    )
    return ComputedSeries(series, weights[plan.blocks[0].grid].on_grid, plan, conversion)


def reduce_block(block: Block, weights: Weights, wanted: Operation) -> Arrays:
    """Read and reduce a block."""
    with cell_store(Path(tempfile.gettempdir())) as store:
        return BlockReducer(block, weights, wanted, store, lambda share: None).run()


def blocks_by_steps(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Yield together the blocks that share the same steps by place."""
    first = 0
    while first < len(blocks):
        yield blocks[first : first + blocks[first].parts]
        first += blocks[first].parts

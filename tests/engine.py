"""Answers without a server: the same plan, blocks and numbers, in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from csserv.catalog import Granule
from csserv.catalog.timeline.steps_of_files import lay_timeline
from csserv.request import Area, Options, Period
from csserv.tasks.plan.blocks import Block, Plan, plan_blocks
from csserv.tasks.work.block_reducer import BlockReducer
from csserv.zonal.cells import cell_store
from csserv.zonal.operations import operation
from csserv.zonal.weights import zone_weights
from csserv.zonal.zone_values import ZoneValues, finish_values, join_parts


def plan_of(
    granules: Sequence[Granule],
    area: Area,
    name: str,
    period: str = "2019",
    options: Options | None = None,
    rule: str = "mean",
) -> Plan:
    wanted = [operation(name)]
    pairs = [(granule, granule.header()) for granule in granules]
    asked = Period.parse(period)
    timeline = lay_timeline(pairs).within(asked)
    return plan_blocks(timeline, asked, area, options or Options(), rule, wanted)


def answer(
    granules: Sequence[Granule],
    area: Area,
    name: str,
    period: str = "2019",
    options: Options | None = None,
    rule: str = "mean",
    change: Callable[[Block], Block] = lambda block: block,
) -> tuple[np.ndarray, np.ndarray]:
    """Values and per cent valid, ``(steps, zones)`` each; ``change`` is done to each block."""
    options = options or Options()
    wanted = [operation(name)]
    plan = plan_of(granules, area, name, period, options, rule)
    found = []
    kept = []
    for block in map(change, plan.blocks):
        weights = zone_weights(block.grid, area, options.weighting)
        with cell_store(Path(tempfile.gettempdir())) as store:
            kept.append(BlockReducer(block, weights, wanted, store, lambda share: None).run())
        if block.part == block.parts - 1:
            found.append(finish_values(join_parts(kept, wanted, block.decoding), weights, wanted))
            kept = []
    whole = ZoneValues.joined(found)
    return whole.values[0], whole.percent

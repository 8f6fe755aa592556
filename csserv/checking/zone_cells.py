"""Reads the cells of one zone at one step, as they are before they are summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.checking.cell_contributions import ZoneCells
from csserv.request import Request
from csserv.tasks.plan.blocks import Block
from csserv.tasks.work.in_process import reduce_block
from csserv.zonal.band import Band
from csserv.zonal.definitions import mean
from csserv.zonal.operations import Operation
from csserv.zonal.statistics import Arrays, MissingMask
from csserv.zonal.weights import zone_weights
from csserv.zonal.zone_values import join_parts


def read_cells(shared: Sequence[Block], step: int, request: Request) -> ZoneCells:
    """Read the cells of a request with one zone, at one step.

    Parameters
    ----------
    shared : the blocks that share the step by place
    step : index of the step in the blocks
    """
    weights = zone_weights(shared[0].grid, request.area, request.options.weighting)
    window, grid = weights.window, weights.grid
    keep = Operation("", _StepCells(step, window.rows * window.columns), mean)
    parts = [reduce_block(block, weights, [keep]) for block in shared]
    kept = join_parts(parts, [keep], shared[0].decoding)
    field = kept["0.cells"][0].reshape(window.rows, window.columns)
    number, row, column = weights.cells()
    lat, lon = grid.lat(window), grid.lon(window)
    if lat.ndim == 1:
        lat, lon = np.broadcast_arrays(lat[:, None], lon[None])
    return ZoneCells(
        lon=lon[row, column],
        lat=lat[row, column],
        values=field[row, column],
        area=weights.spans["area"][number],
        coverage=weights.spans["coverage"][number],
        by_area=weights.by_area,
        on_grid=float(weights.on_grid[0]),
        size=(grid.dlon, grid.dlat),
    )


@dataclass(frozen=True)
class _StepCells:
    """A statistic that keeps the cells of one step as they are; NaN where missing."""

    step: int
    cells: int  #: number of cells in the window of the weights
    by_zone = False

    def start(self, steps: int, zones: int) -> Arrays:
        """Return an array without data."""
        return {"cells": np.full((1, self.cells), np.nan)}

    def add(
        self, kept: Arrays, steps: slice, band: Band, numbers: Any, missing: MissingMask
    ) -> None:
        """Store the cells of a band, if it holds the step."""
        if not steps.start <= self.step < steps.stop:
            return
        row = self.step - steps.start
        values = numbers[row].astype(np.float64)
        if missing is not None:
            values[missing[row]] = np.nan
        inside = band.coverage > 0
        kept["cells"][0, band.place[inside]] = values[inside]

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        """Take from each part the cells that it has."""
        cells = np.where(np.isnan(one["cells"]), other["cells"], one["cells"])
        return {"cells": cells}

    def decode(self, kept: Arrays, scale: Floats, offset: Floats) -> Arrays:
        """Turn stored numbers into values."""
        own = min(self.step, len(scale) - 1)
        return {"cells": kept["cells"] * scale[own] + offset[own]}

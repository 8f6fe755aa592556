"""What stands behind one number: the cells, how much each counts, and the file it was read from."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from csserv.catalog import Catalog
from csserv.catalog.grid import Floats
from csserv.checking.contribution import Cells, contributions
from csserv.checking.receipt import find_step, find_zone, request_of
from csserv.errors import GranuleError
from csserv.outputs import Result
from csserv.outputs.series import iso
from csserv.request import Area
from csserv.tasks.blocks import Block, Plan
from csserv.tasks.inline import gather, groups, plan_request
from csserv.zonal.meaning import RULES, meaning_of
from csserv.zonal.operations import OPERATIONS, Operation, joined, operation
from csserv.zonal.statistics import Arrays, Missing
from csserv.zonal.tiles import Band
from csserv.zonal.weights import Weights, zone_weights

#: cells and their sum may differ so much by rounding [1]
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Explanation:
    """The cells behind one number of a result.

    Attributes
    ----------
    zone, time : name of the zone, and the step as the result writes it
    value : the number as the result has it, None without data
    units : of the value and of the contributions
    cells : a row a cell that touches the zone, with ``lon``, ``lat`` of its centre [degrees],
        ``weight`` (see ``weight_is``), ``value`` (``cell_units``), NaN where missing, and
        ``contribution``; these add up to the value
    weight_is : what the weights are: covered area [km2], or covered share of the cell [1]
    cell_units, cells_are : units of the cells; how steps of the data became one, where they did
    files : names of the files that the step was read from
    """

    zone: str
    time: str
    operation: str
    value: float | None
    units: str
    cells: pd.DataFrame
    weight_is: str
    cell_units: str
    cells_are: str
    files: tuple[str, ...]

    def __str__(self) -> str:
        number = "no data" if self.value is None else f"{self.value:g} {self.units}"
        files = self.files[0] if len(self.files) == 1 else f"{len(self.files)} files"
        return (
            f"{self.operation} of {self.zone}, {self.time}: {number}, of {len(self.cells)} cells "
            f"in {self.cell_units} ({self.cells_are}); weight: {self.weight_is}; from {files}"
        )

    def _repr_html_(self) -> str:
        table = self.cells.to_html(max_rows=12, index=False)
        files = html.escape(", ".join(self.files))
        return f"<p title='{files}'>{html.escape(str(self))}</p>{table}"


def explain(result: Result, catalog: Catalog, date: Any, zone: str | None = None) -> Explanation:
    """Read the cells behind one number of a result again.

    Parameters
    ----------
    date : a step of the result, or a day that lies in one: ``"2019-03-07"``, a date, …
    zone : name or id; may be left out where there is but one

    Raises
    ------
    InvalidRequestError : no such step or zone; says what there is
    GranuleError : a file is gone, or the data have changed since
    """
    number = find_zone(result, zone)
    series = result.json["series"][number]
    step = find_step(result, series["time"], date)
    shape = result.area.zones[number]
    request = request_of(result, Area((shape,), shape.name))
    entry = catalog[request.dataset]
    granules = entry.covering(request.period)
    wanted = operation(request.operation)
    plan, meaning = plan_request(entry, granules, request, wanted)
    times = [iso(time) for time in plan.times]
    if series["time"][step] not in times:
        raise GranuleError(f"the files hold no {series['time'][step]} any more")
    place = times.index(series["time"][step])
    shared = next(g for g in groups(plan.blocks) if g[0].first <= place < g[0].first + g[0].steps)
    weights = zone_weights(shared[0].grid, request.area, request.options.weighting)
    cells = _cells(shared, place - shared[0].first, weights)
    found = contributions(cells, wanted, meaning)
    _check(found.contribution, series["value"][step], f"{shape.name}, {series['time'][step]}")
    own = replace(request.options, units="")
    plain = meaning_of(entry, granules[0][1], own, OPERATIONS["mean"])
    table = {
        "lon": cells.lon,
        "lat": cells.lat,
        "weight": found.weight,
        "value": cells.values * plain.scale,
        "contribution": found.contribution,
    }
    return Explanation(
        zone=shape.name,
        time=series["time"][step],
        operation=request.operation,
        value=series["value"][step],
        units=meaning.units,
        cells=pd.DataFrame(table),
        weight_is=found.weight_is,
        cell_units=plain.units,
        cells_are=RULES[meaning.rule] if plan.longer else "as the data have them",
        files=_files(plan, shared[0], place),
    )


@dataclass(frozen=True)
class _Keep:
    """Keeps the cells of one step of a block as they are; NaN where missing."""

    step: int
    cells: int  #: of the window of the weights

    def start(self, steps: int, zones: int) -> Arrays:
        return {"cells": np.full((1, self.cells), np.nan)}

    def add(self, kept: Arrays, steps: slice, band: Band, numbers: Any, missing: Missing) -> None:
        if not steps.start <= self.step < steps.stop:
            return
        row = self.step - steps.start
        values = numbers[row].astype(np.float64)
        if missing is not None:
            values[missing[row]] = np.nan
        inside = band.coverage > 0
        kept["cells"][0, band.place[inside]] = values[inside]

    def join(self, one: Arrays, other: Arrays) -> Arrays:
        cells = np.where(np.isnan(one["cells"]), other["cells"], one["cells"])
        return {"cells": cells}

    def decode(self, kept: Arrays, scale: float, offset: float) -> Arrays:
        return {"cells": kept["cells"] * scale + offset}


def _cells(shared: Sequence[Block], step: int, weights: Weights) -> Cells:
    """Read the cells of one step of the blocks that share it."""
    window, grid = weights.window, weights.grid
    keep = Operation("", _Keep(step, window.rows * window.columns), _kept_cells)
    kept = joined([gather(block, weights, keep) for block in shared], keep)
    field = keep.finish(kept)[0].reshape(window.rows, window.columns)
    number, row, column = weights.cells()
    lat, lon = grid.lat(window), grid.lon(window)
    if lat.ndim == 1:
        lat, lon = np.broadcast_arrays(lat[:, None], lon[None])
    return Cells(
        lon=lon[row, column],
        lat=lat[row, column],
        values=field[row, column],
        area=weights.spans["area"][number],
        coverage=weights.spans["coverage"][number],
        by_area=weights.by_area,
        on_grid=float(weights.on_grid[0]),
    )


def _kept_cells(kept: Mapping[str, Floats]) -> Floats:
    return np.asarray(kept["cells"])


def _files(plan: Plan, block: Block, step: int) -> tuple[str, ...]:
    """Name the files that hold the data's steps of one step of the answer."""
    first = plan.longer[block.first].run.start if plan.longer else block.first
    run = plan.longer[step].run if plan.longer else range(step, step + 1)
    names = []
    for source in block.sources:
        last = first + len(source.steps)
        if first < run.stop and last > run.start:
            names.append(source.path.name)
        first = last
    return tuple(names)


def _check(found: Floats, value: float | None, what: str) -> None:
    """See that the cells give the number of the result."""
    total = float(found.sum())
    near = ROUNDING * float(np.abs(found).sum()) + ROUNDING
    if abs(total - (value or 0.0)) > near:
        raise GranuleError(
            f"{what}: the cells give {total:g}, the result has {value}; the data have changed "
            "since (verify says what)"
        )

"""Explains one number of a result: the cells behind it, their weights, and the files read."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from shapely.geometry.base import BaseGeometry

from csserv.catalog import Catalog
from csserv.checking.cell_contributions import contributions
from csserv.checking.cell_map import draw_cells
from csserv.checking.index_explanation import IndexExplanation, explain_index
from csserv.checking.normal_explanation import NormalExplanation, explain_normal
from csserv.checking.stored_request import request_in
from csserv.checking.zone_cells import read_cells
from csserv.errors import GranuleError
from csserv.outputs import Result
from csserv.outputs.further_dimensions import choose_coordinates, selection_texts, taken
from csserv.outputs.lookup import find_step, find_zone
from csserv.outputs.series import iso
from csserv.outputs.several_operations import choose_operation
from csserv.request import Area
from csserv.tasks.plan.blocks import Block, Plan
from csserv.tasks.plan.compared_steps import without_reference
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import blocks_by_steps, plan_request
from csserv.units import with_units
from csserv.zonal.conversion import RULES, find_conversion
from csserv.zonal.operations import OPERATIONS, operations


@dataclass(frozen=True, eq=False)
class Explanation:
    """The cells behind one number of a result.

    Attributes
    ----------
    zone, time : name of the zone, with the coordinates that were chosen; and the step as the result
        writes it
    value : the number in the result; None without data
    units : of the value and of the contributions
    cells : one row for each cell that touches the zone: ``lon``, ``lat`` of its centre [degrees],
        ``weight`` (see ``weight_is``), ``value`` [``cell_units``], NaN where missing, and
        ``contribution`` [``units``]; the contributions add up to ``value``
    weight_is : what the weights are: covered area [km2], or covered share of the cell [1]
    cell_units : units of the cells
    cells_are : in words, how the values follow from the data's steps
    files : names of the files that the step was read from
    shape : geometry of the zone
    cell_size : (width, height) of a cell; the mean where sizes differ [degrees]
    normal : what it is compared with, and which steps of other years that is made of; None if with
        nothing
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
    shape: BaseGeometry
    cell_size: tuple[float, float]
    normal: NormalExplanation | None = None

    def __str__(self) -> str:
        number = "no data" if self.value is None else with_units(f"{self.value:g}", self.units)
        files = self.files[0] if len(self.files) == 1 else f"{len(self.files)} files"
        return (
            f"{self.operation} of {self.zone}, {self.time}: {number}, of {len(self.cells)} cells "
            f"in {self.cell_units} ({self.cells_are}); weight: {self.weight_is}; from {files}"
            + (f"; {self.normal}" if self.normal else "")
        )

    def _repr_html_(self) -> str:
        table = self.cells.to_html(max_rows=12, index=False)
        files = html.escape(", ".join(self.files))
        picture = draw_cells(self.cells, self.cell_size, self.shape, self.cell_units)
        beside = self.normal.sample.to_html(max_rows=12, index=False) if self.normal else ""
        return (
            f"<p title='{files}'>{html.escape(str(self))}</p>"
            "<div style='display:flex;flex-wrap:wrap;gap:24px;align-items:flex-start'>"
            f"<div>{table}</div>{picture}<div>{beside}</div></div>"
        )


def explain(
    result: Result,
    catalog: Catalog,
    date: Any,
    zone: str | None = None,
    operation: str | None = None,
    select: Mapping[str, Any] | None = None,
) -> Explanation | IndexExplanation:
    """Read the cells behind one number of a result once more; behind an index, its series.

    Parameters
    ----------
    date : a step of the result, or a day that lies in one: ``"2019-03-07"``, a date, …
    zone : name or id; needed only if there are several
    operation : of several, the first if None
    select : coordinate of each dimension of which the result has several: ``{"member": 3}``

    Raises
    ------
    InvalidRequestError : no such step, zone, operation or coordinate; says what there is
    GranuleError : a file is gone, or the data have changed since
    """
    plain = choose_coordinates(choose_operation(result.json, operation), select)
    number = find_zone(plain, zone)
    series = plain["series"][number]
    step = find_step(plain, date)
    shape = result.area.zones[number]
    request = request_in(plain, Area((shape,), shape.name))
    if request.options.index:
        return explain_index(result.json, plain, catalog, request, (number, step))
    entry = catalog[request.dataset]
    every = entry.timeline_for(request.period, request.options)
    normal = None
    if request.options.against:
        _, whole = steps_to_read(entry, request.period, request.options)
        normal = explain_normal(plain, entry, whole, request, (number, step))
    request = without_reference(every, request)
    _, timeline = steps_to_read(entry, request.period, request.options)
    (wanted,) = operations(request.operation).values()
    plan, (conversion,) = plan_request(entry, timeline, request, [wanted])
    time, value = series["time"][step], series["value"][step]
    place = _place(plan, time)
    shared = next(
        g for g in blocks_by_steps(plan.blocks) if g[0].first <= place < g[0].first + g[0].steps
    )
    entry.headers.wait_for(source.path for block in shared for source in block.sources)
    cells = read_cells(shared, place - shared[0].first, request)
    found = contributions(cells, wanted, conversion)
    if abs(found.contribution.sum() - (value or 0.0)) > found.rounding:
        raise GranuleError(
            f"{shape.name}, {time}: the cells give {found.contribution.sum():g}, the result has "
            f"{value}; the data have changed since (verify says what)"
        )
    own = replace(request.options, units="")
    of_cells = find_conversion(entry, timeline, own, OPERATIONS["mean"])
    table = {
        "lon": cells.lon,
        "lat": cells.lat,
        "weight": found.weight,
        "value": cells.values * of_cells.scale,
        "contribution": found.contribution,
    }
    return Explanation(
        zone=", ".join([shape.name, *selection_texts(taken(result.json, plain))]),
        time=time,
        operation=request.operation,
        value=value,
        units=conversion.units,
        cells=pd.DataFrame(table),
        weight_is=found.weight_is,
        cell_units=of_cells.units,
        cells_are=RULES[conversion.rule] if plan.steps.longer else "as the data have them",
        files=_files(plan, shared[0], place),
        shape=shape.geometry,
        cell_size=cells.size,
        normal=normal,
    )


def _place(plan: Plan, time: str) -> int:
    """Find the index of a step among those that the files have now."""
    times = [iso(one) for one in plan.steps.times]
    if time not in times:
        raise GranuleError(f"the files hold no {time} any more")
    return times.index(time)


def _files(plan: Plan, block: Block, step: int) -> tuple[str, ...]:
    """Name the files that hold the data's steps of one step of the result."""
    longer = plan.steps.longer
    first = longer[block.first].run.start if longer else block.first
    run = longer[step].run if longer else range(step, step + 1)
    names = []
    for source in block.sources:
        last = first + len(source.steps)
        if first < run.stop and last > run.start:
            names.append(source.path.name)
        first = last
    return tuple(names)

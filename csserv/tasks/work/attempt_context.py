"""The arguments that the calls of one attempt at a task share; they are sent to workers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.climatology.comparison import Comparison
from csserv.outputs.map_cells import Cells
from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.outputs.netcdf.step_times import StepTimes
from csserv.tasks.kept.kept_lookup import Keeping
from csserv.tasks.log.task import Task
from csserv.tasks.plan.index_plan import IndexPlan
from csserv.zonal.conversion import Conversion
from csserv.zonal.operations import Operation, operations
from csserv.zonal.weights import Weights


@dataclass(frozen=True)
class AttemptContext:
    """What all calls of one attempt at a task have in common."""

    task: str
    attempt: int
    operation: str
    weighting: str
    work: Path  #: folder of this attempt, which all workers can reach
    results: Path  #: folder of all results
    cells: MapMetadata  #: units and attributes of the maps of an export
    selections: int = 1  #: of further dimensions; each zone has a series of each
    compares: bool = False  #: whether its maps are compared with others, and so written raw
    request_id: str = ""  #: of the call that submitted the task, as logs name it
    keeping: Keeping | None = None  #: which kept numbers may be used; None for none

    @classmethod
    def without_result(cls, task: Task, operation: str, home: Path) -> Self:
        """Return that of a task that works on files of data, and make its work folder."""
        context = cls(
            task=task.id,
            attempt=task.attempt,
            operation=operation,
            weighting="",
            work=home / "work" / f"{task.id}.{task.attempt}",
            results=home / "results",
            cells=MapMetadata("", (), "", daily=True, scale=1.0, offset=0.0),
            request_id=task.request_id,
        )
        context.work.mkdir(parents=True, exist_ok=True)
        return context

    @property
    def operations(self) -> dict[str, Operation]:
        """The operations by name, in the order asked for."""
        return operations(self.operation)

    @property
    def parts(self) -> Path:
        """Folder of the blocks' results."""
        return self.work / "parts"

    def weights(self, grid: Grid | CurvedGrid) -> Path:
        """Path of the weights on a grid."""
        return self.work / f"weights-{hashlib.sha256(repr(grid).encode()).hexdigest()[:16]}.npz"

    def part(self, number: int) -> Path:
        """Path of a block's result."""
        return self.parts / f"{number:06}.npz"


@dataclass(frozen=True)
class MapMetadata:
    """Units and attributes of the maps of an export."""

    variable: str
    attributes: tuple[tuple[str, str], ...]
    title: str
    daily: bool  #: whether no day has more than one step
    scale: float
    offset: float

    def with_grid(self, weights: Weights) -> Cells:
        """Add the grid of the weights' window."""
        grid, window = weights.grid, weights.window
        return Cells(
            lat=grid.lat(window),
            lon=grid.lon(window),
            dlat=grid.dlat,
            dlon=grid.dlon,
            variable=self.variable,
            attributes=dict(self.attributes),
            title=self.title,
            daily=self.daily,
            scale=self.scale,
            offset=self.offset,
        )


@dataclass(frozen=True, eq=False)
class SharedSteps:
    """Steps that several blocks compute, each of other cells, and that are kept together.

    Attributes
    ----------
    first, parts : number of the first block, and how many there are
    keys : by which the steps are kept
    """

    first: int
    parts: int
    keys: bytes
    grid: Grid | CurvedGrid


@dataclass(frozen=True, eq=False)
class AssemblyPlan:
    """What ``assemble`` needs besides the results of the blocks."""

    #: runs of steps in time order, each for all selections of further dimensions: number of the
    #: first block, and how many blocks share the steps of a selection
    segments: tuple[tuple[int, int], ...]
    grids: tuple[Grid | CurvedGrid, ...]  #: of each segment
    shared: tuple[SharedSteps, ...]  #: of segments whose steps several blocks share
    times: StepTimes  #: of the steps of the result
    intervals: StepIntervals | None  #: of these steps; None where they are not known
    document: dict[str, Any]  #: request, zones, dataset, granules, start
    conversions: tuple[Conversion, ...]  #: of each operation, to the units of the document
    index: IndexPlan | None = None  #: that is computed of all steps
    comparison: Comparison | None = None  #: which steps of the blocks are those of the result

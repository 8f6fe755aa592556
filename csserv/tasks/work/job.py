"""What the calls of a task are given: values that travel to workers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cftime

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.outputs.export import Cells
from csserv.zonal.weights import Weights


@dataclass(frozen=True)
class Job:
    """What the blocks of one attempt at a task have in common."""

    task: str
    attempt: int
    operation: str
    weighting: str
    work: Path  #: folder of this attempt, shared by all workers
    results: Path  #: folder of all results
    cells: CellsNote  #: what the maps of an export are

    @property
    def parts(self) -> Path:
        """Folder of what the blocks leave."""
        return self.work / "parts"

    def weights(self, grid: Grid | CurvedGrid) -> Path:
        """File of the weights on a grid."""
        return self.work / f"weights-{hashlib.sha256(repr(grid).encode()).hexdigest()[:16]}.npz"

    def part(self, number: int) -> Path:
        """File of what a block leaves."""
        return self.parts / f"{number:06}.npz"


@dataclass(frozen=True)
class CellsNote:
    """What an export says of its maps, beside where their cells are."""

    variable: str
    attributes: tuple[tuple[str, str], ...]
    title: str
    daily: bool  #: whether no day has two steps
    scale: float
    offset: float

    def on(self, weights: Weights) -> Cells:
        """Describe the cells of the window of some weights."""
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
class Answer:
    """What the assembling needs beside the parts of the blocks."""

    segments: tuple[
        tuple[int, int], ...
    ]  #: first block behind each other in time, and how many share it
    grids: tuple[Grid | CurvedGrid, ...]  #: of each of them
    times: tuple[cftime.datetime, ...]
    document: dict[str, Any]  #: request, zones, dataset, granules, start
    scale: float  #: brings values to the units of the document
    offset: float

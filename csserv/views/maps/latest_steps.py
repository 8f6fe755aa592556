"""The latest steps of a dataset, read one by one for an animation."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog import CatalogEntry, Granule, Header, Window
from csserv.catalog.header_store.known_headers import Headers
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.times.calendar_units import to_dates
from csserv.errors import EmptySelectionError

Bounds = tuple[float, float, float, float]

#: number of steps
MOST_STEPS = 30

#: cells of a step are thinned out to about this number
MOST_CELLS = 250_000

#: about this number of cells is in memory at once while a step is read
MOST_READ = 4_000_000


@dataclass(eq=False)
class LatestSteps:
    """The latest steps of a dataset; a ``csserv.views.maps.player.Frames``.

    Attributes
    ----------
    first_column : column of the grid that lies furthest west on the map
    selected : the coordinate shown of each further dimension
    """

    bounds: Bounds
    first_column: int
    units: str
    steps: tuple[tuple[Granule, Header, int, cftime.datetime], ...]
    selected: dict[str, str]
    headers: Headers

    @classmethod
    def of(cls, entry: CatalogEntry, count: int = MOST_STEPS) -> LatestSteps:
        """Find the latest steps of a dataset that have the grid of the last one.

        Raises
        ------
        EmptySelectionError : it has no files here, or a curved grid
        """
        timeline = entry.timeline()
        every = timeline.granules
        grid = every[-1][1].grid
        if isinstance(grid, CurvedGrid):
            raise EmptySelectionError("there is no preview of grids whose rows are no parallels")
        found: list[tuple[Granule, Header, int, cftime.datetime]] = []
        for stretch in reversed(timeline.stretches):
            if len(found) < count and stretch.header.grid == grid:
                last = stretch.number + len(stretch.steps)
                times = to_dates(timeline.start[stretch.number : last], timeline.calendar)
                places = zip(stretch.steps, times, strict=True)
                one = stretch.granule, stretch.header
                found += [(*one, number, time) for number, time in reversed(list(places))]
        further = {one.name: one.labels[0] for one in every[-1][1].further}
        units = every[-1][1].units or entry.units
        own = {name: str(value) for name, value in entry.select.items()}
        bounds, column = map_bounds(grid)
        latest = tuple(found[:count][::-1])
        return cls(bounds, column, units, latest, further | own, entry.headers)

    def __len__(self) -> int:
        """Count the steps."""
        return len(self.steps)

    def label(self, i: int) -> str:
        """Return the time of a step, UTC, and the selection of further dimensions."""
        *_, time = self.steps[i]
        which = "".join(f", {name} {label}" for name, label in self.selected.items())
        return f"{_when(time)}{which}"

    def values(self, i: int) -> NDArray[np.floating]:
        """Return a step: ``(row, column)``, row 0 north; NaN where missing.

        Raises
        ------
        GranuleError : the file is gone or damaged, or does not answer
        """
        granule, header, number, _ = self.steps[i]
        self.headers.wait_for([granule.path])
        rows, columns = header.grid.rows, header.grid.columns
        every = max(1, ceil(sqrt(rows * columns / MOST_CELLS)))
        stored = header.layout.chunk[1]
        band = stored * max(1, MOST_READ // columns // stored)
        parts = []
        for row in range(0, rows, band):
            window = Window(row, self.first_column, min(band, rows - row), columns)
            part = granule.read(range(number, number + 1), window, self.selected, header)[0]
            parts.append(part[-row % every :: every, ::every].astype(np.float32))
        return np.concatenate(parts)


def map_bounds(grid: Grid) -> tuple[Bounds, int]:
    """Return the bounds of a grid on a map from -180 degrees on, and its column furthest west."""
    west, south, east, north = grid.bounds
    column = round((-180.0 - west) / grid.dlon) % grid.columns if grid.is_cyclic else 0
    start = west + column * grid.dlon
    start -= 360.0 * round((start + 180.0) / 360.0) if grid.is_cyclic else _turn(start)
    return (start, south, start + east - west, north), column


def _turn(west: float) -> float:
    return float(360.0 * np.floor((west + 180.0) / 360.0))


def _when(time: cftime.datetime) -> str:
    day = f"{time.year:04}-{time.month:02}-{time.day:02}"
    return f"{day} {time.hour:02}:{time.minute:02} UTC" if time.hour or time.minute else day

"""The box that an archive is cut to, and the part of a grid that lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Self

import numpy as np

from csserv.catalog.read.grid import TURNS, Grid, Window
from csserv.errors import EmptySelectionError, InvalidRequestError

#: share of a cell by which an edge of a box may pass a line of the grid and still be on it
ON_LINE = 1e-6


@dataclass(frozen=True)
class Box:
    """Outer edges [degrees]; where west lies east of east, it goes over 180 degrees.

    Raises
    ------
    InvalidRequestError : edges off the globe, or in another order
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        edges = (self.west, self.south, self.east, self.north)
        right = all(map(isfinite, edges)) and -90 <= self.south < self.north <= 90
        if not right or not (-180 <= self.west <= 180 and -180 <= self.east <= 180):
            raise InvalidRequestError(
                f"a box of {', '.join(f'{one:g}' for one in edges)}; give west, south, east, north "
                "in degrees, such as 33 -5 42 6"
            )
        if self.west == self.east:
            raise InvalidRequestError(f"a box without width: west and east are {self.west:g}")

    @classmethod
    def of(cls, edges: Sequence[float]) -> Self:
        """Make it of west, south, east, north."""
        return cls(*map(float, edges))

    def __str__(self) -> str:
        return f"{self.west:g} {self.south:g} {self.east:g} {self.north:g}"

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.west, self.south, self.east, self.north

    def window(self, grid: Grid) -> Window:
        """Find the cells of a grid that touch the box.

        Raises
        ------
        EmptySelectionError : none does; says where the grid is
        """
        rows = _touched(-grid.row_lines, -self.north, -self.south)
        east = self.east + (360.0 if self.east < self.west else 0.0)
        columns = _columns(grid, self.west, east)
        if not rows or not columns:
            west, south, right, north = grid.bounds
            raise EmptySelectionError(
                f"the box {self} lies outside the data, which cover longitude {west:g} to "
                f"{right:g}, latitude {south:g} to {north:g}"
            )
        return Window(rows.start, columns.start, len(rows), len(columns))


def whole(grid: Grid) -> Window:
    """Return the window of all cells."""
    return Window(0, 0, grid.rows, grid.columns)


def _columns(grid: Grid, west: float, east: float) -> range:
    """Find columns from the west; round the globe they go on behind the last one."""
    if grid.is_cyclic:
        if east - west >= 360.0:
            return range(grid.columns)
        lines = grid.column_lines
        every = np.concatenate([lines + turn for turn in (-720.0, -360.0, 0.0, 360.0, 720.0)])
        every = np.unique(np.round(every, 9))
        found = _touched(every, west, east)
        begin = int(np.round((every[found.start] - lines[0]) / grid.dlon)) % grid.columns
        if grid.lon_edges:
            shifted = (every[found.start] - lines[0]) % 360.0 + lines[0]
            begin = int(np.argmin(np.abs(lines[:-1] - shifted)))
        return range(begin, begin + min(len(found), grid.columns))
    for turn in TURNS:
        if found := _touched(grid.column_lines, west + turn, east + turn):
            return found
    return range(0)


def _touched(lines: np.ndarray, low: float, high: float) -> range:
    """Find the cells between rising lines that a stretch touches by more than its edge."""
    slack = ON_LINE * float(np.diff(lines).min())
    first = int(np.searchsorted(lines, low + slack, side="right")) - 1
    last = int(np.searchsorted(lines, high - slack, side="left"))
    first, last = max(first, 0), min(last, len(lines) - 1)
    return range(first, last) if first < last else range(0)

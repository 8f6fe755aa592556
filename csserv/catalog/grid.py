"""The grid of a granule: evenly spaced longitude/latitude cells, row 0 in the north."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.errors import GranuleError

Floats = NDArray[np.float64]

#: mean radius of the Earth [km] (IUGG)
EARTH_RADIUS = 6371.0088

#: spacing may differ from even by this share of a cell: float32 coordinates do
UNEVEN = 0.01


@dataclass(frozen=True)
class Window:
    """A part of a grid: rows from the north, columns from the west, modulo the grid's columns."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Grid:
    """Evenly spaced cells [degrees]; ``north`` and ``west`` are the outer edges.

    ``west`` is as in the file, so it may lie anywhere in -360..360.
    """

    north: float
    west: float
    dlat: float
    dlon: float
    rows: int
    columns: int

    @classmethod
    def from_centres(cls, lat: Floats, lon: Floats) -> Self:
        """Build the grid from cell centres, in any order [degrees].

        Raises
        ------
        GranuleError : fewer than two rows or columns, or uneven spacing
        """
        _, north, dlat = _spacing(lat, "latitude")
        west, _, dlon = _spacing(np.unwrap(lon, period=360.0), "longitude")
        return cls(north + dlat / 2, west - dlon / 2, dlat, dlon, len(lat), len(lon))

    @property
    def is_cyclic(self) -> bool:
        """Whether the last column borders on the first."""
        return abs(self.columns * self.dlon - 360.0) < UNEVEN * self.dlon

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north edges [degrees], as in the file."""
        south = max(-90.0, self.north - self.rows * self.dlat)
        return self.west, south, self.west + self.columns * self.dlon, min(90.0, self.north)

    @cached_property
    def frame(self) -> BaseGeometry:
        """The outer edges, repeated each whole turn, so that any longitude finds them."""
        west, south, east, north = self.bounds
        if self.is_cyclic:
            west, east = west - 360.0, east + 360.0
        turns = (-720.0, -360.0, 0.0, 360.0, 720.0)
        return shapely.union_all([shapely.box(west + t, south, east + t, north) for t in turns])

    def lat_edges(self, window: Window) -> Floats:
        """``(rows + 1,)`` edges from north to south [degrees], cut at the poles."""
        steps = window.row + np.arange(window.rows + 1)
        return np.asarray(np.clip(self.north - self.dlat * steps, -90.0, 90.0), np.float64)

    def lat(self, window: Window) -> Floats:
        """``(rows,)`` cell centres from north to south [degrees]."""
        rows = window.row + 0.5 + np.arange(window.rows)
        return np.asarray(self.north - self.dlat * rows, np.float64)

    def lon(self, window: Window) -> Floats:
        """``(columns,)`` cell centres from west to east [degrees], the first in -180..180."""
        lon = self.west + self.dlon * (window.column + 0.5 + np.arange(window.columns))
        return np.asarray(lon - 360.0 * np.floor((lon[0] + 180.0) / 360.0), np.float64)

    def cell_areas(self, window: Window) -> Floats:
        """``(rows,)`` area of a cell in each row [km2], on the sphere."""
        edges = np.sin(np.deg2rad(self.lat_edges(window)))
        areas = EARTH_RADIUS**2 * np.deg2rad(self.dlon) * (edges[:-1] - edges[1:])
        return np.asarray(areas, np.float64)


def _spacing(centres: Floats, name: str) -> tuple[float, float, float]:
    if len(centres) < 2:
        raise GranuleError(f"the {name} has {len(centres)} values; a grid needs at least two")
    rising = centres if centres[0] < centres[-1] else centres[::-1]
    low, high = float(rising[0]), float(rising[-1])
    step = (high - low) / (len(rising) - 1)
    if step <= 0 or np.abs(np.linspace(low, high, len(rising)) - rising).max() > UNEVEN * step:
        raise GranuleError(f"the {name} is not evenly spaced; only regular grids are read")
    return _meant(rising, step)


def _meant(rising: Floats, step: float) -> tuple[float, float, float]:
    """Undo float32 rounding: 0.049999 meant 360/7200, where that fits every centre.

    Without it, an area drawn on the cell edges would touch a sliver of the next cells.
    """
    whole = 360.0 / max(1, round(360.0 / step))
    low = round(rising[0] / (whole / 2)) * whole / 2
    meant = low + whole * np.arange(len(rising))
    if np.abs(meant - rising).max() <= 2 * np.spacing(np.float32(np.abs(rising).max())):
        return low, float(meant[-1]), whole
    return float(rising[0]), float(rising[-1]), step

"""The grid of a file: cells between lines of latitude and longitude, with row 0 in the north."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.catalog.read.place.lines import UNEVEN, Axis, Lines, Moved, find_lines
from csserv.request.measures import EARTH_RADIUS

Floats = NDArray[np.float64]

#: shifts [degrees] that may bring the longitudes of a zone (-180..180) to those of a grid
TURNS = (-720.0, -360.0, 0.0, 360.0, 720.0)


@dataclass(frozen=True)
class Window:
    """A part of a grid: first row from the north, first column from the west, and their numbers.

    The columns may pass the last one of a grid round the globe, and go on with the first.
    """

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Grid:
    """Cells between lines of latitude and longitude.

    Where cell sizes differ (a Gaussian grid), the edges are given, and ``dlat`` and ``dlon`` are
    mean sizes.

    Attributes
    ----------
    north, west : outer edges [degrees]; ``west`` is as in the file, so it may lie in -360..360
    dlat, dlon : height and width of a cell [degrees]
    rows, columns : number of each
    """

    north: float
    west: float
    dlat: float
    dlon: float
    rows: int
    columns: int
    lat_edges: tuple[float, ...] = ()  #: (rows + 1,) from north to south; empty if cells are even
    lon_edges: tuple[float, ...] = ()  #: (columns + 1,) from west to east; empty if cells are even
    #: edges that were meant to be round, and so are taken for it
    moved: tuple[Moved, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def from_centres(
        cls,
        lat: Floats,
        lon: Floats,
        lat_bounds: Floats | None = None,
        lon_bounds: Floats | None = None,
        axes: tuple[Axis, Axis] = (Axis("latitude"), Axis("longitude")),
    ) -> Self:
        """Build the grid from cell centres.

        Parameters
        ----------
        lat, lon : (rows,) and (columns,) cell centres, rising or falling [degrees]
        lat_bounds, lon_bounds : (n, 2) edges of the cells, as CF files may give them; without
            them, edges lie midway between centres
        axes : what latitudes and longitudes are called, and how large a single cell is

        Raises
        ------
        GranuleError : centres that do not rise or fall, bounds that do not fit them, or a single
            row or column of unknown size
        """
        lon = np.unwrap(lon, period=360.0)
        if lon_bounds is not None:
            lon_bounds = _beside(lon, lon_bounds)
        of_rows, of_columns = (replace(axis, turn=360.0) for axis in axes)
        rows = find_lines(replace(of_rows, limits=(-90.0, 90.0)), lat, lat_bounds)
        return cls.from_lines(rows, find_lines(of_columns, lon, lon_bounds))

    @classmethod
    def from_lines(cls, rows: Lines, columns: Lines) -> Self:
        """Build the grid of the edges of its rows and columns [degrees]."""
        return cls(
            north=rows.high,
            west=columns.low,
            dlat=rows.step,
            dlon=columns.step,
            rows=rows.cells,
            columns=columns.cells,
            lat_edges=tuple(float(v) for v in np.clip(rows.edges[::-1], -90.0, 90.0)),
            lon_edges=columns.edges,
            moved=tuple(one.moved for one in (rows, columns) if one.moved),
        )

    @cached_property
    def is_even(self) -> bool:
        """Whether all cells have about the same size in degrees, as a GeoTIFF needs it."""
        return all(
            np.abs(np.linspace(lines[0], lines[-1], len(lines)) - lines).max() <= UNEVEN * step
            for lines, step in ((self.row_lines, self.dlat), (self.column_lines, self.dlon))
            if self.lat_edges or self.lon_edges
        )

    @property
    def is_cyclic(self) -> bool:
        """Whether the grid goes round the globe: its last column borders on the first."""
        return abs(self.columns * self.dlon - 360.0) < UNEVEN * self.dlon

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) outer edges [degrees], with longitudes as in the file."""
        south = max(-90.0, self.north - self.rows * self.dlat)
        return self.west, south, self.west + self.columns * self.dlon, min(90.0, self.north)

    @property
    def reach(self) -> tuple[float, float]:
        """West and east of where its cells are looked for [degrees], as in the file."""
        return self.bounds[0], self.bounds[2]

    @cached_property
    def frame(self) -> BaseGeometry:
        """The box around the grid, repeated at shifts of 360 degrees to match any longitude."""
        west, south, east, north = self.bounds
        if self.is_cyclic:
            west, east = west - 360.0, east + 360.0
        return shapely.union_all([shapely.box(west + t, south, east + t, north) for t in TURNS])

    @cached_property
    def row_lines(self) -> Floats:
        """(rows + 1,) edges of the cells from north to south [degrees], clipped to -90..90."""
        even = self.north - self.dlat * np.arange(self.rows + 1)
        return np.asarray(np.clip(self.lat_edges or even, -90.0, 90.0), np.float64)

    @cached_property
    def column_lines(self) -> Floats:
        """(columns + 1,) edges of the cells from west to east [degrees], as in the file."""
        even = self.west + self.dlon * np.arange(self.columns + 1)
        return np.asarray(self.lon_edges or even, np.float64)

    def lat(self, window: Window) -> Floats:
        """(rows,) cell centres of a window from north to south [degrees]."""
        if self.lat_edges:
            lines = self.row_lines[window.row : window.row + window.rows + 1]
            return np.asarray((lines[:-1] + lines[1:]) / 2, np.float64)
        rows = window.row + 0.5 + np.arange(window.rows)
        return np.asarray(self.north - self.dlat * rows, np.float64)

    def lon(self, window: Window) -> Floats:
        """(columns,) cell centres of a window, west to east [degrees]; the first in -180..180."""
        if self.lon_edges:
            turns, columns = np.divmod(window.column + np.arange(window.columns), self.columns)
            lines = self.column_lines
            lon = (lines[columns] + lines[columns + 1]) / 2 + 360.0 * turns
        else:
            lon = self.west + self.dlon * (window.column + 0.5 + np.arange(window.columns))
        return np.asarray(lon - 360.0 * np.floor((lon[0] + 180.0) / 360.0), np.float64)

    def lat_bounds(self, window: Window) -> Floats:
        """(rows, 2) edges of the cells of a window, the northern one first [degrees]."""
        lines = self.row_lines[window.row : window.row + window.rows + 1]
        return np.stack([lines[:-1], lines[1:]], axis=-1)

    def lon_bounds(self, window: Window) -> Floats:
        """(columns, 2) edges of the cells of a window, the western one first [degrees]."""
        number = window.column + np.arange(window.columns)
        if self.lon_edges:
            turns, columns = np.divmod(number, self.columns)
            sides = [self.column_lines[columns + side] + 360.0 * turns for side in (0, 1)]
        else:  # as centres are computed
            sides = [self.west + self.dlon * (number + side) for side in (0, 1)]
        bounds = np.stack(sides, axis=-1)
        away = self.lon(window)[0] - bounds[0].mean()
        return np.asarray(bounds + 360.0 * np.round(away / 360.0), np.float64)

    @cached_property
    def row_areas(self) -> Floats:
        """(rows,) area on the sphere of one degree of longitude of each row [km2/degree]."""
        edges = np.sin(np.deg2rad(self.row_lines))
        return np.asarray(EARTH_RADIUS**2 * np.deg2rad(1.0) * (edges[:-1] - edges[1:]), np.float64)


def _beside(lon: Floats, bounds: Floats) -> Floats:
    """Put bounds within a half turn of their centres, east where they are a half turn away."""
    away = (bounds - lon[:, None] + 180.0) % 360.0 - 180.0
    opposite = (away < -180.0 + 1e-9) & (bounds > lon[:, None])
    return np.asarray(lon[:, None] + np.where(opposite, 180.0, away), np.float64)

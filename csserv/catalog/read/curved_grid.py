"""A grid whose rows are no parallels: its cells are polygons."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.catalog.read.grid import Floats, Window
from csserv.catalog.read.place.cell_blocks import (
    ALONG,
    SIDE,
    Blocks,
    block_sides,
    boxes_of,
)
from csserv.catalog.read.place.cell_by_cell.rings import cell_polygons, touch_pole, wrapped
from csserv.catalog.read.place.lines import Moved

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CellShapes:
    """Some cells of a grid that have a place.

    Attributes
    ----------
    row, column : (n,) of the grid
    centres : (n, 2) longitude, latitude [degrees], where the shapes are
    shapes : (n,) polygons
    """

    row: Ints
    column: Ints
    centres: Floats
    shapes: NDArray[np.object_]


class CurvedGrid(ABC):
    """Cells as polygons, rows and columns as in the file; some may have no place."""

    is_even = False
    is_cyclic = False

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows there are."""

    @property
    @abstractmethod
    def columns(self) -> int:
        """How many columns there are."""

    @abstractmethod
    def centres_of(self, rows: slice, columns: slice) -> Floats:
        """(rows, columns, 2) longitude, latitude of centres [degrees]; NaN without a place."""

    @abstractmethod
    def corners_of(self, rows: slice, columns: slice) -> Floats:
        """(rows, columns, k, 2) longitude, latitude [degrees]; NaN where there is no place."""

    @property
    @abstractmethod
    def blocks(self) -> Blocks:
        """Its blocks of cells."""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all cells, about [degrees]."""
        return self.blocks.bounds

    @property
    def moved(self) -> tuple[Moved, ...]:
        """Edges that were meant to be round, and so are taken for it."""
        return ()

    @property
    def reach(self) -> tuple[float, float]:
        """West and east of where its cells are looked for [degrees]."""
        return self.blocks.reach

    @property
    def frame(self) -> BaseGeometry:
        """Boxes that hold all cells, repeated each whole turn."""
        return self.blocks.frame

    @cached_property
    def _size(self) -> tuple[float, float]:
        middle = len(self.blocks.rows) // 2
        shapes = self.cells(np.array([middle])).shapes
        west, south, east, north = shapely.bounds(shapes).T
        return float(np.median(east - west)), float(np.median(north - south))

    @property
    def dlon(self) -> float:
        """How wide a cell is in the middle, about [degrees]."""
        return self._size[0]

    @property
    def dlat(self) -> float:
        """How high a cell is in the middle, about [degrees]."""
        return self._size[1]

    def lat(self, window: Window) -> Floats:
        """(rows, columns) cell centres [degrees]."""
        return self.centres_of(*_place(window))[..., 1]

    def lon(self, window: Window) -> Floats:
        """(rows, columns) cell centres [degrees]."""
        return self.centres_of(*_place(window))[..., 0]

    def lat_bounds(self, window: Window) -> Floats:
        """(rows, columns, k) corners of cells [degrees]; NaN where there is no place."""
        return self.corners_of(*_place(window))[..., 1]

    def lon_bounds(self, window: Window) -> Floats:
        """(rows, columns, k) corners of cells [degrees], within a half turn of their centres.

        NaN where there is no place.
        """
        corners = self.corners_of(*_place(window))[..., 0]
        away = corners - self.lon(window)[..., None]
        return np.asarray(corners - 360.0 * np.round(away / 360.0), np.float64)

    def cells(self, blocks: Ints) -> CellShapes:
        """Make the shapes of the cells of some blocks, by row and column."""
        parts = [self._cells_of(int(block)) for block in blocks]
        row, column, middle, centres, corners = map(np.concatenate, zip(*parts, strict=True))
        shapes = cell_polygons(corners, middle)
        sound = shapely.is_valid(shapes)
        if not sound.all():  # corners that were not given round the cell, but row by row
            shapes[~sound] = shapely.convex_hull(shapes[~sound])
        centres[:, 0] = middle + wrapped(centres[:, 0] - middle)
        return CellShapes(row, column, centres, shapes)

    def _cells_of(self, block: int) -> tuple[Ints, Ints, Floats, Floats, Floats]:
        """Find the cells of a block: row, column, its middle, centre, corners."""
        place = slice(*self.blocks.rows[block]), slice(*self.blocks.columns[block])
        corners, centres = self.corners_of(*place), self.centres_of(*place)
        row, column = np.nonzero(np.isfinite(corners).all(axis=(2, 3)))
        middle = np.full(len(row), self.blocks.middles[block])
        chosen = row, column
        return (
            row + place[0].start,
            column + place[1].start,
            middle,
            centres[chosen],
            corners[chosen],
        )


def grid_blocks(grid: CurvedGrid) -> Blocks:
    """Find the blocks of a grid by looking at all cells."""
    side = ALONG if grid.rows == 1 else SIDE
    rows, columns = block_sides(grid.rows, side), block_sides(grid.columns, side)
    boxes = [box_of_cells(grid.corners_of(slice(*r), slice(*c))) for r in rows for c in columns]
    return Blocks.of(
        np.repeat(rows, len(columns), axis=0), np.tile(columns, (len(rows), 1)), np.array(boxes)
    )


def box_of_cells(corners: Floats) -> Floats:
    """(4,) box of the cells that have a place; NaN where none has."""
    flat = corners.reshape(-1, *corners.shape[2:])
    flat = flat[np.isfinite(flat).all(axis=(1, 2))]
    if not flat.size:
        return np.full(4, np.nan)
    side = np.median(flat[touch_pole(flat), :, 1], axis=1)
    poles = np.array([[(side < 0).any(), (side > 0).any()]])
    points = flat.reshape(1, -1, 2)
    return np.asarray(boxes_of(points[..., 0], points[..., 1], poles)[0], np.float64)


@dataclass(frozen=True, eq=False, repr=False)
class MeshGrid(CurvedGrid):
    """Cells whose corners are given, one by one.

    Attributes
    ----------
    centre_lat, centre_lon : (rows, columns) [degrees]; NaN where a cell has no place
    corners : (rows, columns, k, 2) longitude, latitude [degrees]; the longitudes of a cell lie
        within a half turn of its centre's
    """

    centre_lat: Floats
    centre_lon: Floats
    corners: Floats

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MeshGrid) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __repr__(self) -> str:
        return f"MeshGrid({self.rows} x {self.columns}, {self._digest})"

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.centre_lat.shape[0])

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(self.centre_lat.shape[1])

    def centres_of(self, rows: slice, columns: slice) -> Floats:
        """(rows, columns, 2) longitude, latitude of centres [degrees]; NaN without a place."""
        return np.stack([self.centre_lon[rows, columns], self.centre_lat[rows, columns]], axis=-1)

    def corners_of(self, rows: slice, columns: slice) -> Floats:
        """(rows, columns, k, 2) longitude, latitude [degrees]; NaN where there is no place."""
        return self.corners[rows, columns]

    @cached_property
    def blocks(self) -> Blocks:
        """Its blocks of cells."""
        return grid_blocks(self)

    @cached_property
    def _digest(self) -> str:
        found = hashlib.sha256(repr(self.corners.shape).encode())
        found.update(np.ascontiguousarray(self.corners).tobytes())
        return found.hexdigest()[:16]


def _place(window: Window) -> tuple[slice, slice]:
    return (
        slice(window.row, window.row + window.rows),
        slice(window.column, window.column + window.columns),
    )

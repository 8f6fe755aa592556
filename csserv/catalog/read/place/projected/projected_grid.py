"""Grids that are straight in a projection: their corners in longitude and latitude, by pyproj."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import CurvedGrid, box_of_cells
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.place.cell_blocks import SIDE, Blocks, block_sides, boxes_of
from csserv.catalog.read.place.lines import Axis, Lines, Moved, lines_between
from csserv.catalog.read.place.projected.projection import HOW, Projection
from csserv.catalog.read.place.spacing import Floats
from csserv.errors import GranuleError

if TYPE_CHECKING:
    from pyproj import Transformer

#: edges that lie beyond the map by less are on its border [cells]
NUDGES = (1e-9, 1e-6, 1e-3)

#: how far a place may come back from where it was [cells]
ASTRAY = 1e-3

#: rows are parallels and columns meridians that bend less [degrees]
STRAIGHT = 1e-9

#: about as many blocks at most: the lines round each are computed before a cell is looked for
BLOCKS = 40_000

#: so many places of an axis are looked at, to see whether rows and columns are straight
LOOKS = 5


@dataclass(frozen=True, repr=False)
class ProjectedGrid(CurvedGrid):
    """Cells between straight lines of a projection; computed where they are needed.

    Attributes
    ----------
    wkt : the projection, as pyproj writes it
    y, x : edges of rows and columns, in its units
    y_falls, x_falls : whether they run from the high end to the low one in the file
    """

    wkt: str
    y: Lines
    x: Lines
    y_falls: bool
    x_falls: bool

    def __repr__(self) -> str:
        whole = repr((self.wkt, self.y, self.x, self.y_falls, self.x_falls))
        digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
        return f"ProjectedGrid({self.rows} x {self.columns}, {digest})"

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.y.cells

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return self.x.cells

    @property
    def moved(self) -> tuple[Moved, ...]:
        """Edges that were meant to be round, as they are taken, in units of the projection."""
        return tuple(one.moved for one in (self.y, self.x) if one.moved)

    @property
    def blocks(self) -> Blocks:
        """Its blocks of cells."""
        return _blocks(self)

    @cached_property
    def lines(self) -> tuple[Floats, Floats]:
        """Edges of rows and columns in the order of the file."""
        y, x = self.y.values, self.x.values
        return (y[::-1] if self.y_falls else y), (x[::-1] if self.x_falls else x)

    def centres_of(self, rows: slice, columns: slice) -> Floats:
        """(rows, columns, 2) longitude, latitude of centres [degrees]; NaN without a place."""
        y, x = self.lines
        return self.places(((y[:-1] + y[1:]) / 2)[rows], ((x[:-1] + x[1:]) / 2)[columns])

    def corners_of(self, rows: slice, columns: slice) -> Floats:
        """(rows, columns, 4, 2) longitude, latitude [degrees]; NaN where there is no place."""
        y, x = self.lines
        nodes = self.places(_and_next(y, rows), _and_next(x, columns))
        return np.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]], axis=2)

    def places(self, y: Floats, x: Floats) -> Floats:
        """(len(y), len(x), 2) longitude, latitude of crossings; NaN where there is none."""
        across, down = (one.ravel() for one in np.meshgrid(x, y))
        found = self._unprojected(across, down)
        for nudge in NUDGES:  # the border of a map belongs to it, also where it was rounded
            lost = np.flatnonzero(np.isnan(found[0]))
            if not len(lost) or len(lost) == len(across):
                break
            inwards = [
                one[lost] + nudge * lines.step * np.sign((lines.low + lines.high) / 2 - one[lost])
                for one, lines in ((across, self.x), (down, self.y))
            ]
            found[:, lost] = self._unprojected(inwards[0], inwards[1])
        return found.T.reshape(len(y), len(x), 2)

    def _unprojected(self, x: Floats, y: Floats) -> Floats:
        """(2, n) longitude and latitude; NaN where that place is not shown at ``x, y``."""
        transformer, of_degrees = _transformer(self.wkt)
        found = np.array(transformer.transform(x, y))
        back = np.array(transformer.transform(found[0], found[1], direction="INVERSE"))
        with np.errstate(invalid="ignore"):
            away = np.abs(back - np.stack([x, y]))
            if of_degrees:  # its longitudes may be counted from anywhere
                away[0] = np.minimum(away[0] % 360.0, -away[0] % 360.0)
            lost = ~(away <= ASTRAY * np.array([[self.x.step], [self.y.step]])).all(axis=0)
        found[:, lost] = np.nan
        return found


@lru_cache(maxsize=64)  # thousands of files share a grid
def projected_grid(
    projection: Projection, y: Lines, x: Lines, y_falls: bool, x_falls: bool
) -> tuple[Grid | ProjectedGrid, bool, bool]:
    """Build a grid; one of latitudes and longitudes where the projection keeps them straight.

    Returns
    -------
    The grid; whether its rows run northwards, its columns westwards, in the file; False both
    where it is curved

    Raises
    ------
    GranuleError : none of its cells lies on the Earth
    """
    grid = ProjectedGrid(projection.wkt, y, x, y_falls, x_falls)
    looks = [np.unique(np.linspace(0, n, LOOKS).astype(int)) for n in (y.cells, x.cells)]
    lat_lines = grid.places(grid.lines[0], grid.lines[1][looks[1]])[..., 1]
    lon_lines = grid.places(grid.lines[0][looks[0]], grid.lines[1])[..., 0]
    if not (np.isfinite(lat_lines).any() or np.isfinite(lon_lines).any()):
        raise GranuleError(f"its {projection.name} shows no place where its cells are; {HOW}")
    return _straight(lat_lines, lon_lines.T) or (grid, False, False)


def _straight(lat: Floats, lon: Floats) -> tuple[Grid, bool, bool] | None:
    """Make a grid of latitudes and longitudes of lines that are such.

    Parameters
    ----------
    lat : (rows + 1, some columns)
    lon : (columns + 1, some rows)
    """
    lon = np.unwrap(lon, period=360.0, axis=0)
    lon -= 360.0 * np.round((lon[:1] - lon[:1, :1]) / 360.0)
    bend = max(np.ptp(lat, axis=1).max(), np.ptp(lon, axis=1).max())
    rows, columns = lat[:, 0], lon[:, 0]
    rises = all((np.diff(one) > 0).all() or (np.diff(one) < 0).all() for one in (rows, columns))
    if not (bend <= STRAIGHT and rises):
        return None
    grid = Grid.from_lines(
        lines_between(Axis("y", 360.0, (-90.0, 90.0)), np.sort(rows)),
        lines_between(Axis("x", 360.0), np.sort(columns)),
    )
    return grid, bool(rows[0] < rows[-1]), bool(columns[0] > columns[-1])


def _and_next(lines: Floats, cells: slice) -> Floats:
    first, last, _ = cells.indices(len(lines) - 1)
    return lines[first : last + 1]


@lru_cache(maxsize=16)
def _transformer(wkt: str) -> tuple[Transformer, bool]:
    """Return what turns places into longitude and latitude; whether they are degrees, too."""
    from pyproj import CRS, Transformer

    crs = CRS.from_wkt(wkt)
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True), bool(crs.is_geographic)


@lru_cache(maxsize=16)  # equal grids, of many files, have the same
def _blocks(grid: ProjectedGrid) -> Blocks:
    """Find its blocks by the lines around each: what lies within is not further out.

    Where one of these lines leaves the map, all cells of the block are looked at.
    """
    side = max(SIDE, int(np.sqrt(grid.rows * grid.columns / BLOCKS)))
    sides = block_sides(grid.rows, side), block_sides(grid.columns, side)
    inner = [np.minimum(s[:, :1] + np.arange(side + 1), s[:, 1:]) for s in sides]  # lines of each
    y, x = grid.lines
    ends = [np.append(one[:, 0], one[-1, 1]) for one in sides]
    level, upright = grid.places(y[ends[0]], x), grid.places(y, x[ends[1]])
    around = np.concatenate(
        [
            level[:-1][:, inner[1]],
            level[1:][:, inner[1]],
            np.swapaxes(upright[:, :-1][inner[0]], 1, 2),
            np.swapaxes(upright[:, 1:][inner[0]], 1, 2),
        ],
        axis=2,
    ).reshape(len(sides[0]) * len(sides[1]), -1, 2)
    rows = np.repeat(sides[0], len(sides[1]), axis=0)
    columns = np.tile(sides[1], (len(sides[0]), 1))
    boxes = boxes_of(around[..., 0], around[..., 1], _poles(grid, rows, columns))
    for i in np.flatnonzero(np.isnan(around).any(axis=(1, 2))):
        boxes[i] = _looked_at(grid, rows[i], columns[i])
    if not np.isfinite(boxes).any():
        raise GranuleError("none of its cells lies on the Earth")
    return Blocks.of(rows, columns, boxes)


def _poles(
    grid: ProjectedGrid, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(n, 2) whether the south pole and the north pole lie in each block or on its edge."""
    transformer, _ = _transformer(grid.wkt)
    found = np.zeros((len(rows), 2), bool)
    for i, pole in enumerate((-90.0, 90.0)):
        across, down = transformer.transform(0.0, pole, direction="INVERSE")
        lines = ((down, grid.lines[0][rows], grid.y), (across, grid.lines[1][columns], grid.x))
        near = [
            (ends.min(axis=1) - ASTRAY * line.step <= at)
            & (at <= ends.max(axis=1) + ASTRAY * line.step)
            for at, ends, line in lines
        ]
        found[:, i] = near[0] & near[1]
    return found


def _looked_at(grid: ProjectedGrid, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
    """(4,) box of a block that lies on the border of the map; NaN where it is beyond."""
    y, x = grid.lines
    if not np.isfinite(grid.places(y[rows[0] : rows[1] : 4], x[columns[0] : columns[1] : 4])).any():
        return np.full(4, np.nan)
    return box_of_cells(grid.corners_of(slice(*rows), slice(*columns)))

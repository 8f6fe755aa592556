"""How much each grid cell counts in each zone: exact area fractions times cell area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.geometry
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.catalog.grid import Floats, Grid, Window
from csserv.errors import EmptySelectionError
from csserv.request import Area, Zone

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Weights:
    """The cells that each zone touches, zone after zone.

    Attributes
    ----------
    window : the smallest part of the grid that holds them all
    starts : (zones + 1,) zone ``z`` has the cells ``starts[z]:starts[z + 1]``
    cells : (cells,) flat positions in the window, row by row from the north-west
    coverage : (cells,) share of the cell that lies in the zone [1], above 0 to 1
    area : (cells,) the part of the cell that lies in the zone [km2]
    on_grid : (zones,) share of the zone that lies on the grid [1]
    """

    grid: Grid
    window: Window
    starts: Ints
    cells: Ints
    coverage: Floats
    area: Floats
    on_grid: Floats


def zone_weights(grid: Grid, area: Area) -> Weights:
    """Compute the weights of each zone on a grid.

    The coverage is exact for straight edges in longitude and latitude (exactextract, Daniel
    Baston); the area is that of the cell on the sphere. A point takes the whole cell it lies
    in; on an edge between cells, the one to the south and east.

    Raises
    ------
    EmptySelectionError : no zone touches the grid
    """
    found = [_zone_cells(grid, zone) for zone in area.zones]
    rows = np.concatenate([cells[0] for cells in found])
    columns = np.concatenate([cells[1] for cells in found])
    coverage = np.concatenate([cells[2] for cells in found])
    if not rows.size:
        west, south, east, north = grid.bounds
        raise EmptySelectionError(
            f"{area.title} touches no cell of the grid, which covers longitude {west:g} to "
            f"{east:g}, latitude {south:g} to {north:g}"
        )
    window = _window(grid, rows, columns)
    row, column = rows - window.row, (columns - window.column) % grid.columns
    return Weights(
        grid=grid,
        window=window,
        starts=np.cumsum([0, *(len(cells[0]) for cells in found)], dtype=np.int64),
        cells=row * window.columns + column,
        coverage=coverage,
        area=coverage * grid.cell_areas(window)[row],
        on_grid=np.array([_share_on_grid(grid, zone) for zone in area.zones]),
    )


def _zone_cells(grid: Grid, zone: Zone) -> tuple[Ints, Ints, Floats]:
    """Find rows, columns and coverage of the cells that a zone touches, each cell once."""
    # zones lie in -180..180, the grid wherever its file puts it: try each whole turn
    parts = [_turned_cells(grid, zone, turn) for turn in (-720.0, -360.0, 0.0, 360.0, 720.0)]
    rows, columns, coverage = (np.concatenate(items) for items in zip(*parts, strict=True))
    cells, place = np.unique(rows * grid.columns + columns, return_inverse=True)
    total = np.bincount(place, coverage, len(cells)) if len(cells) else coverage
    return cells // grid.columns, cells % grid.columns, np.minimum(total, 1.0)


def _turned_cells(grid: Grid, zone: Zone, turn: float) -> tuple[Ints, Ints, Floats]:
    # rounded to 1e-9 of a cell: 35 degrees on a grid of 0.1 from 33 is column
    # 20.000000000000004, and a box drawn on cell edges would touch a sliver of the next cells
    exact = shapely.transform(zone.geometry, lambda xy: _to_cells(grid, xy, turn))
    shape = shapely.transform(exact, lambda xy: np.round(xy, 9))
    if not zone.is_point and shape.area == 0:  # thinner than what the rounding keeps
        shape = exact
    west, _, east, _ = shape.bounds
    if east < 0 or west > grid.columns:
        return _no_cells()
    return _point_cells(grid, shape) if zone.is_point else _polygon_cells(grid, shape)


def _to_cells(grid: Grid, lonlat: Floats, turn: float) -> Floats:
    """Turn degrees into columns from the west edge and rows from the north edge."""
    x = (lonlat[:, 0] + turn - grid.west) / grid.dlon
    y = (grid.north - lonlat[:, 1]) / grid.dlat
    return np.column_stack([x, y])


def _point_cells(grid: Grid, shape: BaseGeometry) -> tuple[Ints, Ints, Floats]:
    x, y = shapely.get_coordinates(shape).T
    column, row = (np.floor(v).astype(np.int64) for v in (x, y))
    row -= y == grid.rows
    if not grid.is_cyclic:
        column -= x == grid.columns
    inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
    cells = np.unique(row[inside] * grid.columns + column[inside])
    return cells // grid.columns, cells % grid.columns, np.ones(len(cells))


def _polygon_cells(grid: Grid, shape: BaseGeometry) -> tuple[Ints, Ints, Floats]:
    west, north, east, south = shape.bounds
    left, right = max(0, int(np.floor(west))), min(grid.columns, int(np.ceil(east)))
    top, bottom = max(0, int(np.floor(north))), min(grid.rows, int(np.ceil(south)))
    if right <= left or bottom <= top:
        return _no_cells()
    # y points up in exactextract: row r from the top is bottom - r from below
    upward = shapely.transform(shape, lambda xy: np.column_stack([xy[:, 0], -xy[:, 1]]))
    raster = NumPyRasterSource(
        np.zeros((bottom - top, right - left), np.int8), left, -bottom, right, -top
    )
    feature = {"type": "Feature", "geometry": shapely.geometry.mapping(upward), "properties": {}}
    found = exact_extract(raster, JSONFeatureSource(feature), ["cell_id", "coverage"])
    cell = np.asarray(found[0]["properties"]["cell_id"], np.int64)
    coverage = np.asarray(found[0]["properties"]["coverage"], np.float64)
    rows, columns = top + cell // (right - left), left + cell % (right - left)
    coverage = coverage / _share_of_row(grid, rows)
    kept = coverage > 0
    return rows[kept], columns[kept], coverage[kept]


def _share_of_row(grid: Grid, rows: Ints) -> Floats:
    """Share of a row's height that lies on the globe: half for a row centred on a pole."""
    edges = grid.lat_edges(Window(0, 0, grid.rows, 1))
    return ((edges[:-1] - edges[1:]) / grid.dlat)[rows]


def _no_cells() -> tuple[Ints, Ints, Floats]:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)


def _window(grid: Grid, rows: Ints, columns: Ints) -> Window:
    """Return the smallest window; round the globe it begins behind the widest gap."""
    top, bottom = int(rows.min()), int(rows.max()) + 1
    touched = np.unique(columns)
    first, count = int(touched[0]), int(touched[-1] - touched[0]) + 1
    if grid.is_cyclic and len(touched) > 1:
        gaps = np.diff(touched)
        widest = int(gaps.argmax())
        if (around := grid.columns - int(gaps[widest]) + 1) < count:
            first, count = int(touched[widest + 1]), around
    return Window(top, first, bottom - top, count)


def _share_on_grid(grid: Grid, zone: Zone) -> float:
    """Share of a zone's area on the sphere that lies within the grid's outer edges."""
    if zone.is_point:
        parts = shapely.get_parts(zone.geometry)
        return float(shapely.intersects(grid.frame, parts).mean())
    inside = shapely.intersection(zone.geometry, grid.frame)
    whole = _equal_area(zone.geometry)
    return min(1.0, _equal_area(inside) / whole) if whole else 0.0


def _equal_area(geometry: BaseGeometry) -> float:
    """Area in Lambert's cylindrical equal-area projection (longitude, sine of latitude)."""
    return float(
        shapely.transform(
            geometry, lambda xy: np.column_stack([xy[:, 0], np.sin(np.deg2rad(xy[:, 1]))])
        ).area
    )

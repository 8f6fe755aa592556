"""The cells of zones on a grid whose cells lie between lines of latitude and longitude."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.grid import TURNS, Floats, Grid, Window
from csserv.zonal.cell_overlap import SPAN, Ints, cell_by_cell, polygon_spans, snap_to_lines
from csserv.zonal.thin_zones import thin_polygons, thin_spans
from csserv.zonal.turned_polygons import TurnedPolygons

#: regionmask 0.13 moves centres this far south-west [degrees], so that those on a zone's
#: south or west edge are outside
CENTRE_SHIFT = (1e-8, 1e-10)

#: number of centres that are tested at once
CENTRES = 1_000_000


def covered_cells(grid: Grid, polygons: TurnedPolygons, planar: bool = False) -> NDArray[np.void]:
    """Find the cells that zones cover, each with its exact share.

    Parameters
    ----------
    polygons : those of the zones, turned to the longitudes of the grid
    planar : whether shares are those of areas in square degrees, not of areas on the sphere

    Returns
    -------
    spans : (spans,) of dtype ``SPAN``; coverage in 0..1 [1], area of one cell's part [km2]
    """
    lines = grid.column_lines, grid.row_lines
    thin = thin_polygons(polygons, *lines)
    wide = polygons.of(~thin)
    spans = polygon_spans(wide.shifted, wide.zones, *lines, planar=planar)
    if thin.any():
        spans = np.concatenate([spans, thin_spans(polygons.of(thin), *lines, planar)])
    return _with_area(grid, spans)


def centre_cells(grid: Grid, polygons: TurnedPolygons) -> NDArray[np.void]:
    """Find the cells whose centre lies in a zone; they count as a whole.

    Parameters and result are those of ``covered_cells``; the coverage is 1.
    """
    found = [np.zeros(0, SPAN)]
    window = Window(0, 0, grid.rows, grid.columns)
    lat = grid.lat(window) - CENTRE_SHIFT[1]
    lon = (grid.column_lines[:-1] + grid.column_lines[1:]) / 2 - CENTRE_SHIFT[0]
    for polygon, zone in zip(polygons.shifted, polygons.zones, strict=True):
        shapely.prepare(polygon)
        west, south, east, north = polygon.bounds
        rows = np.flatnonzero((lat >= south) & (lat <= north))
        columns = np.flatnonzero((lon >= west) & (lon <= east))
        few = max(1, CENTRES // max(1, len(columns)))
        for run in (rows[i : i + few] for i in range(0, len(rows), few)):
            inside = shapely.contains_xy(polygon, lon[None, columns], lat[run, None])
            row, column = np.nonzero(inside)
            found.append(whole_cells(int(zone), run[row], columns[column]))
    return _with_area(grid, np.concatenate(found))


def point_cells(grid: Grid, lonlat: Floats, zones: Ints) -> NDArray[np.void]:
    """Find the cells that the points of zones lie in, each once for a zone.

    On an edge between cells, it is the cell to the south and east.

    Parameters
    ----------
    lonlat : (points, 2) longitude, latitude [degrees]
    zones : (points,) number of the zone each belongs to

    Returns
    -------
    spans : (cells,) of dtype ``SPAN``, with a coverage of 1; points off the grid have none
    """
    lon, lat = lonlat.T
    lat = snap_to_lines(lat, grid.row_lines[::-1])
    row = grid.rows - np.searchsorted(grid.row_lines[::-1], lat)
    row -= lat == grid.row_lines[-1]
    found = []
    for turn in TURNS:
        turned = snap_to_lines(lon + turn, grid.column_lines)
        column = np.searchsorted(grid.column_lines, turned, side="right") - 1
        if not grid.is_cyclic:
            column -= turned == grid.column_lines[-1]
        inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
        found.append(np.stack([zones[inside], row[inside], column[inside]]))
    zone, row, column = np.unique(np.concatenate(found, axis=1), axis=1)
    return _with_area(grid, whole_cells(zone, row, column))


def whole_cells(zone: int | Ints, row: Ints, column: Ints) -> NDArray[np.void]:
    """Make a span with a coverage of 1 for each cell; its area is not yet filled in (0)."""
    spans = np.zeros(len(row), SPAN)
    spans["zone"], spans["row"], spans["first"] = zone, row, column
    spans["last"], spans["coverage"] = column + 1, 1.0
    return spans


def _with_area(grid: Grid, spans: NDArray[np.void]) -> NDArray[np.void]:
    if grid.lon_edges:  # columns are of several widths, and a span has one area for all its cells
        spans = cell_by_cell(spans)
    width = np.diff(grid.column_lines)[spans["first"]]
    spans["area"] = spans["coverage"] * grid.row_areas[spans["row"]] * width
    return spans

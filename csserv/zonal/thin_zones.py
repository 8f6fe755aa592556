"""The shares of zones far smaller or thinner than a cell, such as buffers of a few micrometres.

In degrees from the equator and Greenwich, the width of such a zone is lost in rounding, and what is
too little of a cell to matter is all there is of the zone. So each polygon is swept by itself, in
degrees from its own corner, where differences are exact, over the parts of cells in its own box.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.zonal.cell_overlap import (
    SPAN,
    Ints,
    cell_by_cell,
    each_once,
    edges,
    heights,
    snap_to_lines,
    spans_of_edges,
    sphere_areas,
)
from csserv.zonal.turned_polygons import TurnedPolygons

#: zones of a smaller width (area by perimeter) are thin [cells]: to move the edges of others onto
#: lines of the grid changes their area by less than a millionth
THIN = 1e-3

#: how near to a line of the grid an edge counts as on it [widths of the zone]
NEAR = 1e-7

#: polygons further from any line of the grid are in one cell, whatever is rounded [degrees]
CLEAR = 1e-10

#: smaller parts are rounding errors [1]: of the zone, and of a cell's part in its box
LEAST_PART, LEAST_SHARE = 1e-9, 1e-15


def thin_polygons(
    polygons: TurnedPolygons, column_lines: Floats, row_lines: Floats
) -> NDArray[np.bool_]:
    """(n,) whether each polygon belongs to a zone that is thin as a whole."""
    if not len(polygons.shapes):
        return np.zeros(0, bool)
    size = min(np.diff(column_lines).min(), np.diff(row_lines[::-1]).min())
    area, length = (
        np.bincount(polygons.zones, of(polygons.shapes)) for of in (shapely.area, shapely.length)
    )
    return np.asarray((area < THIN * size * length)[polygons.zones])


def thin_spans(
    polygons: TurnedPolygons, column_lines: Floats, row_lines: Floats, planar: bool = False
) -> NDArray[np.void]:
    """Find the cells that thin zones cover, and which share of each.

    Parameters
    ----------
    polygons : those of the zones; polygons of one zone must not overlap
    column_lines : (columns + 1,) edges of the cells from west to east [degrees]
    row_lines : (rows + 1,) edges of the cells from north to south [degrees], -90 to 90
    planar : whether shares are those of areas in square degrees, not of areas on the sphere

    Returns
    -------
    spans : (cells,) of dtype ``SPAN``, one cell each; ``area`` not yet filled in (0)
    """
    inner, found = _in_one_cell(polygons, column_lines, row_lines, planar)
    parts = [found]
    rest = polygons.of(~inner)
    south_up = row_lines[::-1]
    for polygon, zone, turn in zip(rest.shapes, rest.zones, rest.turns, strict=True):
        west, south, east, north = polygon.bounds
        column, columns = _round(column_lines, west + turn, east + turn)
        bottom, rows = _round(south_up, south, north)
        # the lines are turned, as a polygon might lose its width; they are exact where it is near
        spans = _cells(polygon, columns - turn - west, (rows - south)[::-1], planar)
        spans["zone"] = zone
        spans["first"] += column
        spans["last"] += column
        spans["row"] += len(row_lines) - bottom - len(rows)
        parts.append(spans)
    return each_once(np.concatenate(parts))


def _in_one_cell(
    polygons: TurnedPolygons, column_lines: Floats, row_lines: Floats, planar: bool
) -> tuple[NDArray[np.bool_], NDArray[np.void]]:
    """Find the polygons clear of all lines, and the share of its cell that each is."""
    west, south, east, north = shapely.bounds(polygons.shapes).T
    column, clear_columns = _between(column_lines, west + polygons.turns, east + polygons.turns)
    row, clear_rows = _between(row_lines[::-1], south, north)
    inner = clear_columns & clear_rows
    shapes, column, row = polygons.shapes[inner], column[inner], row[inner]
    width, height = np.diff(column_lines)[column], _heights(row_lines, planar)[row]
    spans = np.zeros(len(shapes), SPAN)
    spans["zone"], spans["first"], spans["last"] = polygons.zones[inner], column, column + 1
    spans["row"] = len(row_lines) - 2 - row
    spans["coverage"] = _areas(shapes, planar) / (width * height)
    return inner, spans


def _round(lines: Floats, low: float, high: float) -> tuple[int, Floats]:
    """Return the rising lines round a range, with one more on each side, and the first's number."""
    first = max(int(np.searchsorted(lines, low)) - 2, 0)
    last = int(np.searchsorted(lines, high, side="right")) + 2
    first = min(first, len(lines) - 2)
    return first, lines[first : max(last, first + 2)]


def _between(lines: Floats, low: Floats, high: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """(n,) the gap between rising lines that each range is in, and whether it is clear of them."""
    gap = np.clip(np.searchsorted(lines, low) - 1, 0, len(lines) - 2)
    return gap, (low > lines[gap] + CLEAR) & (high < lines[gap + 1] - CLEAR)


def _heights(row_lines: Floats, planar: bool, base: float = 0.0) -> Floats:
    """(rows,) heights of rows from south to north, in latitude or its sine."""
    south_up = row_lines[::-1]
    return np.diff(south_up) if planar else heights(south_up, base)


def _areas(shapes: NDArray[np.object_], planar: bool) -> Floats:
    """(n,) areas of polygons, in degrees of longitude times latitude or its sine."""
    if planar:
        return np.asarray(shapely.area(shapes))
    return np.rad2deg(sphere_areas(shapes, np.arange(len(shapes)), len(shapes)))


def _cells(
    polygon: shapely.Polygon, columns: Floats, rows: Floats, planar: bool
) -> NDArray[np.void]:
    """Find the cells of one polygon, with lines counted from its south-west corner."""
    west, south, _, _ = polygon.bounds
    _, start, end = edges(np.array([polygon]), np.zeros(1, np.int64))
    near = NEAR * polygon.area / polygon.length
    boxes = []
    for axis, (corner, lines) in enumerate(((west, columns), (south, rows[::-1]))):
        for points in (start, end):
            points[:, axis] = _snapped(points[:, axis] - corner, lines, near)
        boxes.append(_lines_within(lines, start[:, axis]))
    (first, inner_columns), (bottom, inner_rows) = boxes
    if min(len(inner_columns), len(inner_rows)) < 2:  # beside the grid
        return np.zeros(0, SPAN)
    zone = np.zeros(len(start), np.int64)
    inner_rows = inner_rows[::-1]
    spans = cell_by_cell(
        spans_of_edges(
            *(zone, start, end, inner_columns, inner_rows), south, LEAST_SHARE, planar=planar
        )
    )
    part = spans["coverage"] * np.diff(inner_columns)[spans["first"]]
    part *= _heights(inner_rows, planar, south)[::-1][spans["row"]]
    spans["first"] += first
    spans["last"] += first
    spans["row"] += len(rows) - bottom - len(inner_rows)
    wholes = np.diff(columns)[spans["first"]] * _heights(rows, planar, south)[::-1][spans["row"]]
    spans["coverage"] = part / wholes
    kept: NDArray[np.void] = spans[part > LEAST_PART * part.max(initial=0.0)]
    return kept


def _snapped(values: Floats, lines: Floats, near: float) -> Floats:
    """Move values onto lines that are nearer than ``near`` [degrees]."""
    gap = np.clip(np.searchsorted(lines, values), 1, len(lines) - 1)
    return snap_to_lines(values, lines, near / float(np.diff(lines)[gap - 1].max()))


def _lines_within(lines: Floats, values: Floats) -> tuple[int, Floats]:
    """Return the first cell in the range of values, and the lines there, with the range's ends."""
    low, high = max(values.min(), lines[0]), min(values.max(), lines[-1])
    if low >= high:
        return 0, lines[:0]
    first = int(np.searchsorted(lines, low, side="right"))
    last = int(np.searchsorted(lines, high))
    return first - 1, np.concatenate([[low], lines[first:last], [high]])

"""The exact share of each grid cell that lies in each polygon, by the sweep of a rasteriser.

Every edge is cut at the lines of the grid. Within a row, an edge contributes to the cell it crosses
in part, and to all cells east of it in full, with the sign of its direction. The running sum from
west to east is the share that lies inside the polygon. This is how anti-aliased fonts are drawn
(Raph Levien's font-rs; FreeType's "smooth" rasteriser), here with areas on the sphere: heights are
differences of the sine of latitude, and edges are straight in longitude and latitude.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats

Ints = NDArray[np.int64]

#: a run of cells of one row with the same share in a zone: columns ``first`` to ``last`` - 1
SPAN = np.dtype(
    [
        ("zone", "i4"),
        ("row", "i4"),
        ("first", "i4"),
        ("last", "i4"),
        ("coverage", "f8"),  # share of the cell's area that lies in the zone [1], 0 to 1
        ("area", "f8"),  # the part of one cell that lies in the zone [km2]
    ]
)

#: vertices this near to a line of the grid count as on it [cells]: 35 degrees on a grid of 0.1
#: from 33 is column 20.000000000000004, and a box on cell edges would touch the next cells
SNAP = 1e-9

#: smaller shares are rounding errors [1]
LEAST = 1e-12


def polygon_spans(
    polygons: NDArray[np.object_],
    zones: Ints,
    column_lines: Floats,
    row_lines: Floats,
    snap: float = SNAP,
    planar: bool = False,
) -> NDArray[np.void]:
    """Find the cells that polygons cover, and which share of each.

    Parameters
    ----------
    polygons : (n,) valid polygons, longitude/latitude [degrees]
    zones : (n,) number of the zone each belongs to; polygons of one zone must not overlap
    column_lines : (columns + 1,) edges of the cells from west to east [degrees]
    row_lines : (rows + 1,) edges of the cells from north to south [degrees], -90 to 90
    snap : vertices nearer than this to a line of the grid are moved onto it [cells]
    planar : whether shares are those of areas in square degrees, not of areas on the sphere

    Returns
    -------
    spans : (spans,) of dtype ``SPAN``, sorted by zone, row and column; ``coverage`` in 0..1 [1],
        ``area`` not yet filled in (0)
    """
    zone, start, end = edges(polygons, zones)
    for points in (start, end):
        points[:, 0] = snap_to_lines(points[:, 0], column_lines, snap)
        points[:, 1] = snap_to_lines(points[:, 1], row_lines[::-1], snap)
    return spans_of_edges(zone, start, end, column_lines, row_lines, planar=planar)


def spans_of_edges(
    zone: Ints,
    start: Floats,
    end: Floats,
    column_lines: Floats,
    row_lines: Floats,
    base: float = 0.0,
    least: float = LEAST,
    planar: bool = False,
) -> NDArray[np.void]:
    """Find the cells inside of edges, as ``edges`` returns them; see ``polygon_spans``.

    Parameters
    ----------
    base : latitude that those of edges and lines are counted from [degrees]
    least : smaller shares are left out [1]
    """
    south_up = row_lines[::-1]
    zone, start, end = _cut(zone, start, end, column_lines, south_up)
    middle = (start + end) / 2
    column = np.searchsorted(column_lines, middle[:, 0], side="right") - 1
    row = len(row_lines) - 1 - np.searchsorted(south_up, middle[:, 1], side="right")
    kept = (row >= 0) & (row < len(row_lines) - 1) & (start[:, 1] != end[:, 1])
    zone, start, end, row, column = (a[kept] for a in (zone, start, end, row, column))
    height = (np.diff(south_up) if planar else heights(south_up, base))[::-1][row]
    # edges beside the grid get a column without cells; those to its west count in the whole row
    columns = len(column_lines) - 1
    lines = np.concatenate([column_lines, [np.inf]])
    east = np.where(column < columns, lines[column + 1], 0.0)
    rise, right = _swept_planar(start, end, east) if planar else _swept(start, end, east, base)
    beside = (column < 0) | (column >= columns)
    share = right / np.where(beside, 1.0, east - lines[column]) / height
    spans = _spans(zone, row, column, rise / height, share, least)
    return spans[(spans["first"] >= 0) & (spans["first"] < columns)]


def heights(lat: Floats, base: float = 0.0) -> Floats:
    """Return the differences of the sine of rising latitudes, without loss where they are near.

    Parameters
    ----------
    lat : (n,) latitudes, counted from ``base`` [degrees]
    """
    return (
        2
        * np.cos(np.deg2rad(base + (lat[1:] + lat[:-1]) / 2))
        * np.sin(np.deg2rad(np.diff(lat) / 2))
    )


def sphere_areas(
    polygons: NDArray[np.object_], zones: Ints, count: int, base: float = 0.0
) -> Floats:
    """Return the area of each zone on a sphere of radius 1.

    Parameters
    ----------
    polygons : (n,) polygons, longitude/latitude [degrees]; edges straight in these
    zones : (n,) number of the zone each belongs to
    count : number of zones
    base : latitude that those of the polygons are counted from [degrees]

    Returns
    -------
    areas : (count,) [steradian]; 0 for a zone without polygons
    """
    numbers = np.arange(len(polygons))
    polygon, start, end = edges(polygons, numbers)
    # from the west of each, as longitudes of a polygon far smaller than they are would cancel
    west = shapely.bounds(polygons).reshape(-1, 4)[polygon, 0]
    for points in (start, end):
        points[:, 0] -= west
    _, right = _swept(start, end, np.zeros(len(start)), base)
    return np.deg2rad(np.bincount(np.asarray(zones)[polygon], right, count))


def edges(polygons: NDArray[np.object_], zones: Ints) -> tuple[Ints, Floats, Floats]:
    """Return zone, start and end of the edges of all rings; outer rings run clockwise."""
    turned = shapely.orient_polygons(polygons, exterior_cw=True)
    rings, of_polygon = shapely.get_rings(turned, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    joined = of_ring[:-1] == of_ring[1:]
    zone = np.asarray(zones)[of_polygon[of_ring[:-1][joined]]]
    return zone, points[:-1][joined], points[1:][joined]


def snap_to_lines(values: Floats, lines: Floats, snap: float = SNAP) -> Floats:
    """Move values that are nearly on one of the rising lines onto it [degrees]."""
    place = np.clip(np.searchsorted(lines, values), 1, len(lines) - 1)
    low, high = lines[place - 1], lines[place]
    near = snap * (high - low)
    values = np.where(np.abs(values - low) <= near, low, values)
    return np.where(np.abs(values - high) <= near, high, values)


def _cut(
    zone: Ints, start: Floats, end: Floats, column_lines: Floats, row_lines: Floats
) -> tuple[Ints, Floats, Floats]:
    """Cut edges at the lines of the grid that they cross."""
    edges, shares, points = [], [], []
    for axis, lines in ((0, column_lines), (1, row_lines)):
        edge, line = _crossings(start[:, axis], end[:, axis], lines)
        share = (line - start[edge, axis]) / (end[edge, axis] - start[edge, axis])
        point = start[edge] + share[:, None] * (end[edge] - start[edge])
        point[:, axis] = line
        edges.append(edge)
        shares.append(share)
        points.append(point)
    own = np.arange(len(zone))
    edge = np.concatenate([own, *edges, own])
    share = np.concatenate([np.zeros(len(own)), *shares, np.ones(len(own))])
    order = np.lexsort((share, edge))
    edge, point = edge[order], np.concatenate([start, *points, end])[order]
    joined = edge[:-1] == edge[1:]
    return zone[edge[:-1][joined]], point[:-1][joined], point[1:][joined]


def _crossings(start: Floats, end: Floats, lines: Floats) -> tuple[Ints, Floats]:
    """Pair each edge with the lines that lie strictly between its ends."""
    first = np.searchsorted(lines, np.minimum(start, end), side="right")
    last = np.searchsorted(lines, np.maximum(start, end), side="left")
    counts = np.maximum(last - first, 0)
    edge = np.repeat(np.arange(len(start)), counts)
    return edge, lines[ranges(first, counts)]


def ranges(first: Ints, counts: Ints) -> Ints:
    """Concatenate ranges of whole numbers, each given by its first number and its length.

    >>> ranges(np.array([5, 8]), np.array([3, 2]))
    array([5, 6, 7, 8, 9])
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(first - (ends - counts), counts), np.int64)


def running_sums(values: Floats, first: Ints) -> Floats:
    """Return running sums that begin anew at some places.

    One sum over all, less what it was at each place, would depend on all before it: a zone would
    have other shares among others than alone (1e-16).

    Parameters
    ----------
    first : rising places, the first of them 0

    >>> running_sums(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 2]))
    array([1., 3., 3., 7.])
    """
    found = np.empty(len(values))
    lengths = np.diff(first, append=len(values))
    size = np.ceil(np.log2(np.maximum(lengths, 1))).astype(np.int64)
    for one in np.unique(size).tolist():  # runs of about the same length together
        mine = size == one
        places = ranges(first[mine], lengths[mine])
        run = np.repeat(np.arange(mine.sum()), lengths[mine])
        within = ranges(np.zeros(mine.sum(), np.int64), lengths[mine])
        table = np.zeros((int(mine.sum()), 2**one))
        table[run, within] = values[places]
        found[places] = np.cumsum(table, axis=1)[run, within]
    return found


def _swept(start: Floats, end: Floats, east: Floats, base: float = 0.0) -> tuple[Floats, Floats]:
    """Integrate along edges over s = sin(latitude), with latitudes counted from ``base``.

    Returns
    -------
    rise : (edges,) difference of s [1]
    right : (edges,) integral of (east - longitude) over s [degrees]
    """
    half = np.deg2rad(end[:, 1] - start[:, 1]) / 2
    lat = np.deg2rad(base + (end[:, 1] + start[:, 1]) / 2)
    rise = 2 * np.cos(lat) * np.sin(half)
    bend = (end[:, 0] - start[:, 0]) * np.sin(lat) * _bend(half)
    return rise, (east - (start[:, 0] + end[:, 0]) / 2) * rise + bend


def _swept_planar(start: Floats, end: Floats, east: Floats) -> tuple[Floats, Floats]:
    """Integrate along edges over latitude, as ``_swept`` does over its sine [degrees]."""
    rise = end[:, 1] - start[:, 1]
    return rise, (east - (start[:, 0] + end[:, 0]) / 2) * rise


def _bend(half: Floats) -> Floats:
    """Return (sin h - h cos h) / h, by its series for small h, where the terms cancel."""
    h2 = half**2
    series = h2 / 3 * (1 - h2 / 10 * (1 - h2 / 28 * (1 - h2 / 54)))
    safe = np.where(np.abs(half) < 0.3, 1.0, half)
    return np.where(np.abs(half) < 0.3, series, np.sin(safe) / safe - np.cos(safe))


def _spans(
    zone: Ints, row: Ints, column: Ints, rise: Floats, share: Floats, least: float
) -> NDArray[np.void]:
    """Sum the parts of the edges from west to east in each row of each zone."""
    order = np.lexsort((column, row, zone))
    zone, row, column = zone[order], row[order], column[order]
    fresh = np.ones(len(zone), bool)
    fresh[1:] = (np.diff(zone) != 0) | (np.diff(row) != 0) | (np.diff(column) != 0)
    place = np.cumsum(fresh) - 1
    count = int(fresh.sum())
    rise = np.bincount(place, rise[order], count).astype(np.float64)
    share = np.bincount(place, share[order], count).astype(np.float64)
    zone, row, column = zone[fresh], row[fresh], column[fresh]
    same_row = (zone[:-1] == zone[1:]) & (row[:-1] == row[1:])
    # share covered of the cells further east; 0 behind the last of a row
    after = running_sums(rise, np.flatnonzero(np.concatenate([[True], ~same_row])[:count]))
    before = np.concatenate([[0.0], np.where(same_row, after[:-1], 0.0)])[:count]
    touched = _filled(zone, row, column, column + 1, share + before)
    gap = np.flatnonzero(same_row & (column[1:] > column[:-1] + 1))
    between = _filled(zone[gap], row[gap], column[gap] + 1, column[gap + 1], after[gap])
    spans = np.concatenate([touched, between])
    spans["coverage"] = np.clip(spans["coverage"], 0.0, 1.0)
    spans["coverage"][spans["coverage"] > 1 - LEAST] = 1.0
    spans = spans[spans["coverage"] > least]
    return spans[np.lexsort((spans["first"], spans["row"], spans["zone"]))]


def each_once(spans: NDArray[np.void], add: bool = True) -> NDArray[np.void]:
    """Add up the shares that several polygons of a zone have in one cell; or take one of them.

    Parameters
    ----------
    spans : (n,) of dtype ``SPAN``, one cell each
    """
    key = ["zone", "row", "first"]
    spans = np.sort(spans, order=key)
    _, first = np.unique(spans[key], return_index=True)
    joined = spans[first].copy()
    if add and len(spans):
        for name in ("coverage", "area"):
            joined[name] = np.add.reduceat(spans[name], first)
        joined["coverage"] = np.minimum(joined["coverage"], 1.0)
    return joined


def cell_by_cell(spans: NDArray[np.void]) -> NDArray[np.void]:
    """Make a span of each cell."""
    lengths = (spans["last"] - spans["first"]).astype(np.int64)
    each = np.repeat(spans, lengths)
    each["first"] = ranges(spans["first"].astype(np.int64), lengths)
    each["last"] = each["first"] + 1
    return each


def _filled(zone: Ints, row: Ints, first: Ints, last: Ints, coverage: Floats) -> NDArray[np.void]:
    spans = np.zeros(len(zone), SPAN)
    for name, values in zip(SPAN.names or (), (zone, row, first, last, coverage), strict=False):
        spans[name] = values
    return spans

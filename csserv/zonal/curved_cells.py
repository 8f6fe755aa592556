"""The cells of zones on a curved grid: block by block, then polygon by polygon."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import CellShapes, CurvedGrid
from csserv.catalog.read.grid import TURNS, Floats
from csserv.request.measures import EARTH_RADIUS
from csserv.zonal.cell_overlap import LEAST, SPAN, Ints, sphere_areas
from csserv.zonal.straight_cells import CENTRE_SHIFT, whole_cells

#: cells that are made into shapes together
TOGETHER = 200_000


def covered_cells(
    grid: CurvedGrid, polygons: NDArray[np.object_], zones: Ints, planar: bool = False
) -> NDArray[np.void]:
    """Find the cells that zones cover, each with its exact share.

    Parameters
    ----------
    polygons : (n,) polygons, shifted to the longitudes of the grid
    zones : (n,) number of the zone each belongs to
    planar : whether shares are those of areas in square degrees, not of areas on the sphere

    Returns
    -------
    spans : (cells,) of dtype ``SPAN``, one cell each; coverage in 0..1 [1], area [km2]
    """
    found = [np.zeros(0, SPAN)]
    for cells, near in _near(grid, polygons):
        polygon, cell = shapely.STRtree(cells.shapes).query(polygons[near], predicate="intersects")
        zone, shapes = polygons[near][polygon], cells.shapes[cell]
        areas = _areas(cells.shapes)[cell]
        edge = np.flatnonzero(~shapely.contains_properly(zone, shapes) & (areas > 0))
        part = shapely.intersection(zone[edge], shapes[edge])
        parts = shapely.area(part) if planar else _areas(part)
        wholes = shapely.area(shapes[edge]) if planar else areas[edge]
        share = np.ones(len(cell))
        share[edge] = np.minimum(parts / wholes, 1.0)
        spans = _whole(cells, cell, zones[near][polygon])
        spans["coverage"], spans["area"] = share, share * areas
        found.append(spans[(share > LEAST) & (areas > 0)])
    return _once(np.concatenate(found))


def centre_cells(grid: CurvedGrid, polygons: NDArray[np.object_], zones: Ints) -> NDArray[np.void]:
    """Find the cells whose centre lies in a zone; they count as a whole.

    Parameters and result are those of ``covered_cells``; the coverage is 1.
    """
    found = [np.zeros(0, SPAN)]
    for cells, near in _near(grid, polygons):
        tree = shapely.STRtree(shapely.points(cells.centres - CENTRE_SHIFT))
        polygon, cell = tree.query(polygons[near], predicate="contains_properly")
        found.append(_whole(cells, cell, zones[near][polygon]))
    return np.concatenate(found)


def point_cells(grid: CurvedGrid, lonlat: Floats, number: int) -> NDArray[np.void]:
    """Find the cells that the points of a zone lie in, each once.

    Parameters
    ----------
    lonlat : (points, 2) longitude, latitude [degrees]
    number : of the zone

    Returns
    -------
    spans : (cells,) of dtype ``SPAN``, with a coverage of 1
    """
    spans = cells_at(grid, lonlat)
    spans["zone"] = number
    return _once(spans[spans["row"] >= 0], add=False)


def cells_at(grid: CurvedGrid, lonlat: Floats) -> NDArray[np.void]:
    """(n,) the cell of each of (n, 2) points, the first one on an edge; row -1 off the grid."""
    turned = np.concatenate([lonlat + np.array([turn, 0.0]) for turn in TURNS])
    every = shapely.points(turned)
    parts = [np.zeros(0, SPAN)]
    for cells, near in _near(grid, every):
        point, cell = shapely.STRtree(cells.shapes).query(every[near], predicate="intersects")
        parts.append(_whole(cells, cell, near[point] % len(lonlat)))
    spans = np.sort(np.concatenate(parts), order=["zone", "row", "first"])
    number, first = np.unique(spans["zone"], return_index=True)
    found = np.zeros(len(lonlat), SPAN)
    found["row"] = -1
    found[number] = spans[first]
    return found


def _near(grid: CurvedGrid, shapes: NDArray[np.object_]) -> Iterator[tuple[CellShapes, Ints]]:
    """Yield cells of blocks that shapes are near to, with the numbers of these shapes."""
    shapely.prepare(shapes)
    shape, block = grid.blocks.tree.query(shapes, predicate="intersects")
    wanted = np.unique(block)
    few = max(1, TOGETHER // grid.blocks.most)
    for first in range(0, len(wanted), few):
        some = wanted[first : first + few]
        yield grid.cells(some), np.unique(shape[np.isin(block, some)])


def _whole(cells: CellShapes, chosen: Ints, zones: Ints) -> NDArray[np.void]:
    spans = whole_cells(0, cells.row[chosen], cells.column[chosen])
    spans["zone"], spans["area"] = zones, _areas(cells.shapes[chosen])
    return spans


def _areas(shapes: NDArray[np.object_]) -> Floats:
    """(n,) areas on the sphere, for edges straight in longitude and latitude [km2]."""
    parts, place = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return EARTH_RADIUS**2 * sphere_areas(parts[polygons], place[polygons], len(shapes))


def _once(spans: NDArray[np.void], add: bool = True) -> NDArray[np.void]:
    """Add up the shares that several polygons of a zone have in one cell; or take one of them."""
    key = ["zone", "row", "first"]
    spans = np.sort(spans, order=key)
    _, first = np.unique(spans[key], return_index=True)
    joined = spans[first].copy()
    if add and len(spans):
        for name in ("coverage", "area"):
            joined[name] = np.add.reduceat(spans[name], first)
        joined["coverage"] = np.minimum(joined["coverage"], 1.0)
    return joined

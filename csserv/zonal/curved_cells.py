"""The cells of zones on a curved grid: block by block, then polygon by polygon."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import CellShapes, CurvedGrid
from csserv.catalog.read.grid import TURNS, Floats
from csserv.request.measures import EARTH_RADIUS
from csserv.zonal.cell_overlap import LEAST, SPAN, Ints, each_once, sphere_areas
from csserv.zonal.straight_cells import CENTRE_SHIFT, whole_cells
from csserv.zonal.turned_polygons import TurnedPolygons, moved

#: cells that are made into shapes together
TOGETHER = 200_000

#: smaller polygons are cut in degrees of their own: coordinates have 3e-14 degrees [degrees]
TINY = 1e-6


def covered_cells(
    grid: CurvedGrid, polygons: TurnedPolygons, planar: bool = False
) -> NDArray[np.void]:
    """Find the cells that zones cover, each with its exact share.

    Parameters
    ----------
    polygons : those of the zones, turned to the longitudes of the grid
    planar : whether shares are those of areas in square degrees, not of areas on the sphere

    Returns
    -------
    spans : (cells,) of dtype ``SPAN``, one cell each; coverage in 0..1 [1], area [km2]
    """
    found = [np.zeros(0, SPAN)]
    for cells, near in _near(grid, polygons.shifted):
        tree = shapely.STRtree(cells.shapes)
        polygon, cell = tree.query(polygons.shifted[near], predicate="intersects")
        zone, shapes = polygons.shifted[near][polygon], cells.shapes[cell]
        areas = _areas(cells.shapes)[cell]
        edge = np.flatnonzero(~shapely.contains_properly(zone, shapes) & (areas > 0))
        parts = _parts(polygons.of(near[polygon[edge]]), shapes[edge], planar)
        wholes = shapely.area(shapes[edge]) if planar else areas[edge]
        share, least = np.ones(len(cell)), np.full(len(cell), LEAST)
        share[edge] = np.minimum(parts / wholes, 1.0)
        # of a zone that is far smaller than a cell, little of the cell is much
        least[edge] *= np.minimum(shapely.area(zone[edge]) / shapely.area(shapes[edge]), 1.0)
        spans = whole_cells(0, cells.row[cell], cells.column[cell])
        spans["zone"] = polygons.zones[near][polygon]
        spans["coverage"], spans["area"] = share, share * areas
        found.append(spans[(share > least) & (areas > 0)])
    return each_once(np.concatenate(found))


def _parts(polygons: TurnedPolygons, cells: NDArray[np.object_], planar: bool) -> Floats:
    """(n,) the area that each of n polygons has in a cell [km2, or square degrees]."""
    parts = shapely.intersection(polygons.shifted, cells)
    areas = np.asarray(shapely.area(parts) if planar else _areas(parts))
    west, south, east, north = shapely.bounds(polygons.shapes).reshape(-1, 4).T
    for i in np.flatnonzero(np.maximum(east - west, north - south) < TINY):
        # in degrees from its corner: in others, its width would be lost in rounding
        some = slice(i, i + 1)
        polygon = moved(polygons.shapes[some], -west[some], -south[some])
        cell = moved(cells[some], -polygons.turns[some] - west[some], -south[some])
        part = shapely.intersection(polygon, cell)
        areas[some] = shapely.area(part) if planar else _areas(part, south[i])
    return areas


def centre_cells(grid: CurvedGrid, polygons: TurnedPolygons) -> NDArray[np.void]:
    """Find the cells whose centre lies in a zone; they count as a whole.

    Parameters and result are those of ``covered_cells``; the coverage is 1.
    """
    found = [np.zeros(0, SPAN)]
    for cells, near in _near(grid, polygons.shifted):
        tree = shapely.STRtree(shapely.points(cells.centres - CENTRE_SHIFT))
        polygon, cell = tree.query(polygons.shifted[near], predicate="contains_properly")
        found.append(_whole(cells, cell, polygons.zones[near][polygon]))
    return np.concatenate(found)


def point_cells(grid: CurvedGrid, lonlat: Floats, zones: Ints) -> NDArray[np.void]:
    """Find the cells that the points of zones lie in, each once for a zone.

    Parameters
    ----------
    lonlat : (points, 2) longitude, latitude [degrees]
    zones : (points,) number of the zone each belongs to

    Returns
    -------
    spans : (cells,) of dtype ``SPAN``, with a coverage of 1
    """
    spans = cells_at(grid, lonlat)
    spans["zone"] = zones
    return each_once(spans[spans["row"] >= 0], add=False)


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


def _areas(shapes: NDArray[np.object_], base: float = 0.0) -> Floats:
    """(n,) areas on the sphere, for edges straight in longitude and latitude [km2].

    Parameters
    ----------
    base : latitude that those of the shapes are counted from [degrees]
    """
    parts, place = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return EARTH_RADIUS**2 * sphere_areas(parts[polygons], place[polygons], len(shapes), base)

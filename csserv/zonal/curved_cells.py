"""The cells of zones on a curved grid: polygon by polygon, and so slower than on a straight one."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import TURNS, Floats
from csserv.request.measures import EARTH_RADIUS
from csserv.zonal.cell_overlap import LEAST, Ints, sphere_areas
from csserv.zonal.straight_cells import CENTRE_SHIFT, whole_cells


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
    tree = shapely.STRtree(grid.polygons)
    shapely.prepare(polygons)
    polygon, cell = tree.query(polygons, predicate="intersects")
    inside = shapely.contains_properly(polygons[polygon], grid.polygons[cell])
    spans = whole_cells(0, *np.divmod(cell, grid.columns))
    spans["zone"] = zones[polygon]
    areas = _areas(grid.polygons[cell])
    edge = np.flatnonzero(~inside)
    part = shapely.intersection(polygons[polygon[edge]], grid.polygons[cell[edge]])
    share = (
        shapely.area(part) / shapely.area(grid.polygons[cell[edge]])
        if planar
        else _areas(part) / areas[edge]
    )
    spans["coverage"][edge] = np.minimum(share, 1.0)
    spans["area"] = spans["coverage"] * areas
    return _once(spans[spans["coverage"] > LEAST])


def centre_cells(grid: CurvedGrid, polygons: NDArray[np.object_], zones: Ints) -> NDArray[np.void]:
    """Find the cells whose centre lies in a zone; they count as a whole.

    Parameters and result are those of ``covered_cells``; the coverage is 1.
    """
    lon, lat = grid.centre_lon - CENTRE_SHIFT[0], grid.centre_lat - CENTRE_SHIFT[1]
    tree = shapely.STRtree(shapely.points(lon.ravel(), lat.ravel()))
    polygon, cell = tree.query(polygons, predicate="contains_properly")
    return _whole(grid, zones[polygon], cell)


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
    tree = shapely.STRtree(grid.polygons)
    found = []
    for turn in TURNS:
        turned = shapely.points(lonlat + np.array([turn, 0.0]))
        point, cell = tree.query(turned, predicate="intersects")
        found.append(cell[np.unique(point, return_index=True)[1]])  # on an edge, one of its cells
    cells = np.unique(np.concatenate(found))
    return _whole(grid, np.full(len(cells), number), cells)


def _whole(grid: CurvedGrid, zones: Ints, cells: Ints) -> NDArray[np.void]:
    spans = whole_cells(0, *np.divmod(cells, grid.columns))
    spans["zone"], spans["area"] = zones, _areas(grid.polygons[cells])
    return spans


def _areas(shapes: NDArray[np.object_]) -> Floats:
    """(n,) areas on the sphere, for edges straight in longitude and latitude [km2]."""
    parts, place = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return EARTH_RADIUS**2 * sphere_areas(parts[polygons], place[polygons], len(shapes))


def _once(spans: NDArray[np.void]) -> NDArray[np.void]:
    """Add up the shares that several polygons of a zone have in one cell."""
    key = ["zone", "row", "first"]
    spans = np.sort(spans, order=key)
    _, first = np.unique(spans[key], return_index=True)
    joined = spans[first].copy()
    for name in ("coverage", "area"):
        joined[name] = np.add.reduceat(spans[name], first) if len(spans) else spans[name]
    joined["coverage"] = np.minimum(joined["coverage"], 1.0)
    return joined

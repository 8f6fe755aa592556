"""The weights of zones on a grid: the share of each cell that lies in each zone, and its area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Floats, Grid, Window
from csserv.errors import EmptySelectionError
from csserv.request import Area, Zone
from csserv.request.measures import EARTH_RADIUS
from csserv.zonal import curved_cells, straight_cells
from csserv.zonal.cell_overlap import SPAN, Ints, ranges, sphere_areas
from csserv.zonal.turned_polygons import TurnedPolygons


@dataclass(frozen=True, eq=False)
class Weights:
    """The cells that each zone touches, as spans: runs of cells of one row with the same share.

    Attributes
    ----------
    window : the smallest part of the grid that holds all of them
    zones : number of zones; a zone off the grid has no span
    spans : (spans,) of dtype ``csserv.zonal.cell_overlap.SPAN``, sorted by zone, row and column of
        the grid
    on_grid : (zones,) share of each zone that lies on the grid [1], 0 to 1
    by_area : whether cells count by their area in means; else all alike
    """

    grid: Grid | CurvedGrid
    window: Window
    zones: int
    spans: NDArray[np.void]
    on_grid: Floats
    by_area: bool = True

    @cached_property
    def totals(self) -> dict[str, Floats]:
        """Totals of each zone on the grid; see ``sums_by_zone``."""
        return sums_by_zone(self.spans, self.zones)

    def cells(self) -> tuple[Ints, Ints, Ints]:
        """Return of each cell: the number of its span, and row and column in the window."""
        lengths = (self.spans["last"] - self.spans["first"]).astype(np.int64)
        number = np.repeat(np.arange(len(self.spans)), lengths)
        column = ranges(self.spans["first"].astype(np.int64), lengths)
        row = self.spans["row"][number] - self.window.row
        return number, row, (column - self.window.column) % self.grid.columns


@dataclass(frozen=True, eq=False)
class ZoneSums:
    """The part of ``Weights`` that finishing a value needs, without the cells."""

    totals: dict[str, Floats]
    on_grid: Floats

    def of_zones(self, span: slice) -> ZoneSums:
        """Return those of some zones."""
        return ZoneSums({name: one[span] for name, one in self.totals.items()}, self.on_grid[span])


def sums_by_zone(spans: NDArray[np.void], zones: int) -> dict[str, Floats]:
    """Add up the spans of each zone.

    Returns
    -------
    "area" → (zones,) area on the grid [km2]; "coverage" → covered shares added up [cells];
    "cells" → number of cells touched
    """
    lengths = (spans["last"] - spans["first"]).astype(np.float64)
    each = {"area": spans["area"], "coverage": spans["coverage"], "cells": 1.0}
    return {
        name: np.bincount(spans["zone"], lengths * one, zones).astype(np.float64)
        for name, one in each.items()
    }


def zone_weights(grid: Grid | CurvedGrid, area: Area, weighting: str = "area") -> Weights:
    """Compute the weights of each zone of an area on a grid.

    A point gets the cell it lies in; on an edge between cells, the one to the south and east.

    Parameters
    ----------
    weighting : "area": the exact share of each cell on the sphere, for edges that are straight in
        longitude and latitude. "centre": cells whose centre lies in the zone, as a whole and all
        alike, as older services count them; a centre on an edge between two zones belongs to
        the one in the south or west. "share": cells by their covered share in square degrees,
        whatever their area, as exactextract, terra and Google Earth Engine weigh them

    Raises
    ------
    EmptySelectionError : no zone touches the grid
    """
    shapes = [(i, zone) for i, zone in enumerate(area.zones) if not zone.is_point]
    none = np.zeros(0, SPAN)
    covered, chosen = _of_polygons(grid, shapes, weighting) if shapes else (none, none)
    spans = np.concatenate([chosen, _points(grid, area)])
    if not len(spans):
        west, south, east, north = grid.bounds
        what = "holds the centre of no cell" if weighting == "centre" else "touches no cell"
        raise EmptySelectionError(
            f"{area.title} {what} of the grid, which covers longitude {west:g} to {east:g}, "
            f"latitude {south:g} to {north:g}"
        )
    spans = spans[np.lexsort((spans["first"], spans["row"], spans["zone"]))]
    on_grid = _share_on_grid(grid, area.zones, covered)
    window = _window(grid, spans)
    return Weights(grid, window, len(area.zones), spans, on_grid, weighting == "area")


def _of_polygons(
    grid: Grid | CurvedGrid, shapes: Sequence[tuple[int, Zone]], weighting: str
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Find the cells that polygons cover, and those that are chosen by the weighting."""
    cells: Any = curved_cells if isinstance(grid, CurvedGrid) else straight_cells
    polygons = _turned(grid, shapes)
    covered = cells.covered_cells(grid, polygons)
    if weighting == "centre":
        return covered, cells.centre_cells(grid, polygons)
    if weighting == "share":
        return covered, cells.covered_cells(grid, polygons, planar=True)
    return covered, covered


def _points(grid: Grid | CurvedGrid, area: Area) -> NDArray[np.void]:
    """Find the cells of the zones that are points, of all at once: there may be 20,000."""
    numbers = np.array([i for i, zone in enumerate(area.zones) if zone.is_point], np.int64)
    shapes = [area.zones[i].geometry for i in numbers]
    lonlat, of_zone = shapely.get_coordinates(shapes, return_index=True)
    if isinstance(grid, CurvedGrid):
        return curved_cells.point_cells(grid, lonlat, numbers[of_zone])
    return straight_cells.point_cells(grid, lonlat, numbers[of_zone])


def _turned(grid: Grid | CurvedGrid, zones: Sequence[tuple[int, Zone]]) -> TurnedPolygons:
    """Return the polygons of numbered zones, with the turns that bring them to the grid."""
    geometries = np.array([zone.geometry for _, zone in zones], object)
    parts, place = shapely.get_parts(geometries, return_index=True)
    numbers = np.array([number for number, _ in zones], np.int64)
    return TurnedPolygons.within(grid.reach, parts, numbers[place])


def _window(grid: Grid | CurvedGrid, spans: NDArray[np.void]) -> Window:
    """Return the smallest window of all spans; on a grid round the globe, behind the widest gap."""
    top, bottom = int(spans["row"].min()), int(spans["row"].max()) + 1
    marks = np.bincount(spans["first"], minlength=grid.columns + 1)
    marks -= np.bincount(spans["last"], minlength=grid.columns + 1)
    touched = np.flatnonzero(np.cumsum(marks)[:-1])
    first, count = int(touched[0]), int(touched[-1] - touched[0]) + 1
    if grid.is_cyclic and len(touched) > 1:
        gaps = np.diff(touched)
        widest = int(gaps.argmax())
        if (around := grid.columns - int(gaps[widest]) + 1) < count:
            first, count = int(touched[widest + 1]), around
    return Window(top, first, bottom - top, count)


def _share_on_grid(
    grid: Grid | CurvedGrid, zones: Sequence[Zone], spans: NDArray[np.void]
) -> Floats:
    """Return the share of each zone inside the grid's outer edges: of its area, or its points."""
    geometries = np.array([zone.geometry for zone in zones])
    parts, place = shapely.get_parts(geometries, return_index=True)
    of_area = np.array([not zone.is_point for zone in zones])
    polygons = of_area[place]
    whole = EARTH_RADIUS**2 * sphere_areas(parts[polygons], place[polygons], len(zones))
    inside = np.bincount(
        spans["zone"], spans["area"] * (spans["last"] - spans["first"]), len(zones)
    )
    met = np.zeros(len(parts))
    met[~polygons] = _on_cells(grid, parts[~polygons])
    points = np.bincount(place, met, len(zones)) / np.bincount(place, minlength=len(zones))
    share = np.divide(inside, whole, out=np.zeros(len(zones)), where=whole > 0)
    return np.where(of_area, np.minimum(share, 1.0), points)


def _on_cells(grid: Grid | CurvedGrid, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether points lie on the grid."""
    if isinstance(grid, CurvedGrid) and len(points):
        return np.asarray(curved_cells.cells_at(grid, shapely.get_coordinates(points))["row"] >= 0)
    return np.asarray(shapely.intersects(grid.frame, points))

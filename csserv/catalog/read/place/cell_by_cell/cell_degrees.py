"""Grids whose latitude and longitude are given cell by cell, along two dimensions or along one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from csserv.catalog.read.place.cell_bounds import bounds_of, degrees_each
from csserv.catalog.read.place.cell_by_cell.mesh import mesh_grid
from csserv.catalog.read.place.cell_by_cell.rings import wrapped
from csserv.catalog.read.place.kinds import Pair
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.place.spacing import Floats
from csserv.catalog.read.place.straight_degrees import Degrees, between_lines
from csserv.catalog.read.place.surroundings import Coordinate, Surroundings
from csserv.errors import GranuleError

#: places are the same if they are nearer [cells]
NEAR = 0.2

#: steps at which places are looked at that might move
LOOKS = 8


@dataclass(frozen=True, eq=False)
class Cells:
    """Latitudes and longitudes of cells: centres (rows, columns), bounds (rows, columns, k)."""

    rows: str
    columns: str
    lat: Floats
    lon: Floats
    lat_bounds: Floats | None = None
    lon_bounds: Floats | None = None

    @property
    def turned(self) -> Self:
        """The same with rows for columns."""
        lat_bounds, lon_bounds = (
            None if one is None else np.swapaxes(one, 0, 1)
            for one in (self.lat_bounds, self.lon_bounds)
        )
        return type(self)(self.columns, self.rows, self.lat.T, self.lon.T, lat_bounds, lon_bounds)

    @property
    def is_straight(self) -> bool:
        """Whether each row is a parallel and each column a meridian, as float32 rounds them."""
        if not (np.isfinite(self.lat).all() and np.isfinite(self.lon).all()):
            return False
        noise = [4 * np.spacing(np.float32(np.abs(one).max())) for one in (self.lat, self.lon)]
        bend = np.ptp(self.lat, axis=1).max(), np.abs(wrapped(self.lon - self.lon[:1])).max()
        return bool(bend[0] <= noise[0] and bend[1] <= noise[1])


def cell_by_cell(around: Surroundings, pair: Pair) -> Placed:
    """Place a variable by latitude and longitude of each cell.

    Where these turn out to be the ones of parallels and meridians, the grid is straight.

    Raises
    ------
    GranuleError : cells move with time, or none has a place
    """
    cells = _read(around, pair)
    for one in (cells, cells.turned):
        if one.is_straight:
            return between_lines(around, *_lines(pair, one))
    grid = mesh_grid(cells.lat, cells.lon, cells.lat_bounds, cells.lon_bounds)
    return Placed(
        grid,
        cells.rows,
        cells.columns,
        remarks=_unplaced(grid.centre_lat),
        source=f"{pair[0].name} and {pair[1].name} of each cell",
    )


def same_places(lines: Pair, cells: Pair) -> bool:
    """Whether latitudes and longitudes of cells are those of their rows and columns.

    True also where that cannot be compared.
    """
    if lines[0].dims == lines[1].dims or len(cells[0].dims) != 2:
        return True
    for one, each in zip(lines, cells, strict=True):
        if one.dims[0] not in each.dims:
            return True
        along = one.values() * degrees_each(one)
        shape = [len(along) if dim == one.dims[0] else 1 for dim in each.dims]
        away = wrapped(each.values() * degrees_each(each) - along.reshape(shape))
        size = np.abs(wrapped(np.diff(along))).mean() if len(along) > 1 else np.inf
        if np.nanmax(np.abs(away), initial=0.0) > NEAR * size:
            return False
    return True


def along_one(around: Surroundings, pair: Pair) -> Placed:
    """Place a variable whose cells lie along one dimension, each with its corners.

    Raises
    ------
    GranuleError : the shapes of the cells are not given
    """
    lat, lon = pair
    factors = degrees_each(lat), degrees_each(lon)
    bounds = [bounds_of(around, *one) for one in zip(pair, factors, strict=True)]
    corners = [one[None] for one in bounds if one is not None and one.shape[1] > 2]
    if kind := around.get_global("featureType") if len(corners) < 2 else None:
        raise GranuleError(
            f"it holds points along {lat.dims[0]} (featureType {kind}), which are no cells of a "
            "grid; csserv reads grids"
        )
    if len(corners) < 2:
        raise GranuleError(
            f"its cells lie along one dimension ({lat.dims[0]}), and {lat.name} and {lon.name} "
            "have no bounds that say what shape they are: bring them to rows and columns, such as "
            "with `cdo remapcon,r360x180 in.nc out.nc`"
        )
    centres = [(one.values() * f)[None] for one, f in zip(pair, factors, strict=True)]
    grid = mesh_grid(*centres, *corners)
    return Placed(
        grid,
        "",
        lat.dims[0],
        remarks=_unplaced(grid.centre_lat),
        source=f"the bounds of {lat.name} and {lon.name}",
    )


def _read(around: Surroundings, pair: Pair) -> Cells:
    rows, columns = pair[0].dims[-2:]
    arrays = [_still(one) * degrees_each(one) for one in pair]
    bounds = [bounds_of(around, one, degrees_each(one)) for one in pair]
    if pair[1].dims[-2:] != (rows, columns):
        arrays[1] = arrays[1].T
        bounds[1] = None if bounds[1] is None else np.swapaxes(bounds[1], 0, 1)
    if any(one is None or one.ndim != 3 for one in bounds):
        return Cells(rows, columns, arrays[0], arrays[1])
    return Cells(rows, columns, arrays[0], arrays[1], bounds[0], bounds[1])


def _still(one: Coordinate) -> Floats:
    """Read the places of cells, which must not move with time."""
    if len(one.dims) == 2:
        return one.values()
    whole = slice(None)
    first = one.take((0, whole, whole))
    for step in np.unique(np.linspace(0, one.lengths()[0] - 1, LOOKS).astype(int)).tolist():
        if not np.array_equal(one.take((step, whole, whole)), first, equal_nan=True):
            raise GranuleError(f"its {one.name} changes along {one.dims[0]}: its cells move")
    return first


def _lines(pair: Pair, cells: Cells) -> tuple[Degrees, Degrees]:
    """Take the first column for the latitudes, the first row for the longitudes."""
    lat, lon = cells.lat[:, 0], cells.lon[0]
    ends: list[Floats | None] = [None, None]
    if cells.lat_bounds is not None and cells.lon_bounds is not None:
        away = wrapped(cells.lon_bounds[0] - lon[:, None])
        ends = [_ends(cells.lat_bounds[:, 0]), lon[:, None] + _ends(away)]
    return (
        Degrees(pair[0].name, cells.rows, lat, ends[0]),
        Degrees(pair[1].name, cells.columns, lon, ends[1]),
    )


def _ends(values: Floats) -> Floats:
    return np.stack([values.min(axis=1), values.max(axis=1)], axis=1)


def _unplaced(lat: Floats) -> tuple[str, ...]:
    missing = int(np.isnan(lat).sum())
    return (f"{missing} of {lat.size} cells have no place of their own",) if missing else ()

"""Grids that are straight in a projection: from the coordinates and the grid mapping of a file."""

from __future__ import annotations

import numpy as np

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.place.cell_bounds import bounds_of, degrees_each
from csserv.catalog.read.place.cell_by_cell.rings import wrapped
from csserv.catalog.read.place.kinds import Pair
from csserv.catalog.read.place.lines import Axis, Lines, find_lines
from csserv.catalog.read.place.measured import Measure
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.place.projected.projected_grid import projected_grid
from csserv.catalog.read.place.projected.projection import Projection
from csserv.catalog.read.place.spacing import Floats, check_numbers
from csserv.catalog.read.place.surroundings import Coordinate, Surroundings
from csserv.errors import GranuleError

#: given centres and those of a projection are the same if they are nearer [cells]
NEAR = 0.2


def in_projection(around: Surroundings, projection: Projection, pair: Pair) -> Placed:
    """Place a variable by coordinates in a projection.

    Parameters
    ----------
    pair : y and x

    Raises
    ------
    GranuleError : coordinates that do not suit the projection, or lie nowhere on the Earth
    """
    (y, y_falls), (x, x_falls) = (_lines(around, projection, one) for one in pair)
    grid, south_up, east_first = projected_grid(projection, y, x, y_falls, x_falls)
    rows, columns = (one.dims[0] for one in pair)
    return Placed(grid, rows, columns, south_up, east_first, source=projection.name)


def agrees(placed: Placed, lat: Coordinate, lon: Coordinate) -> bool:
    """Whether given latitudes and longitudes are those of a projection, in some of its rows."""
    rows = placed.grid.rows
    return all(_agrees_in(placed, lat, lon, row) for row in sorted({0, rows // 2, rows - 1}))


def _lines(around: Surroundings, projection: Projection, one: Coordinate) -> tuple[Lines, bool]:
    """Find the edges along an axis in the units of the projection; whether the file's fall."""
    factor = _factor(projection, one)
    centres, bounds = one.values() * factor, bounds_of(around, one, factor)
    check_numbers(one.name, centres)
    if not projection.unit:  # degrees, which may pass the end of a turn
        centres = np.unwrap(centres, period=360.0)
        if bounds is not None:
            bounds = centres[:, None] + wrapped(bounds - centres[:, None])
    return find_lines(Axis(one.name), centres, bounds), bool(centres[0] > centres[-1])


def _factor(projection: Projection, one: Coordinate) -> float:
    """How many units of a projection one of a coordinate is."""
    measure = one.units.measure
    angle = one.units.is_angle
    if measure is Measure.NOTHING and projection.height:
        raise GranuleError(
            f"its {one.name} says no units: metres, or radians that a satellite sees; add them, "
            f"such as with `ncatted -a units,{one.name},c,c,rad in.nc`"
        )
    if measure is Measure.NOTHING:
        return 1.0
    if angle and not projection.unit:
        return degrees_each(one)
    if angle and projection.height:
        return float(np.deg2rad(degrees_each(one))) * projection.height / projection.unit
    if measure is Measure.LENGTH and projection.unit:
        return one.units.factor / projection.unit
    wanted = "metres" if projection.unit else "degrees"
    raise GranuleError(
        f"its {one.name} is in {one.text('units')!r}, but its {projection.name} needs {wanted}"
    )


def _agrees_in(placed: Placed, lat: Coordinate, lon: Coordinate, row: int) -> bool:
    centres = placed.centres(row)
    given = np.stack([_given(placed, one, row) * degrees_each(one) for one in (lon, lat)], axis=-1)
    away = np.stack([wrapped(given[:, 0] - centres[:, 0]), given[:, 1] - centres[:, 1]], axis=-1)
    size = _size(placed, centres)
    away[:, 0] *= np.cos(np.deg2rad(np.clip(centres[:, 1], -90.0, 90.0)))
    off = np.hypot(away[:, 0], away[:, 1])
    known = np.isfinite(off)
    return bool((off[known] <= NEAR * size).all())


def _given(placed: Placed, one: Coordinate, row: int) -> Floats:
    """Read the given numbers of a row of cells, whatever their dimensions are."""
    places: dict[str, int | slice] = {placed.rows: row, placed.columns: slice(None)}
    found = one.take(tuple(places.get(name, 0) for name in one.dims))
    return np.broadcast_to(found, (placed.grid.columns,))


def _size(placed: Placed, centres: Floats) -> float:
    """How large a cell is, about [degrees]."""
    grid = placed.grid
    if not isinstance(grid, CurvedGrid):
        return min(grid.dlat, grid.dlon)
    step = np.diff(centres, axis=0)
    across = np.hypot(wrapped(step[:, 0]) * np.cos(np.deg2rad(centres[:-1, 1])), step[:, 1])
    known = across[np.isfinite(across)]
    return float(np.median(known)) if known.size else 0.0

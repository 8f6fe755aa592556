"""Grids whose latitudes and longitudes are given cell by cell: their corners, their odd cells."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import MeshGrid
from csserv.catalog.read.place.cell_by_cell.rings import wrapped
from csserv.catalog.read.place.spacing import Floats
from csserv.errors import GranuleError

#: centres that lie so near to each other are one [degrees]: a metre
SAME = 1e-5

#: where centres round a corner lie so far apart, a pole is near [degrees]
FAR_APART = 60.0

#: from a cell without a place to its neighbours, straight ones first
_STRAIGHT = ((0, 1), (0, -1), (1, 0), (-1, 0))
_DIAGONAL = ((1, 1), (1, -1), (-1, 1), (-1, -1))

_Given: TypeAlias = tuple[bytes, tuple[int, ...]]


def mesh_grid(
    lat: Floats, lon: Floats, lat_bounds: Floats | None = None, lon_bounds: Floats | None = None
) -> MeshGrid:
    """Build a grid from the centres of its cells; the same one for the same numbers.

    Parameters
    ----------
    lat, lon : (rows, columns) [degrees]; NaN, or a number that is no degree, for cells that have
        no place
    lat_bounds, lon_bounds : (rows, columns, k) corners of the cells, of three or more; without
        them a corner lies midway between the centres around it

    Raises
    ------
    GranuleError : no cell has a place, or there are too few to tell how large they are
    """
    if lat_bounds is None or lon_bounds is None:
        return _mesh_grid(_frozen(lat), _frozen(lon), None)
    bounds = np.stack(np.broadcast_arrays(lon_bounds, lat_bounds), axis=-1)
    return _mesh_grid(_frozen(lat), _frozen(lon), _frozen(bounds))


@lru_cache(maxsize=16)  # thousands of files share a grid, and one may take 100 MB
def _mesh_grid(lat_given: _Given, lon_given: _Given, bounds: _Given | None) -> MeshGrid:
    lat, lon = _thawed(lat_given), _thawed(lon_given)
    known = _placed(lat, lon)
    if not known.any():
        raise GranuleError("none of its cells has a place: no latitude and longitude is a degree")
    lat, lon = np.where(known, lat, np.nan), np.where(known, lon, np.nan)
    corners = None if bounds is None else _given_corners(_thawed(bounds), known)
    if corners is None:
        corners = _midway_corners(lat, lon)
    away = wrapped(corners[..., 0] - lon[..., None])
    corners = np.stack([lon[..., None] + away, np.clip(corners[..., 1], -90.0, 90.0)], axis=-1)
    corners[~known] = np.nan
    if not np.isfinite(corners).all(axis=(2, 3)).any():
        rows, columns = lat.shape
        raise GranuleError(
            f"its grid of {rows} by {columns} cells is too small to tell how large they are: keep "
            "two rows and columns or more when a file is cut, or add bounds"
        )
    return MeshGrid(lat, lon, corners)


def _frozen(values: Floats) -> _Given:
    return np.ascontiguousarray(values, np.float64).tobytes(), values.shape


def _thawed(given: _Given) -> Floats:
    return np.frombuffer(given[0], np.float64).reshape(given[1])


def _placed(lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    """Find the cells that have a place of their own.

    Those left out have no degrees; or lie on the very spot of a neighbour, as where zeros stand
    for no place; or repeat an earlier cell, as the seams of ocean grids do.
    """
    known = np.isfinite(lat) & np.isfinite(lon)
    with np.errstate(invalid="ignore"):
        known &= (np.abs(lat) <= 90.0 + SAME) & (np.abs(lon) <= 720.0)
    east = np.where(known, lon, 0.0) % 360.0
    turn = round(360.0 / SAME)
    key = np.round(np.where(known, lat, 0.0) / SAME).astype(np.int64) * turn
    key += np.round(east / SAME).astype(np.int64) % turn
    for axis in (0, 1):
        same = np.diff(key, axis=axis) == 0
        pairs = np.swapaxes(same, 0, axis)
        spot = np.zeros(key.shape, bool)
        view = np.swapaxes(spot, 0, axis)
        view[1:] |= pairs
        view[:-1] |= pairs
        known &= ~spot
    numbers = np.flatnonzero(known)
    first = np.unique(key.ravel()[numbers], return_index=True)[1]
    own = np.zeros(known.size, bool)
    own[numbers[first]] = True
    return own.reshape(known.shape)


def _given_corners(given: Floats, known: NDArray[np.bool_]) -> Floats | None:
    """Take corners as they are given; None where they are given for no cell.

    A cell of fewer corners than others repeats its last one, or has no number there.
    """
    corners = given.copy()
    for i in range(1, corners.shape[2]):
        lacks = ~np.isfinite(corners[:, :, i]).all(axis=-1)
        corners[:, :, i][lacks] = corners[:, :, i - 1][lacks]
    sound = np.isfinite(corners).all(axis=(2, 3)) & (np.ptp(corners[..., 1], axis=2) > 0)
    corners[~sound] = np.nan
    return corners if (sound & known).any() else None


def _midway_corners(lat: Floats, lon: Floats) -> Floats:
    """(rows, columns, 4, 2) corners, midway between centres, round in order of index."""
    wide = np.stack([np.pad(one, 1, constant_values=np.nan) for one in (lon, lat)])
    _fill_edges(wide)
    nodes = _nodes(*wide)
    return np.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]], axis=2)


def _fill_edges(wide: Floats) -> None:
    """Give a place to what lies beside cells, as far out as they are apart; in place.

    ``wide`` is (2, rows, columns), longitudes and latitudes, NaN where there is no cell.
    """
    rows, columns = np.nonzero(np.isnan(wide[1]))
    further = np.pad(wide, ((0, 0), (2, 2), (2, 2)), constant_values=np.nan)
    for ways in (_STRAIGHT, _DIAGONAL):
        guesses = []
        for down, right in ways:
            one = further[:, rows + 2 + down, columns + 2 + right]
            two = further[:, rows + 2 + 2 * down, columns + 2 + 2 * right]
            guesses.append(np.stack([one[0] + wrapped(one[0] - two[0]), 2 * one[1] - two[1]]))
        found = _middle(np.array(guesses))
        lacking = np.isnan(wide[1, rows, columns]) & np.isfinite(found[1])
        wide[:, rows[lacking], columns[lacking]] = found[:, lacking]


def _middle(points: Floats) -> Floats:
    """(2, n) mean of those of (m, 2, n) longitudes and latitudes that are known."""
    known = np.isfinite(points[:, 1])
    count = np.maximum(known.sum(axis=0), 1)
    first = np.take_along_axis(points[:, 0], known.argmax(axis=0)[None], axis=0)[0]
    away = np.where(known, wrapped(points[:, 0] - first), 0.0).sum(axis=0) / count
    lat = np.where(known, points[:, 1], 0.0).sum(axis=0) / count
    return np.where(known.any(axis=0), np.stack([first + away, lat]), np.nan)


def _nodes(lon: Floats, lat: Floats) -> Floats:
    """(rows + 1, columns + 1, 2) middle of each four centres; NaN where one is unknown."""
    around = np.stack(
        [np.stack([one[:-1, :-1], one[:-1, 1:], one[1:, 1:], one[1:, :-1]]) for one in (lon, lat)],
        axis=1,
    )
    away = wrapped(around[:, 0] - around[0, 0])
    found = np.stack([around[0, 0] + away.mean(axis=0), around[:, 1].mean(axis=0)], axis=-1)
    far = np.ptp(away, axis=0) > FAR_APART
    if far.any():
        found[far] = _on_sphere(around[:, :, far])
    return found


def _on_sphere(around: Floats) -> Floats:
    """(n, 2) middle of (4, 2, n) points on the sphere."""
    lon, lat = np.deg2rad(around[:, 0]), np.deg2rad(around[:, 1])
    x, y = (np.cos(lat) * np.cos(lon)).sum(axis=0), (np.cos(lat) * np.sin(lon)).sum(axis=0)
    north = np.arctan2(np.sin(lat).sum(axis=0), np.hypot(x, y))
    return np.asarray(np.rad2deg(np.stack([np.arctan2(y, x), north], axis=-1)), np.float64)

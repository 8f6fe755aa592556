"""The grid of a file: cells between lines of latitude and longitude, with row 0 in the north."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.errors import GranuleError
from csserv.request.measures import EARTH_RADIUS

Floats = NDArray[np.float64]

#: a grid counts as even if no cell edge is off an even grid's by more than this share of a cell
UNEVEN = 0.01


@dataclass(frozen=True)
class Window:
    """A part of a grid: first row from the north, first column from the west, and their numbers.

    The columns may pass the last one of a grid round the globe, and go on with the first.
    """

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Grid:
    """Cells between lines of latitude and longitude.

    Where cell sizes differ (a Gaussian grid), the edges are given, and ``dlat`` and ``dlon`` are
    mean sizes.

    Attributes
    ----------
    north, west : outer edges [degrees]; ``west`` is as in the file, so it may lie in -360..360
    dlat, dlon : height and width of a cell [degrees]
    rows, columns : number of each
    """

    north: float
    west: float
    dlat: float
    dlon: float
    rows: int
    columns: int
    lat_edges: tuple[float, ...] = ()  #: (rows + 1,) from north to south; empty if cells are even
    lon_edges: tuple[float, ...] = ()  #: (columns + 1,) from west to east; empty if cells are even

    @classmethod
    def from_centres(
        cls,
        lat: Floats,
        lon: Floats,
        lat_bounds: Floats | None = None,
        lon_bounds: Floats | None = None,
    ) -> Self:
        """Build the grid from cell centres.

        Parameters
        ----------
        lat, lon : (rows,) and (columns,) cell centres, rising or falling [degrees]
        lat_bounds, lon_bounds : (n, 2) edges of the cells, as CF files may give them. They are used
            only where the centres are not evenly spaced; without them, edges lie midway between
            centres

        Raises
        ------
        GranuleError : fewer than two rows or columns, or centres that neither rise nor fall
        """
        lon = np.unwrap(lon, period=360.0)
        if lon_bounds is not None:
            lon_bounds = lon[:, None] + (lon_bounds - lon[:, None] + 180.0) % 360.0 - 180.0
        rows = _axis(lat, "latitude", lat_bounds)
        columns = _axis(lon, "longitude", lon_bounds)
        edges = tuple(float(v) for v in np.clip(rows.edges[::-1], -90.0, 90.0))
        return cls(
            rows.high,
            columns.low,
            rows.step,
            columns.step,
            len(lat),
            len(lon),
            edges,
            columns.edges,
        )

    @cached_property
    def is_even(self) -> bool:
        """Whether all cells have about the same size in degrees, as a GeoTIFF needs it."""
        return all(
            np.abs(np.linspace(lines[0], lines[-1], len(lines)) - lines).max() <= UNEVEN * step
            for lines, step in ((self.row_lines, self.dlat), (self.column_lines, self.dlon))
            if self.lat_edges or self.lon_edges
        )

    @property
    def is_cyclic(self) -> bool:
        """Whether the grid goes round the globe: its last column borders on the first."""
        return abs(self.columns * self.dlon - 360.0) < UNEVEN * self.dlon

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) outer edges [degrees], with longitudes as in the file."""
        south = max(-90.0, self.north - self.rows * self.dlat)
        return self.west, south, self.west + self.columns * self.dlon, min(90.0, self.north)

    @cached_property
    def frame(self) -> BaseGeometry:
        """The box around the grid, repeated at shifts of 360 degrees to match any longitude."""
        west, south, east, north = self.bounds
        if self.is_cyclic:
            west, east = west - 360.0, east + 360.0
        return shapely.union_all([shapely.box(west + t, south, east + t, north) for t in TURNS])

    @cached_property
    def row_lines(self) -> Floats:
        """(rows + 1,) edges of the cells from north to south [degrees], clipped to -90..90."""
        even = self.north - self.dlat * np.arange(self.rows + 1)
        return np.asarray(np.clip(self.lat_edges or even, -90.0, 90.0), np.float64)

    @cached_property
    def column_lines(self) -> Floats:
        """(columns + 1,) edges of the cells from west to east [degrees], as in the file."""
        even = self.west + self.dlon * np.arange(self.columns + 1)
        return np.asarray(self.lon_edges or even, np.float64)

    def lat(self, window: Window) -> Floats:
        """(rows,) cell centres of a window from north to south [degrees]."""
        if self.lat_edges:
            lines = self.row_lines[window.row : window.row + window.rows + 1]
            return np.asarray((lines[:-1] + lines[1:]) / 2, np.float64)
        rows = window.row + 0.5 + np.arange(window.rows)
        return np.asarray(self.north - self.dlat * rows, np.float64)

    def lon(self, window: Window) -> Floats:
        """(columns,) cell centres of a window, west to east [degrees]; the first in -180..180."""
        if self.lon_edges:
            turns, columns = np.divmod(window.column + np.arange(window.columns), self.columns)
            lines = self.column_lines
            lon = (lines[columns] + lines[columns + 1]) / 2 + 360.0 * turns
        else:
            lon = self.west + self.dlon * (window.column + 0.5 + np.arange(window.columns))
        return np.asarray(lon - 360.0 * np.floor((lon[0] + 180.0) / 360.0), np.float64)

    @cached_property
    def row_areas(self) -> Floats:
        """(rows,) area on the sphere of one degree of longitude of each row [km2/degree]."""
        edges = np.sin(np.deg2rad(self.row_lines))
        return np.asarray(EARTH_RADIUS**2 * np.deg2rad(1.0) * (edges[:-1] - edges[1:]), np.float64)


#: shifts [degrees] that may bring the longitudes of a zone (-180..180) to those of a grid
TURNS = (-720.0, -360.0, 0.0, 360.0, 720.0)


@dataclass(frozen=True)
class _Axis:
    """One axis from its low end to its high end: of even steps, or with the edges of each cell."""

    low: float
    high: float
    step: float
    edges: tuple[float, ...] = ()


def _axis(centres: Floats, name: str, bounds: Floats | None) -> _Axis:
    if len(centres) < 2:
        raise GranuleError(f"the {name} has {len(centres)} values; a grid needs at least two")
    rising = centres if centres[0] < centres[-1] else centres[::-1]
    if (np.diff(rising) <= 0).any():
        raise GranuleError(f"the {name} neither rises nor falls all along")
    low, high = float(rising[0]), float(rising[-1])
    step = (high - low) / (len(rising) - 1)
    off = np.abs(np.linspace(low, high, len(rising)) - rising).max()
    if off <= min(UNEVEN * step, _rounding(rising)):
        low, high, step = _meant(rising, step)
        return _Axis(low - step / 2, high + step / 2, step)
    edges = _edges(rising) if bounds is None else _given_edges(np.sort(bounds, axis=None), rising)
    mean = (edges[-1] - edges[0]) / len(rising)
    return _Axis(float(edges[0]), float(edges[-1]), float(mean), tuple(map(float, edges)))


def _rounding(rising: Floats) -> float:
    """How far rounding (to float32 or decimals) may move stored centres [degrees]."""
    noise = 4 * float(np.spacing(np.float32(np.abs(rising).max())))
    for digits in range(1, 6):
        if np.abs(np.round(rising, digits) - rising).max() <= noise:
            return max(noise, 1.01 * 10.0**-digits)  # also of the ends of the line
    return noise


def _edges(rising: Floats) -> Floats:
    """Return edges midway between centres; an outer cell reaches as far outwards as inwards."""
    inner = (rising[:-1] + rising[1:]) / 2
    return np.concatenate([[2 * rising[0] - inner[0]], inner, [2 * rising[-1] - inner[-1]]])


def _given_edges(sorted_bounds: Floats, rising: Floats) -> Floats:
    """Return the edges that the bounds give, or midway edges where the cells do not join."""
    edges = np.append(sorted_bounds[::2], sorted_bounds[-1])
    joined = np.allclose(sorted_bounds[1:-1:2], sorted_bounds[2::2], atol=1e-4)
    between = (edges[:-1] < rising).all() and (rising < edges[1:]).all()
    return edges if joined and between else _edges(rising)


def _meant(rising: Floats, step: float) -> tuple[float, float, float]:
    """Undo float32 rounding of the step, where the result fits every centre: 0.049999 is 360/7200.

    Without this, an area drawn along cell edges would touch a sliver of the next cells.
    """
    whole = 360.0 / max(1, round(360.0 / step))
    low = round(rising[0] / (whole / 2)) * whole / 2
    meant = low + whole * np.arange(len(rising))
    if np.abs(meant - rising).max() <= 2 * np.spacing(np.float32(np.abs(rising).max())):
        return low, float(meant[-1]), whole
    return float(rising[0]), float(rising[-1]), step

"""Curved grids, such as those of swaths and rotated poles: latitude and longitude for each cell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.catalog.read.grid import TURNS, Floats, Window
from csserv.errors import GranuleError


@dataclass(frozen=True, eq=False)
class CurvedGrid:
    """A grid of quadrilateral cells; rows and columns as in the file.

    Attributes
    ----------
    centre_lat, centre_lon : (rows, columns) cell centres [degrees]
    corners : (rows, columns, 4, 2) longitude and latitude of the corners [degrees]; longitudes
        lie within 180 degrees of the cell's centre
    """

    centre_lat: Floats
    centre_lon: Floats
    corners: Floats

    is_even = False
    is_cyclic = False

    @classmethod
    def from_centres(
        cls, lat: Floats, lon: Floats, lat_bounds: Floats | None, lon_bounds: Floats | None
    ) -> Self:
        """Build the grid from cell centres.

        Parameters
        ----------
        lat, lon : (rows, columns) cell centres [degrees]
        lat_bounds, lon_bounds : (rows, columns, 4) corners of the cells [degrees]; if either is
            None, a corner lies midway between the four centres around it

        Raises
        ------
        GranuleError : fewer than two rows or columns
        """
        if min(lat.shape) < 2:
            raise GranuleError(f"a grid of {lat.shape[0]} by {lat.shape[1]} cells; two are needed")
        if lat_bounds is not None and lon_bounds is not None:
            corners = np.stack([lon_bounds, lat_bounds], axis=-1)
        else:
            unwrapped = np.unwrap(np.unwrap(lon, period=360.0, axis=1), period=360.0, axis=0)
            corners = np.stack([_cornered(unwrapped), _cornered(lat)], axis=-1)
        away = corners[..., 0] - lon[..., None]
        corners[..., 0] = lon[..., None] + (away + 180.0) % 360.0 - 180.0
        corners[..., 1] = np.clip(corners[..., 1], -90.0, 90.0)
        return cls(lat, lon, corners)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CurvedGrid) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __repr__(self) -> str:
        return f"CurvedGrid({self.rows} x {self.columns}, {self._digest})"

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.centre_lat.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns."""
        return int(self.centre_lat.shape[1])

    @property
    def dlat(self) -> float:
        """Median height of a cell [degrees]."""
        return float(np.median(np.ptp(self.corners[..., 1], axis=-1)))

    @property
    def dlon(self) -> float:
        """Median width of a cell [degrees]."""
        return float(np.median(np.ptp(self.corners[..., 0], axis=-1)))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) of all cells [degrees]."""
        lon, lat = self.corners[..., 0], self.corners[..., 1]
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    @cached_property
    def frame(self) -> BaseGeometry:
        """The box around all cells, repeated at shifts of 360 degrees to match any longitude."""
        west, south, east, north = self.bounds
        return shapely.union_all([shapely.box(west + t, south, east + t, north) for t in TURNS])

    @cached_property
    def polygons(self) -> NDArray[np.object_]:
        """(rows * columns,) the cells as shapely polygons."""
        return np.asarray(shapely.polygons(self.corners.reshape(-1, 4, 2)))

    def lat(self, window: Window) -> Floats:
        """(rows, columns) latitudes of the cell centres in a window [degrees]."""
        return self.centre_lat[_place(window)]

    def lon(self, window: Window) -> Floats:
        """(rows, columns) longitudes of the cell centres in a window [degrees]."""
        return self.centre_lon[_place(window)]

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(np.ascontiguousarray(self.corners).tobytes()).hexdigest()[:16]


def _place(window: Window) -> tuple[slice, slice]:
    return (
        slice(window.row, window.row + window.rows),
        slice(window.column, window.column + window.columns),
    )


def _cornered(centres: Floats) -> Floats:
    """Return (rows, columns, 4) corners midway between centres, in order around the cell."""
    wide = np.pad(centres, 1, mode="reflect", reflect_type="odd")
    mid = (wide[:-1, :-1] + wide[:-1, 1:] + wide[1:, :-1] + wide[1:, 1:]) / 4
    return np.stack([mid[:-1, :-1], mid[:-1, 1:], mid[1:, 1:], mid[1:, :-1]], axis=-1)

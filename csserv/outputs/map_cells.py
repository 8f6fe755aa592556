"""The cells of an export, and what else a file of maps says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.outputs.netcdf.step_intervals import StepIntervals

Field = NDArray[np.float32]
Layers = Iterator[Field]


@dataclass(frozen=True, eq=False)
class Cells:
    """Grid, units and attributes of the exported cells; the same for every part."""

    lat: NDArray[np.float64]  #: (lat,) centres, from north to south; (y, x) on a curved grid
    lon: NDArray[np.float64]  #: (lon,) centres, from west to east; (y, x) on a curved grid
    dlat: float  #: height of a cell [degrees]
    dlon: float  #: width of a cell [degrees]
    variable: str
    attributes: dict[str, str]  #: of the variable, units included
    title: str
    daily: bool  #: whether no day has more than one step
    scale: float = 1.0  #: with ``offset``, converts cells to the units of the attributes
    offset: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        if self.lat.ndim == 2:
            return self.lat.shape[0], self.lat.shape[1]
        return len(self.lat), len(self.lon)


@dataclass(frozen=True, eq=False)
class Part:
    """The steps of one block: their times, and the file with their (time, lat, lon) cells."""

    times: Sequence[cftime.datetime]
    path: Path

    def layers(self, cells: Cells) -> Layers:
        """Yield the (lat, lon) maps, step by step; NaN where missing."""
        size = cells.shape[0] * cells.shape[1]
        with self.path.open("rb") as file:
            for _ in self.times:
                yield np.frombuffer(file.read(size * 4), np.float32).reshape(cells.shape)


@dataclass(frozen=True, eq=False)
class NamedMaps:
    """The maps of one quantity, at the steps of a result.

    Attributes
    ----------
    name : of a statistic; empty for the values themselves
    cells : whose variable and attributes are those of the quantity; nothing is left to convert
    part : the maps
    """

    name: str
    cells: Cells
    part: Part


@dataclass(frozen=True, eq=False)
class Projected:
    """Rows and columns in the projection of their grid.

    Attributes
    ----------
    mapping : attributes of CF's grid mapping
    axes : name → centres in the units of the projection, and attributes; (rows,) and (columns,)
    """

    mapping: Mapping[str, Any]
    axes: Mapping[str, tuple[NDArray[np.float64], Mapping[str, str]]]


@dataclass(frozen=True, eq=False)
class Described:
    """What a NetCDF file of maps says besides the cells.

    Attributes
    ----------
    attributes : of the file
    intervals : of the steps; None where they are not known
    lat_bounds, lon_bounds : (rows, 2) and (columns, 2) edges of cells, or (rows, columns, k)
        corners on a curved grid [degrees]
    projected : None for a grid of latitudes and longitudes, or of cells without a projection
    """

    attributes: Mapping[str, str]
    intervals: StepIntervals | None
    lat_bounds: NDArray[np.float64]
    lon_bounds: NDArray[np.float64]
    projected: Projected | None = None


def converted(cells: Cells, layer: Field) -> Field:
    """Convert a map to the units of the attributes."""
    if (cells.scale, cells.offset) == (1.0, 0.0):
        return layer
    return np.asarray(layer * np.float64(cells.scale) + cells.offset, np.float32)

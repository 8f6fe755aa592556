"""The polygons of zones, with the whole turns that bring them to the longitudes of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from csserv.catalog.read.grid import TURNS, Floats
from csserv.zonal.cell_overlap import Ints


@dataclass(frozen=True, eq=False)
class TurnedPolygons:
    """Polygons as zones have them; one that meets a grid at two turns is there twice.

    Attributes
    ----------
    shapes : (n,) polygons [degrees]
    zones : (n,) number of the zone each belongs to
    turns : (n,) to be added to its longitudes [degrees]
    """

    shapes: NDArray[np.object_]
    zones: Ints
    turns: Floats

    @classmethod
    def within(cls, reach: tuple[float, float], parts: NDArray[np.object_], zones: Ints) -> Self:
        """Turn polygons to where they meet the longitudes from west to east [degrees]."""
        west, east = reach
        bounds = shapely.bounds(parts)[:, [0, 2]]
        met = [
            np.flatnonzero((bounds[:, 1] + turn >= west) & (bounds[:, 0] + turn <= east))
            for turn in TURNS
        ]
        chosen = np.concatenate(met)
        turns = np.repeat(TURNS, [len(one) for one in met])
        return cls(parts[chosen], zones[chosen], turns)

    @cached_property
    def shifted(self) -> NDArray[np.object_]:
        """(n,) the polygons at the longitudes of the grid."""
        return moved(self.shapes, self.turns)

    def of(self, chosen: Sequence[int] | NDArray[np.bool_] | Ints) -> Self:
        """Return some of them."""
        return type(self)(self.shapes[chosen], self.zones[chosen], self.turns[chosen])


def moved(
    shapes: NDArray[np.object_], lon: Floats, lat: Floats | float = 0.0
) -> NDArray[np.object_]:
    """Move (n,) shapes by (n,) degrees."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    by = np.broadcast_arrays(lon, lat)
    points += np.stack(by, axis=-1)[owner]
    return np.asarray(shapely.set_coordinates(shapes.copy(), points))

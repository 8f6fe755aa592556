"""A grid, and how a file lays it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid, Window
from csserv.catalog.read.place.spacing import Floats


@dataclass(frozen=True, eq=False)
class Placed:
    """Where the cells of a variable lie, and along which of its dimensions.

    Attributes
    ----------
    rows, columns : the dimensions; rows empty where all cells lie along one
    south_up, east_first : whether rows run northwards, columns westwards, in the file; both
        False on a curved grid
    remarks : what was assumed or left out, a sentence each
    source : what of the file it was found by
    """

    grid: Grid | CurvedGrid
    rows: str
    columns: str
    south_up: bool = False
    east_first: bool = False
    remarks: tuple[str, ...] = ()
    source: str = ""

    def centres(self, row: int) -> Floats:
        """(columns, 2) longitude, latitude of the centres of a row of the file [degrees]."""
        grid = self.grid
        if isinstance(grid, CurvedGrid):
            whole = grid.centres_of(slice(row, row + 1), slice(None))
            return np.asarray(whole[0], np.float64)
        from_north = grid.rows - 1 - row if self.south_up else row
        window = Window(from_north, 0, 1, grid.columns)
        lon = grid.lon(window)[:: -1 if self.east_first else 1]
        lat = np.broadcast_to(grid.lat(window), lon.shape)
        return np.stack([lon, lat], axis=-1)

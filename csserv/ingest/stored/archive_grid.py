"""The grid of an archive: a step on another one would make it unreadable as a whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.errors import FetchError
from csserv.ingest.stored.box import whole
from csserv.ingest.stored.fetched_archive import Archive
from csserv.ingest.stored.field import Field

#: share of a cell by which centres may differ, as some providers write them in float32
SAME = 0.01


class ArchiveGrid:
    """Centres of the rows and columns of an archive; those of the first step, if it is empty."""

    def __init__(self, archive: Archive) -> None:
        self._centres: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        for _, header in archive.files():
            grid = header.grid
            if not isinstance(grid, CurvedGrid):
                self._centres = grid.lat(whole(grid)), grid.lon(whole(grid))
                break

    def check(self, field: Field) -> None:
        """See that a step lies where the others do.

        Raises
        ------
        FetchError : it does not; says where both lie
        """
        own = field.grid.lat(field.window), field.grid.lon(field.window)
        if self._centres is None:
            self._centres = own
        if not all(map(_are_same, own, self._centres)):
            raise FetchError(
                f"it is on another grid ({_told(own)}) than the archive ({_told(self._centres)})"
            )


def _are_same(own: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    if len(own) != len(other):
        return False
    cell = abs(own[1] - own[0]) if len(own) > 1 else 1.0
    apart = (own - other + 180.0) % 360.0 - 180.0
    return bool(np.abs(apart).max() <= SAME * cell)


def _told(centres: tuple[NDArray[np.float64], NDArray[np.float64]]) -> str:
    lat, lon = centres
    return (
        f"{len(lat)} rows from latitude {lat[0]:g} to {lat[-1]:g}, "
        f"{len(lon)} columns from longitude {lon[0]:g} to {lon[-1]:g}"
    )

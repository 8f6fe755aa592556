"""Blocks of neighbouring cells and the boxes that hold them: so that few cells are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.catalog.read.grid import TURNS
from csserv.catalog.read.place.spacing import Floats

#: rows and columns of a block; cells of one of a grid that has but one row
SIDE, ALONG = 32, 1024

#: a block that spans more is taken to go all round [degrees]
WIDE = 300.0

#: boxes reach out by this share, as edges between corners may
MARGIN = 0.05


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks of cells that have a place.

    Attributes
    ----------
    rows, columns : (n, 2) first and last + 1
    boxes : (n, 4) west, south, east, north [degrees]
    bounds : of all blocks [degrees]; -180 to 180 where there is no gap in longitude
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    boxes: Floats
    bounds: tuple[float, float, float, float]

    @classmethod
    def of(cls, rows: NDArray[np.int64], columns: NDArray[np.int64], boxes: Floats) -> Self:
        """Take blocks for those of a grid; one whose box is NaN has no place."""
        placed = np.isfinite(boxes).all(axis=1)
        rows, columns, boxes = rows[placed], columns[placed], boxes[placed]
        west, east = _arc(boxes)
        middle = (boxes[:, 0] + boxes[:, 2]) / 2
        turn = 360.0 * np.round(((west + east) / 2 - middle) / 360.0)
        boxes = boxes + turn[:, None] * np.array([1.0, 0.0, 1.0, 0.0])
        bounds = west, float(boxes[:, 1].min()), east, float(boxes[:, 3].max())
        return cls(rows, columns, boxes, bounds)

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """(n,) the boxes, a little larger."""
        out = MARGIN * (self.boxes[:, 2:] - self.boxes[:, :2])
        wide = np.concatenate([self.boxes[:, :2] - out, self.boxes[:, 2:] + out], axis=1)
        return np.asarray(shapely.box(*wide.T))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Finds boxes."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def reach(self) -> tuple[float, float]:
        """West and east of all boxes [degrees]; round a pole more than a turn apart."""
        bounds = shapely.bounds(self.shapes)
        return float(bounds[:, 0].min()), float(bounds[:, 2].max())

    @cached_property
    def frame(self) -> BaseGeometry:
        """The boxes as one shape, repeated each whole turn."""
        whole = shapely.union_all(self.shapes)
        turned = [
            shapely.transform(whole, lambda xy, by=t: xy + np.array([by, 0.0])) for t in TURNS
        ]
        return shapely.union_all(turned)

    @cached_property
    def most(self) -> int:
        """How many cells the largest block has."""
        sizes = np.diff(self.rows, axis=1) * np.diff(self.columns, axis=1)
        return int(sizes.max(initial=1))

    @property
    def middles(self) -> Floats:
        """(n,) longitudes of the middle of each block [degrees]."""
        return np.asarray((self.boxes[:, 0] + self.boxes[:, 2]) / 2, np.float64)

    def touched(self, box: tuple[float, float, float, float]) -> tuple[range, range] | None:
        """Find the rows and columns that a box may touch, wherever it is turned to."""
        west, south, east, north = box
        turned = [shapely.box(west + t, south, east + t, north) for t in TURNS]
        found = self.tree.query(turned, predicate="intersects")[1]
        if not len(found):
            return None
        rows, columns = self.rows[found], self.columns[found]
        return (
            range(int(rows.min()), int(rows.max())),
            range(int(columns.min()), int(columns.max())),
        )


def block_sides(cells: int, side: int) -> NDArray[np.int64]:
    """(n, 2) first and last + 1 of each of the blocks along an axis."""
    first = np.arange(0, cells, side)
    return np.stack([first, np.minimum(first + side, cells)], axis=1).astype(np.int64)


def boxes_of(lon: Floats, lat: Floats, poles: NDArray[np.bool_]) -> Floats:
    """Find the boxes of blocks.

    Parameters
    ----------
    lon, lat : (n, m) points of each block [degrees]; NaN for none
    poles : (n, 2) whether the south pole and the north pole lie in a block or on its edge

    Returns
    -------
    (n, 4) west, south, east, north [degrees]; NaN where a block has no point. All round a pole, two
    turns, for its cells may begin anywhere.
    """
    known = np.isfinite(lon) & np.isfinite(lat)
    first = lon[np.arange(len(lon)), known.argmax(axis=1)]
    turned = np.sort(np.where(known, lon, first[:, None]) % 360.0, axis=1)
    gaps = np.diff(turned, axis=1, append=turned[:, :1] + 360.0)
    widest = gaps.argmax(axis=1)[:, None]
    west = np.take_along_axis(turned, (widest + 1) % lon.shape[1], axis=1)[:, 0]
    span = 360.0 - np.take_along_axis(gaps, widest, axis=1)[:, 0]
    south = np.where(known, lat, np.inf).min(axis=1)
    north = np.where(known, lat, -np.inf).max(axis=1)
    wide = poles.any(axis=1) | (span > WIDE)
    boxes = np.stack(
        [
            np.where(wide, west - 360.0, west),
            np.where(poles[:, 0], -90.0, south),
            np.where(wide, west + 360.0, west + span),
            np.where(poles[:, 1], 90.0, north),
        ],
        axis=1,
    )
    boxes[~np.any(known, axis=1)] = np.nan
    return boxes


def _arc(boxes: Floats) -> tuple[float, float]:
    """Find west, from -180 up to 180, and east of boxes: what is left by the widest gap."""
    west = (boxes[:, 0] + 180.0) % 360.0 - 180.0
    order = np.argsort(west)
    west, width = west[order], (boxes[:, 2] - boxes[:, 0])[order]
    reached = np.maximum.accumulate(west + width)
    gaps = np.append(west[1:], west[0] + 360.0) - reached
    widest = int(gaps.argmax())
    if gaps[widest] <= 0:
        return -180.0, 180.0
    start = float(west[(widest + 1) % len(west)])
    return start, start + 360.0 - float(gaps[widest])

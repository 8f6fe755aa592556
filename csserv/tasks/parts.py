"""What calls leave in the work folder for those that follow: weights, and parts of blocks.

All of it lies on disk, nothing in the memory of a worker: whoever dies, it is not done again.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.grid import Floats, Grid, Window
from csserv.zonal.weights import Weights

#: exact for times of any calendar
UNITS = "microseconds since 1970-01-01"


@dataclass(frozen=True, eq=False)
class BlockResult:
    """``(time, zones)`` values and per cent valid of a block; its cells, where they are kept."""

    times: tuple[cftime.datetime, ...]
    values: Floats
    percent: Floats
    cells: Path | None  #: file of an export

    def save(self, path: Path) -> None:
        """Write it in one step; of two who write the same block, the last one counts."""
        _save(
            path,
            values=self.values,
            percent=self.percent,
            times=cftime.date2num(self.times, UNITS, self.times[0].calendar),
            calendar=np.array(self.times[0].calendar),
            cells=np.array(str(self.cells or "")),
        )

    @classmethod
    def load(cls, path: Path) -> BlockResult:
        """Read what a block left."""
        with np.load(path, allow_pickle=False) as data:
            times = cftime.num2date(
                data["times"], UNITS, str(data["calendar"]), only_use_cftime_datetimes=True
            )
            cells = str(data["cells"])
            return cls(
                tuple(times), data["values"], data["percent"], Path(cells) if cells else None
            )


def save_weights(path: Path, weights: Weights) -> None:
    """Write the weights on one grid; the grid itself is known to those who read them."""
    window = astuple(weights.window)
    arrays = {name: getattr(weights, name) for name in _ARRAYS}
    _save(path, window=np.array(window), **arrays)


@lru_cache(maxsize=4)  # a worker does many blocks with the same weights
def load_weights(path: Path, grid: Grid) -> Weights:
    """Read weights back."""
    with np.load(path, allow_pickle=False) as data:
        window = Window(*map(int, data["window"]))
        return Weights(grid, window, **{name: data[name] for name in _ARRAYS})


_ARRAYS = ("starts", "cells", "coverage", "area", "on_grid")


def _save(path: Path, **arrays: NDArray[Any]) -> None:
    draft = path.with_name(f".{path.name}.{uuid4().hex}.draft")
    with draft.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    draft.replace(path)

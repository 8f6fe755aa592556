"""Files that calls leave in the work folder for later calls: weights, and results of blocks.

Nothing is kept in the memory of a worker, so nothing is lost when one dies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid, Window
from csserv.machine.written_whole import written_whole
from csserv.tasks.work.zone_columns import StoredArray, stored_arrays
from csserv.zonal.statistics import Arrays
from csserv.zonal.weights import Weights, ZoneSums, sums_by_zone
from csserv.zonal.zone_values import Decoding

#: the member of a block's file that says what it is
ABOUT = "about"


@dataclass(frozen=True)
class BlockPosition:
    """The position of a block in the result.

    Attributes
    ----------
    first, steps : index of its first step, and how many it has
    part, parts : it has part ``part`` of ``parts`` of the cells at these steps
    weights : file name of its weights
    selection, selections : it has selection ``selection`` of ``selections`` of further dimensions
    decoding : scale and offset that its sums still lack, of each run of steps
    computed : when the first and the last of its steps was, if they had been kept
    summed : whether it was made of time sums
    times : of its steps, as the result writes them; in files only
    """

    first: int
    steps: int
    part: int
    parts: int
    weights: str
    selection: int = 0
    selections: int = 1
    decoding: Decoding = ()
    computed: tuple[str, str] | None = None
    summed: bool = False
    times: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class BlockResult:
    """What a block accumulated, (steps, zones) arrays; and the file of its cells, if exported."""

    kept: Arrays
    cells: Path | None  #: the block's file of an export
    position: BlockPosition
    zones: ZoneSums | None = None  #: of its weights, if it had been kept

    def save(self, path: Path) -> None:
        """Write it atomically; if two workers write the same block, the last one counts."""
        about = orjson.dumps({"cells": str(self.cells or ""), "place": asdict(self.position)})
        # zone by zone on disk, as the result is written
        by_zone = {name: np.asfortranarray(one) for name, one in self.kept.items()}
        _save(path, about=np.array(about.decode()), **by_zone)

    @classmethod
    def load(cls, path: Path) -> BlockResult:
        """Read the result of a block."""
        with np.load(path, allow_pickle=False) as data:
            # as it was computed: sums may depend on the order in memory
            kept = {name: np.ascontiguousarray(data[name]) for name in data.files if name != ABOUT}
            cells, position = _read_about(str(data[ABOUT]))
        return cls(kept, cells, position)

    def of_zones(self, span: slice) -> Arrays:
        """Return what it accumulated of some zones."""
        return {name: array[:, span] for name, array in self.kept.items()}


@dataclass(frozen=True, eq=False)
class StoredResult:
    """The result of a block that stays on disk: of which some zones are read at a time."""

    cells: Path | None  #: see ``BlockResult``
    position: BlockPosition
    path: Path
    arrays: Mapping[str, StoredArray]

    @classmethod
    def open(cls, path: Path, check: bool = True) -> StoredResult:
        """Read where the arrays of a block lie, and see that they are as they were written.

        Parameters
        ----------
        check : whether all bytes are compared with their checksum

        Raises
        ------
        zipfile.BadZipFile : they are not
        """
        with np.load(path, allow_pickle=False) as data:
            cells, position = _read_about(str(data[ABOUT]))
        return cls(cells, position, path, stored_arrays(path, f"{ABOUT}.npy", check))

    def of_zones(self, span: slice) -> Arrays:
        """Return what it accumulated of some zones."""
        with self.path.open("rb") as file:
            return {name: one.columns(file, span) for name, one in self.arrays.items()}


def _read_about(text: str) -> tuple[Path | None, BlockPosition]:
    about = orjson.loads(text)
    place = about["place"]
    cells = Path(about["cells"]) if about["cells"] else None
    decoding = tuple((int(n), scale, offset) for n, scale, offset in place["decoding"])
    computed = place["computed"] and tuple(place["computed"])
    listed = {"times": tuple(place["times"]), "decoding": decoding, "computed": computed}
    return cells, BlockPosition(**place | listed)


def save_weights(path: Path, weights: Weights) -> None:
    """Write the weights on a grid, but not the grid, which readers know."""
    _save(
        path,
        window=np.array(astuple(weights.window)),
        zones=np.array(weights.zones),
        by_area=np.array(weights.by_area),
        spans=weights.spans,
        on_grid=weights.on_grid,
    )


def load_zone_sums(path: Path) -> ZoneSums:
    """Read the part of weights that finishing a value needs; it needs no grid."""
    with np.load(path, allow_pickle=False) as data:
        return ZoneSums(sums_by_zone(data["spans"], int(data["zones"])), data["on_grid"])


@lru_cache(maxsize=4)  # a worker reduces many blocks with the same weights
def load_weights(path: Path, grid: Grid | CurvedGrid) -> Weights:
    """Read weights on a grid."""
    with np.load(path, allow_pickle=False) as data:
        return Weights(
            grid,
            Window(*map(int, data["window"])),
            int(data["zones"]),
            data["spans"],
            data["on_grid"],
            bool(data["by_area"]),
        )


def _save(path: Path, **arrays: NDArray[Any]) -> None:
    # what a power cut loses is computed again
    with written_whole(path, synced=False) as draft, draft.open("wb") as file:
        # without allow_pickle: numpy 2.0 takes it for one more array; no array here has that name
        np.savez(file, **arrays)  # type: ignore[arg-type]

"""The raw maps of all blocks, by rows of cells: all steps of a cell are there at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from csserv.outputs.map_cells import Cells

Maps = NDArray[np.float32]

#: values of cells that are looked at together; they take five times eight bytes
AT_ONCE = 4_000_000


@dataclass(frozen=True)
class RawMaps:
    """The files of the maps of all steps of a plan.

    Attributes
    ----------
    parts : number of steps, and file of the maps of each block, in the order of the plan
    cells : of the maps
    at_once : values of cells that are looked at together
    """

    parts: tuple[tuple[int, Path | None], ...]
    cells: Cells
    at_once: int = AT_ONCE

    def by_rows(
        self,
        names: Sequence[str],
        compute: Callable[[Maps], Mapping[str, NDArray[Any]]],
        folder: Path,
        go_on: Callable[[], None],
    ) -> dict[str, Path]:
        """Compute other maps of these, some rows of cells at a time.

        Parameters
        ----------
        names : of the maps that are computed
        compute : of (steps, rows, columns) maps of all steps, returns by name others
        folder : for the files, one a name
        go_on : called before some rows are computed, and may end it

        Returns
        -------
        files : name → file of raw maps
        """
        rows, columns = self.cells.shape
        raw = [
            np.memmap(path, np.float32, "r", shape=(steps, rows, columns))
            for steps, path in self.parts
            if path is not None
        ]
        paths = {name: folder / f"{name}.f4" for name in names}
        height = max(1, self.at_once // (sum(map(len, raw)) * columns))
        with ExitStack() as stack:
            files = {name: stack.enter_context(path.open("wb")) for name, path in paths.items()}
            for first in range(0, rows, height):
                go_on()
                values = np.concatenate([one[:, first : first + height] for one in raw])
                for name, maps in compute(values).items():
                    self._write_rows(files[name], first, maps)
        return paths

    def _write_rows(self, file: BinaryIO, first: int, maps: NDArray[Any]) -> None:
        """Write some rows of all maps; not by mapped memory, which kills on a full disk."""
        rows, columns = self.cells.shape
        for step, rows_of_step in enumerate(maps.astype(np.float32)):
            file.seek((step * rows + first) * columns * 4)
            file.write(rows_of_step.tobytes())

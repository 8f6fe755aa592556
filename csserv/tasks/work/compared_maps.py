"""Compares the maps of an export with what is normal, cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.comparison import Comparison
from csserv.climatology.normals import compare, describe
from csserv.outputs.map_cells import Cells, NamedMaps, Part
from csserv.units import is_temperature

#: statistics that are given as maps
MAPPED = ("normal", "anomaly", "percent_of_normal", "percentile_rank", "standardised_anomaly")

#: values of cells that are looked at together; they take five times eight bytes
AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class ComparedMaps:
    """The maps of all steps of a plan, and which are compared with which.

    Attributes
    ----------
    parts : number of steps, and file of the raw maps of each block, in the order of the plan
    times : of the steps that are asked for
    cells : of the maps
    at_once : values of cells that are looked at together
    """

    parts: tuple[tuple[int, Path | None], ...]
    times: tuple[cftime.datetime, ...]
    cells: Cells
    comparison: Comparison
    own_year: str
    at_once: int = AT_ONCE

    def write(self, folder: Path, go_on: Callable[[], None]) -> list[NamedMaps]:
        """Write the maps that are asked for, and for each what is normal; row by row of cells.

        Parameters
        ----------
        folder : for the files, each as large as the maps that are asked for
        go_on : called before some rows are compared, and may end it

        Returns
        -------
        maps : of the values, and of each of ``MAPPED``
        """
        rows, columns = self.cells.shape
        raw = [
            np.memmap(path, np.float32, "r", shape=(steps, rows, columns))
            for steps, path in self.parts
            if path is not None
        ]
        names = ("value", *MAPPED)
        height = max(1, self.at_once // (sum(map(len, raw)) * columns))
        with ExitStack() as stack:
            files = {
                name: stack.enter_context((folder / f"{name}.f4").open("wb")) for name in names
            }
            for first in range(0, rows, height):
                go_on()
                values = np.concatenate([one[:, first : first + height] for one in raw])
                for name, maps in self._compared(values).items():
                    self._write_rows(files[name], first, maps)
        return [self._named(name, folder / f"{name}.f4") for name in names]

    def _write_rows(self, file: BinaryIO, first: int, maps: NDArray[Any]) -> None:
        """Write some rows of all maps; not by mapped memory, which kills on a full disk."""
        rows, columns = self.cells.shape
        for step, rows_of_step in enumerate(maps.astype(np.float32)):
            file.seek((step * rows + first) * columns * 4)
            file.write(rows_of_step.tobytes())

    @property
    def _units(self) -> str:
        return self.cells.attributes.get("units", "")

    def _compared(self, values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Compare (steps, rows, columns) maps; returns those of the steps that are asked for."""
        series = values.reshape(len(values), -1).astype(np.float64)
        of_amounts = not is_temperature(self._units)
        found = compare(series, self.comparison, self.own_year, of_amounts)
        shape = (len(self.times), *values.shape[1:])
        shown = {"value": values[self.comparison.shown]}
        return shown | {name: found[name].reshape(shape) for name in MAPPED}

    def _named(self, name: str, path: Path) -> NamedMaps:
        part = Part(self.times, path)
        if name not in MAPPED:
            return NamedMaps("", self.cells, part)
        (said,) = (one for one in describe(self._units) if one["name"] == name)
        # a statistic has no standard name of its own
        of = self.cells.attributes.get("long_name", self.cells.variable)
        attributes = {"long_name": f"{of}: {said['long_name']}", "units": said["units"]}
        variable = f"{self.cells.variable}_{name}"
        return NamedMaps(name, replace(self.cells, variable=variable, attributes=attributes), part)

"""Computes an index of the maps of an export, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.asked_index import compute_index
from csserv.climatology.index.index_series import IndexInputs
from csserv.outputs.map_cells import NamedMaps, Part
from csserv.tasks.plan.index_plan import IndexPlan
from csserv.tasks.work.cell_maps.raw_maps import Maps, RawMaps


@dataclass(frozen=True, eq=False)
class IndexedMaps:
    """The maps of a whole record, and the index that is computed of them.

    Attributes
    ----------
    times : of all steps of the record
    shown : of the steps that are asked for
    said : units and attributes of the index
    """

    raw: RawMaps
    times: Sequence[cftime.datetime]
    shown: Sequence[cftime.datetime]
    plan: IndexPlan
    said: Mapping[str, str]

    def write(self, folder: Path, go_on: Callable[[], None]) -> list[NamedMaps]:
        """Write the maps of the index at the steps that are asked for.

        Parameters
        ----------
        folder : for the file
        go_on : called before the index of some rows is computed, and may end it
        """
        name = self.plan.asked.name
        paths = self.raw.by_rows((name,), self._indexed, folder, go_on)
        cells = replace(
            self.raw.cells, variable=name, attributes=dict(self.said), scale=1.0, offset=0.0
        )
        return [NamedMaps("", cells, Part(self.shown, paths[name]))]

    def _indexed(self, values: Maps) -> dict[str, NDArray[Any]]:
        """Compute the index of (steps, rows, columns) maps."""
        name, kind = self.plan.asked.name, self.plan.kind
        units = self.raw.cells.attributes.get("units", "")
        series = values.reshape(len(values), -1).astype(np.float64)
        maps = np.full((len(self.shown), series.shape[1]), np.nan)
        there = np.isfinite(series).any(axis=0)
        if there.any():  # of cells outside the zones, nothing is computed
            held = self.plan.asked.accumulate
            inputs = IndexInputs({kind: series[:, there]}, {kind: units}, self.times, held=held)
            found = compute_index(self.plan.asked, inputs)
            places = {time: n for n, time in enumerate(found.starts)}
            maps[:, there] = found.values[[places[time] for time in self.shown]]
        return {name: maps.reshape(len(self.shown), *values.shape[1:])}

"""Compares the maps of an export with what is normal, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.comparison import Comparison
from csserv.climatology.normals import compare, describe
from csserv.outputs.map_cells import NamedMaps, Part
from csserv.tasks.work.cell_maps.raw_maps import Maps, RawMaps
from csserv.units import is_temperature

#: statistics that are given as maps
MAPPED = ("normal", "anomaly", "percent_of_normal", "percentile_rank", "standardised_anomaly")


@dataclass(frozen=True, eq=False)
class ComparedMaps:
    """The maps of all steps of a plan, and which are compared with which.

    Attributes
    ----------
    times : of the steps that are asked for
    """

    raw: RawMaps
    times: Sequence[cftime.datetime]
    comparison: Comparison
    own_year: str

    def write(self, folder: Path, go_on: Callable[[], None]) -> list[NamedMaps]:
        """Write the maps that are asked for, and for each what is normal.

        Parameters
        ----------
        folder : for the files, each as large as the maps that are asked for
        go_on : called before some rows are compared, and may end it

        Returns
        -------
        maps : of the values, and of each of ``MAPPED``
        """
        paths = self.raw.by_rows(("value", *MAPPED), self._compared, folder, go_on)
        return [self._named(name, path) for name, path in paths.items()]

    @property
    def _units(self) -> str:
        return self.raw.cells.attributes.get("units", "")

    def _compared(self, values: Maps) -> dict[str, NDArray[Any]]:
        """Compare (steps, rows, columns) maps; returns those of the steps that are asked for."""
        series = values.reshape(len(values), -1).astype(np.float64)
        of_amounts = not is_temperature(self._units)
        found = compare(series, self.comparison, self.own_year, of_amounts)
        shape = (len(self.times), *values.shape[1:])
        shown = {"value": values[self.comparison.shown]}
        return shown | {name: found[name].reshape(shape) for name in MAPPED}

    def _named(self, name: str, path: Path) -> NamedMaps:
        cells, part = self.raw.cells, Part(self.times, path)
        if name not in MAPPED:
            return NamedMaps("", cells, part)
        (said,) = (one for one in describe(self._units) if one["name"] == name)
        # a statistic has no standard name of its own
        of = cells.attributes.get("long_name", cells.variable)
        attributes = {"long_name": f"{of}: {said['long_name']}", "units": said["units"]}
        variable = f"{cells.variable}_{name}"
        return NamedMaps(name, replace(cells, variable=variable, attributes=attributes), part)

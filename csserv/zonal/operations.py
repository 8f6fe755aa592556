"""The table of operations that can be requested. To add an operation, add a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.errors import InvalidRequestError, UnknownOperationError
from csserv.units import converter, over_area, squared
from csserv.zonal import definitions
from csserv.zonal.statistics import Arrays, Extremes, MissingCells, Moments, Statistic, Sums
from csserv.zonal.weights import Weights, ZoneSums

Finish = Callable[[Mapping[str, Floats]], Floats]


@dataclass(frozen=True)
class Operation:
    """An operation: a statistic of each zone and step, and perhaps an export of the cells.

    Attributes
    ----------
    title : what it is, in words
    gather : what is accumulated of the cells; None where all cells are needed (percentiles)
    finish : computes (steps, zones) values from what was accumulated
    units : units of the data → units of the values, and the factor that goes with them
    power : of the data that values are proportional to: 1; 2 for a variance, 0 for a count
    shifts : whether an offset added to the data is added to the values (mean: yes, range: no)
    share : of a percentile, 0 to 1
    export : name of the export format, a key of ``csserv.outputs.export.FORMATS``
    cell_method : CF's name for the operation over the area; empty where CF has none
    """

    title: str
    gather: Statistic | None
    finish: Finish
    units: Callable[[str], tuple[str, float]] = lambda units: (units, 1.0)
    power: int = 1
    shifts: bool = True
    share: float | None = None
    export: str | None = None
    cell_method: str = ""

    @property
    def keeps_cells(self) -> bool:
        """Whether all cells of a step are needed at once: for percentiles and maps."""
        return self.gather is None or self.export in ("geotiff", "netcdf")


def _percent(units: str) -> tuple[str, float]:
    return "%", 1.0


def _cells(units: str) -> tuple[str, float]:
    return "cells", 1.0


def _squared(units: str) -> tuple[str, float]:
    return squared(units), 1.0


def _percentile(share: float, title: str, cell_method: str = "") -> Operation:
    return Operation(title, None, definitions.quantile, share=share, cell_method=cell_method)


_MEAN = Sums("weight")


def _export(title: str, name: str) -> Operation:
    return Operation(title, _MEAN, definitions.mean, export=name, cell_method="mean")


#: name → operation; the series of an export is the mean
OPERATIONS = {
    "mean": Operation("area-weighted mean", _MEAN, definitions.mean, cell_method="mean"),
    "max": Operation(
        "highest cell", Extremes(low=False), definitions.maximum, cell_method="maximum"
    ),
    "min": Operation(
        "lowest cell", Extremes(high=False), definitions.minimum, cell_method="minimum"
    ),
    "median": _percentile(0.5, "weighted median by cell", "median"),
    "range": Operation(
        "highest less lowest cell",
        Extremes(),
        definitions.value_range,
        shifts=False,
        cell_method="range",
    ),
    "sum": Operation(
        "sum of cells, each by its covered share",
        Sums("coverage"),
        definitions.total,
        shifts=False,
        cell_method="sum",
    ),
    "total": Operation(
        "value times area: rain as a volume of water",
        Sums("area"),
        definitions.total,
        over_area,
        shifts=False,
        cell_method="sum",
    ),
    "std": Operation(
        "area-weighted standard deviation of the cells",
        Moments("weight"),
        definitions.standard_deviation,
        shifts=False,
        cell_method="standard_deviation",
    ),
    "variance": Operation(
        "area-weighted variance of the cells",
        Moments("weight"),
        definitions.variance,
        _squared,
        power=2,
        shifts=False,
        cell_method="variance",
    ),
    "count": Operation(
        "cells with data, each by its covered share",
        MissingCells(),
        definitions.count,
        _cells,
        power=0,
    ),
    "coverage": Operation(
        "share of the zone with data", MissingCells(), definitions.coverage, _percent, power=0
    ),
    "geotiff": _export("the cells, a GeoTIFF a step, in a ZIP", "geotiff"),
    "netcdf": _export("the cells, as one CF NetCDF, in a ZIP", "netcdf"),
    "csv": _export("the mean a zone and step as CSV, in a ZIP", "csv"),
}

#: pattern of percentile names: p90, p2.5
PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


def operation(name: str) -> Operation:
    """Return an operation by name; ``p0`` to ``p100`` are percentiles of the cells.

    Raises
    ------
    UnknownOperationError : no such operation; the message names the nearest ones
    """
    if found := PERCENTILE.fullmatch(name):
        return _percentile(float(found[1]) / 100, f"weighted {found[1]}th percentile by cell")
    if name not in OPERATIONS:
        raise UnknownOperationError(name, [*OPERATIONS, "p90"])
    return OPERATIONS[name]


def join_parts(parts: Sequence[Arrays], wanted: Operation) -> Arrays:
    """Combine what several calls accumulated, each from other cells of the same zones and steps."""
    whole = parts[0]
    for other in parts[1:]:
        kept = MissingCells().join(whole, other)
        whole = kept | wanted.gather.join(whole, other) if wanted.gather else kept
    return whole


def finish_values(
    kept: Arrays, weights: Weights | ZoneSums, wanted: Operation
) -> tuple[Floats, Floats]:
    """Compute the values of an operation from what was accumulated.

    Returns
    -------
    values : (steps, zones) in the units of the data; NaN where the zone has no valid cell (a
        count or coverage is 0)
    percent : (steps, zones) share of the zone's area that has data [%], 0 to 100; parts of the
        zone off the grid have none
    """
    whole = weights.totals
    valid = {
        f"valid_{name}": np.maximum(whole[name] - kept[f"lost_{name}"], 0.0)
        for name in ("area", "coverage", "cells")
    }
    share = np.divide(
        valid["valid_area"],
        whole["area"],
        out=np.zeros_like(valid["valid_area"]),
        where=(whole["area"] > 0) & (valid["valid_cells"] > 0),
    )
    percent = 100.0 * share * weights.on_grid
    return wanted.finish({**kept, **valid, "percent": percent}), percent


def series_units(wanted: Operation, units: str, requested: str = "") -> tuple[str, float, float]:
    """Return the units of the series, and scale and offset that convert its values to them.

    Parameters
    ----------
    units : of the data
    requested : units that the series is to have; empty for the operation's own

    Raises
    ------
    InvalidRequestError : the operation's units cannot be converted to these
    """
    own, factor = wanted.units(units)
    if not requested or requested == own:
        return own, factor, 0.0
    scale, offset = converter(own, requested)
    if offset and wanted.finish is definitions.total:
        raise InvalidRequestError(f"a sum in {own} cannot become one in {requested}")
    return requested, factor * scale, offset if wanted.shifts else 0.0

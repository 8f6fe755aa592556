"""What can be asked for: the table of operations. To add one, add a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.grid import Floats
from csserv.errors import UnknownOperationError
from csserv.zonal import statistics
from csserv.zonal.statistics import Sample
from csserv.zonal.weights import Weights


@dataclass(frozen=True)
class Operation:
    """One thing to ask for: a statistic a zone and step, and perhaps an export of the cells."""

    title: str
    statistic: Callable[[Sample], Floats]
    units: str = "{units}"  #: of the series; {units} are those of the data
    export: str | None = None  #: a row of csserv.outputs.export.FORMATS


#: name → operation; an export carries the mean as its series
OPERATIONS = {
    "mean": Operation("area-weighted mean", statistics.mean),
    "max": Operation("highest cell", statistics.maximum),
    "min": Operation("lowest cell", statistics.minimum),
    "median": Operation("weighted median by cell", statistics.median),
    "range": Operation("highest less lowest cell", statistics.spread),
    "sum": Operation("sum of cells, each by its covered share", statistics.total),
    "std": Operation("area-weighted standard deviation of the cells", statistics.deviation),
    "count": Operation("cells with data, each by its covered share", statistics.count, "cells"),
    "geotiff": Operation(
        "the cells, a GeoTIFF a step, in a ZIP", statistics.mean, export="geotiff"
    ),
    "netcdf": Operation("the cells, as one CF NetCDF, in a ZIP", statistics.mean, export="netcdf"),
    "csv": Operation("the mean a zone and step as CSV, in a ZIP", statistics.mean, export="csv"),
}


def operation(name: str) -> Operation:
    """Find an operation by name.

    Raises
    ------
    UnknownOperationError : with the nearest known names
    """
    if name not in OPERATIONS:
        raise UnknownOperationError(name, OPERATIONS)
    return OPERATIONS[name]


def series(
    field: NDArray[np.floating], weights: Weights, statistic: Callable[[Sample], Floats]
) -> tuple[Floats, Floats]:
    """Reduce a field to one value a zone and step.

    Parameters
    ----------
    field : (time, lat, lon) of the window of the weights, NaN where missing

    Returns
    -------
    values : (time, zones) NaN where the zone has no valid cell
    percent : (time, zones) share of the zone that has data [per cent]; the part of a zone that
        lies off the grid has none
    """
    sample = Sample.of(field, weights)
    touched = weights.starts[:-1] < weights.starts[1:]
    shape = (len(field), len(touched))
    values, percent = np.full(shape, np.nan), np.zeros(shape)
    values[:, touched] = statistic(sample)
    percent[:, touched] = statistics.valid_percent(sample) * weights.on_grid[touched]
    return values, percent


def clipped(field: NDArray[np.floating], weights: Weights) -> NDArray[np.float32]:
    """Return the field as float32, NaN in the cells that no zone touches."""
    window = weights.window
    inside = np.zeros(window.rows * window.columns, bool)
    inside[weights.cells] = True
    kept = np.where(inside.reshape(window.rows, window.columns), field, np.nan)
    return np.asarray(kept, np.float32)

"""The table of operations that can be requested. To add an operation, add a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from csserv.catalog.read.grid import Floats
from csserv.errors import InvalidRequestError, UnknownOperationError
from csserv.language import mark
from csserv.units import converter, over_area, squared
from csserv.zonal import definitions
from csserv.zonal.statistics import Extremes, MissingCells, Moments, Statistic, Sums

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
    export : name of the export format, a key of ``csserv.outputs.formats.export.FORMATS``
    cell_method : CF's name for the operation over the area; empty where CF has none
    for_classes : whether it makes sense of classes, whose numbers stand for words
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
    for_classes: bool = False

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
    return Operation(
        title,
        None,
        definitions.quantile,
        share=share,
        cell_method=cell_method,
        for_classes=True,
    )


_MEAN = Sums("weight")


def _export(title: str, name: str) -> Operation:
    # the cells of classes are those of the files; a note says that the series is none of theirs
    return Operation(
        title,
        _MEAN,
        definitions.mean,
        export=name,
        cell_method="mean",
        for_classes=name in ("geotiff", "netcdf"),
    )


#: name → operation; the series of an export is the mean
OPERATIONS = {
    "mean": Operation(mark("area-weighted mean"), _MEAN, definitions.mean, cell_method="mean"),
    "max": Operation(
        mark("highest cell"),
        Extremes(low=False),
        definitions.maximum,
        cell_method="maximum",
        for_classes=True,
    ),
    "min": Operation(
        mark("lowest cell"),
        Extremes(high=False),
        definitions.minimum,
        cell_method="minimum",
        for_classes=True,
    ),
    "median": _percentile(0.5, mark("weighted median by cell"), "median"),
    "range": Operation(
        mark("highest less lowest cell"),
        Extremes(),
        definitions.value_range,
        shifts=False,
        cell_method="range",
    ),
    "sum": Operation(
        mark("sum of cells, each by its covered share"),
        Sums("coverage"),
        definitions.total,
        shifts=False,
        cell_method="sum",
    ),
    "total": Operation(
        mark("value times area: rain as a volume of water"),
        Sums("area"),
        definitions.total,
        over_area,
        shifts=False,
        cell_method="sum",
    ),
    "std": Operation(
        mark("area-weighted standard deviation of the cells"),
        Moments("weight"),
        definitions.standard_deviation,
        shifts=False,
        cell_method="standard_deviation",
    ),
    "variance": Operation(
        mark("area-weighted variance of the cells"),
        Moments("weight"),
        definitions.variance,
        _squared,
        power=2,
        shifts=False,
        cell_method="variance",
    ),
    "count": Operation(
        mark("cells with data, each by its covered share"),
        MissingCells(),
        definitions.count,
        _cells,
        power=0,
        for_classes=True,
    ),
    "coverage": Operation(
        mark("share of the zone with data"),
        MissingCells(),
        definitions.coverage,
        _percent,
        power=0,
        for_classes=True,
    ),
    "geotiff": _export(mark("the cells, a GeoTIFF a step, in a ZIP"), "geotiff"),
    "netcdf": _export(mark("the cells, as one CF NetCDF, in a ZIP"), "netcdf"),
    "csv": _export(mark("the mean a zone and step as CSV, in a ZIP"), "csv"),
}

#: most operations that one request may have
MOST = 16

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


def operations(names: str) -> dict[str, Operation]:
    """Return the operations of a request by name, in their order: ``mean``, or ``mean, max, p90``.

    Raises
    ------
    UnknownOperationError : there is no such operation
    InvalidRequestError : they are no text, there are too many, or one of several makes files
    """
    if not isinstance(names, str):  # a list is what people try first
        raise InvalidRequestError(
            f"operation is {names!r}; allowed is a text, several with commas: 'mean,max'"
        )
    every = {name: operation(name) for name in map(str.strip, names.split(","))}
    if len(every) > MOST:
        raise InvalidRequestError(f"{len(every)} operations; a request may have {MOST}")
    for name, one in every.items():
        if one.export and len(every) > 1:
            raise InvalidRequestError(
                f"{name} makes files of its own; ask for it in a request of its own"
            )
    return every


def keep_cells(wanted: Iterable[Operation]) -> bool:
    """Whether one of some operations needs all cells of a step at once."""
    return any(one.keeps_cells for one in wanted)


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

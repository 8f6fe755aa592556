"""The units of a result, and the rule by which its longer time steps are made."""

from __future__ import annotations

from dataclasses import dataclass

from csserv.catalog import CatalogEntry, Header
from csserv.catalog.timeline import Timeline
from csserv.errors import InvalidRequestError
from csserv.request import Options
from csserv.units import converter, over_days
from csserv.zonal.operations import Operation, series_units
from csserv.zonal.timestep import NATIVE, check_time_step, time_rule

#: rule for making longer time steps → its description in a result
RULES = {
    "rate": "mean of the valid steps, times the days of the step",
    "sum": "sum; valid steps stand for those that are missing",
    "mean": "mean of the valid steps, by their length",
    "max": "highest of the valid steps",
    "min": "lowest of the valid steps",
}


@dataclass(frozen=True)
class Conversion:
    """Units of a result, the factors that convert computed values to them, and the time rule.

    Attributes
    ----------
    rule : how longer time steps are made, a key of ``RULES``
    units, scale, offset : of the series: value = computed x scale + offset
    cell_units, cell_scale, cell_offset : the same for the cells of an export
    """

    rule: str
    units: str
    scale: float
    offset: float
    cell_units: str
    cell_scale: float
    cell_offset: float


def find_conversion(
    entry: CatalogEntry, header: Header, options: Options, wanted: Operation
) -> Conversion:
    """Work out the units and the time rule of a request's result.

    Parameters
    ----------
    header : of a file of the dataset; its attributes and units count before the catalog's

    Raises
    ------
    InvalidRequestError : the requested units are unknown or measure something else
    """
    units = header.units or entry.units
    rule, factor = "mean", 1.0
    if options.time_step != NATIVE:
        rule = _rule(entry, header)
        if rule == "rate":
            units, factor = over_days(units)
    own, scale, offset = series_units(wanted, units, options.units)
    cell_units, cell_scale, cell_offset = units, 1.0, 0.0
    if options.units and wanted.export:
        cell_units = options.units
        cell_scale, cell_offset = converter(units, cell_units)
    return Conversion(
        rule=rule,
        units=own,
        scale=scale * factor**wanted.power,
        offset=offset,
        cell_units=cell_units,
        cell_scale=cell_scale * factor,
        cell_offset=cell_offset,
    )


def describe_over_time(entry: CatalogEntry, header: Header) -> str:
    """Describe how steps are aggregated to longer ones, and where that is stated."""
    rule = _rule(entry, header)
    source = "given" if entry.over_time else "from its name, units and cell methods"
    return f"{RULES.get(rule, rule)} ({source})"


def _rule(entry: CatalogEntry, header: Header) -> str:
    attributes = dict(header.attributes)
    names = [entry.variable, attributes.get("standard_name", ""), attributes.get("long_name", "")]
    units = header.units or entry.units
    return time_rule(units, names, attributes.get("cell_methods", ""), entry.over_time)


def check_options(
    entry: CatalogEntry,
    timeline: Timeline,
    options: Options,
    wanted: Operation,
) -> None:
    """Check that the options of a request suit the data.

    Raises
    ------
    InvalidRequestError : the time step, the units, the choice of a further dimension, or the export
        does not; the message says what is allowed
    """
    header = timeline.granules[0][1]
    header.pick(dict(options.select))
    check_time_step(options.time_step, timeline.lengths)
    if options.units or options.time_step != NATIVE:
        find_conversion(entry, header, options, wanted)
    if wanted.export == "geotiff" and not header.grid.is_even:
        raise InvalidRequestError(
            f"the cells of {entry.name} are not all alike in degrees, as a GeoTIFF needs them; "
            "ask for netcdf"
        )

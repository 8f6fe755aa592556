"""The units of a result, and the rule by which its longer time steps are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from csserv.catalog import CatalogEntry, Header
from csserv.catalog.read.grid import Floats
from csserv.catalog.timeline.running_sums import ACCUMULATED
from csserv.catalog.timeline.timeline import Timeline
from csserv.errors import InvalidRequestError
from csserv.notes import Note
from csserv.request import Options
from csserv.units import converter, over_days, over_steps
from csserv.zonal.operations import OPERATIONS, Operation, series_units
from csserv.zonal.over_time.longer_steps import StepNumbers
from csserv.zonal.over_time.time_rule import Quantity, time_rule
from csserv.zonal.over_time.timestep import check_time_step

#: rule for making longer time steps → its description in a result
RULES = {
    "rate": "mean of the valid steps, times the days of the step",
    "sum": "sum; valid steps stand for those that are missing",
    "mean": "mean of the valid steps, by their length",
    "max": "highest of the valid steps",
    "min": "lowest of the valid steps",
}

#: GRIB_stepType of a file that was made from GRIB → the CF cell method that it means
STEP_TYPES = {"max": "time: maximum", "min": "time: minimum", "avg": "time: mean"}


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

    def apply(self, values: Floats) -> Floats:
        """Convert computed values to the units of the series."""
        return values * self.scale + self.offset


def find_conversion(
    entry: CatalogEntry, timeline: Timeline, options: Options, wanted: Operation
) -> Conversion:
    """Work out the units and the time rule of a request's result.

    Parameters
    ----------
    timeline : steps of the dataset; what their files say counts before the catalog's units

    Raises
    ------
    InvalidRequestError : the requested units are unknown or measure something else, or nothing says
        how steps become longer ones
    """
    quantity = _quantity(entry, timeline)
    units = quantity.units
    rule, factor = "mean", 1.0
    if options.makes_longer:
        rule = time_rule(quantity, options.over_time or _stated(entry))
        if rule == "rate":
            units, factor = over_days(units)
        elif rule == "sum":
            units = over_steps(units)
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


def convert_each(conversions: Iterable[Conversion], values: Floats) -> Floats:
    """Convert the (operations, steps, zones) values of some operations, each to its units."""
    pairs = zip(conversions, values, strict=True)
    return np.array([one.apply(mine) for one, mine in pairs])


def describe_over_time(entry: CatalogEntry, timeline: Timeline) -> str:
    """Describe how steps are aggregated to longer ones, and where that is stated."""
    if entry.over_time == ACCUMULATED:
        return "sum of days; values are sums since 00 UTC of each day (given)"
    try:
        rule = time_rule(_quantity(entry, timeline), entry.over_time)
    except InvalidRequestError as error:
        return f"not known: {error}"
    source = "given" if entry.over_time else "from its name, units and cell methods"
    return f"{RULES[rule]} ({source})"


def _quantity(entry: CatalogEntry, timeline: Timeline) -> Quantity:
    header = timeline.granules[0][1]
    attributes = dict(header.attributes)
    names = header.variable, attributes.get("standard_name", ""), attributes.get("long_name", "")
    kind = attributes.get("GRIB_stepType", "")
    return Quantity(
        units=header.units or entry.units,
        names=names,
        cell_methods=attributes.get("cell_methods", "") or STEP_TYPES.get(kind, ""),
        step_days=timeline.step_days,
        is_running=kind == "accum",
        is_of_days=kind.startswith("avg"),
        classes=attributes.get("flag_meanings", ""),
    )


def _stated(entry: CatalogEntry) -> str:
    """Return the rule of the row; sums of days (``running_sums.whole_days``) add up."""
    return "sum" if entry.over_time == ACCUMULATED else entry.over_time


def check_options(
    entry: CatalogEntry,
    timeline: Timeline,
    options: Options,
    wanted: Collection[Operation],
) -> None:
    """Check that the options of a request suit the data.

    Raises
    ------
    InvalidRequestError : the time step, the units, the choice of a further dimension, or the export
        does not; the message says what is allowed
    """
    header = timeline.granules[0][1]
    selections = timeline.selections(dict(options.select))
    header.pick(selections[0].chosen)
    check_time_step(options.time_step, timeline.lengths)
    if options.over_time and not options.makes_longer:
        raise InvalidRequestError(
            f"over_time is {options.over_time}, but steps stay as they are; ask for a longer "
            "time_step, such as monthly"
        )
    if options.accumulate > 1:
        StepNumbers.of(timeline, options)  # they can be counted back
    _check_classes(_quantity(entry, timeline), wanted)
    if options.units or options.makes_longer:
        rule, *_ = [find_conversion(entry, timeline, options, one).rule for one in wanted]
        if options.makes_longer:
            check_longer(timeline, options.time_step, rule)
    for one in wanted:
        if one.export:
            check_one_grid(entry, timeline)
        if one.export in ("geotiff", "netcdf") and (several := selections[0].shown):
            asked = dict(options.select)
            choices = ", ".join(f"{name}={label}" for name, label in several.items())
            raise InvalidRequestError(
                f"maps are of one coordinate of each dimension, and "
                f"{', '.join(f'{name}={asked[name]}' for name in several)} asks for several; "
                f"choose one (select: {choices})"
            )
        if one.export == "geotiff" and not header.grid.is_even:
            raise InvalidRequestError(
                f"the cells of {entry.name} are not all alike in degrees, as a GeoTIFF needs them; "
                "ask for netcdf"
            )


def _check_classes(quantity: Quantity, wanted: Iterable[Operation]) -> None:
    """See that operations make sense of the data, where their numbers stand for words.

    Raises
    ------
    InvalidRequestError : one would compute with the numbers of classes
    """
    if not quantity.classes or all(one.for_classes for one in wanted):
        return
    allowed = ", ".join(name for name, one in OPERATIONS.items() if one.for_classes)
    raise InvalidRequestError(
        f"{quantity.of_classes}, whose numbers cannot be added or averaged; allowed are {allowed}. "
        "If only some numbers are codes, say which in the dataset's row: missing = [254, 255]"
    )


def class_notes(header: Header, wanted: Iterable[Operation]) -> Iterator[Note]:
    """Say of an export of classes that its series means nothing."""
    if "flag_meanings" in dict(header.attributes) and any(one.export for one in wanted):
        text = (
            "the values are classes: the cells are as in the files, "
            "and the means are no numbers to use"
        )
        yield Note("classes", text, header.variable)


def check_longer(timeline: Timeline, name: str, rule: str) -> None:
    """See that the steps of the data can become longer ones.

    Raises
    ------
    InvalidRequestError : a step that is shorter than those of the data, whose length nobody says,
        or steps that would be counted twice
    """
    if not timeline.is_timed:
        raise InvalidRequestError(
            "how long a step of the data is is not known: there are too few, and neither the file "
            "nor the dataset's row says it; say time_step = 'month', or the like, in the row"
        )
    check_time_step(name, timeline.lengths)
    if timeline.overlaps and rule in ("rate", "sum"):
        raise InvalidRequestError(
            f"the steps of the data reach into each other ({timeline.lengths[0]:.3g} days each), "
            f"so that their sum over a {name} step would count time twice; ask for native steps, "
            "or say over_time = 'mean' in the dataset's row"
        )


def check_one_grid(entry: CatalogEntry, timeline: Timeline) -> None:
    """See that all steps have one grid, as an export of cells needs it.

    Raises
    ------
    InvalidRequestError : the grid changes; says when
    """
    first = timeline.stretches[0].header.grid
    for one in timeline.stretches:
        if one.header.grid != first:
            when = timeline.times[one.number].strftime("%Y-%m-%d")
            raise InvalidRequestError(
                f"the files of {entry.name} have different grids: another one begins with {when} "
                f"({one.granule.path.name}); ask for the periods before and after it"
            )

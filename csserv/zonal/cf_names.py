"""CF attributes of series and maps: ``long_name``, ``cell_methods``, ``standard_name``."""

from __future__ import annotations

import re

from csserv.catalog import Header
from csserv.outputs.netcdf.standard_names import fits
from csserv.request import Options
from csserv.units import is_same_kind, is_temperature
from csserv.zonal.cell_methods import Method, cell_methods
from csserv.zonal.conversion import STEP_TYPES, Conversion
from csserv.zonal.operations import OPERATIONS, Operation

#: rule for making longer time steps → CF cell method
OVER_TIME = {"rate": "sum", "sum": "sum", "mean": "mean", "max": "maximum", "min": "minimum"}


def series_attributes(
    name: str, header: Header, options: Options, conversion: Conversion, wanted: Operation
) -> dict[str, str]:
    """Return the CF 1.11 attributes of a series, as far as they are known.

    Percentiles other than the median and counts have no cell method in CF. ``standard_name`` is
    left out where the series is another quantity than the data (a month's rain is not a rate), or
    does not fit its units.

    Parameters
    ----------
    name : of the variable, used where it has no ``long_name``
    conversion : units of the series, and how longer time steps are made, if they are asked for

    Returns
    -------
    attributes : those of ``long_name``, ``cell_methods``, ``standard_name`` and ``units_metadata``
        that are known
    """
    given, rule, units = dict(header.attributes), conversion.rule, conversion.units
    found = {
        "long_name": f"{_words(wanted)} of {given.get('long_name') or name}",
        "cell_methods": _methods(given, options, rule, [("area", wanted.cell_method)]),
        "units_metadata": _temperature(units, wanted),
    }
    if _is_kept(header.units, options, rule, wanted):
        found["standard_name"] = _fitting(given, units)
    return {key: text for key, text in found.items() if text}


def map_attributes(
    name: str, header: Header, options: Options, conversion: Conversion
) -> dict[str, str]:
    """Return the CF 1.11 attributes of the maps of an export, ``units`` included.

    See ``series_attributes`` for the parameters.
    """
    given, mean = dict(header.attributes), OPERATIONS["mean"]
    rule, units = conversion.rule, conversion.cell_units
    found = {
        "long_name": given.get("long_name") or name,
        "cell_methods": _methods(given, options, rule, []),
        "units": units,
        "units_metadata": _temperature(units, mean),
    }
    if _is_kept(header.units, options, rule, mean):
        found["standard_name"] = _fitting(given, units)
    return {key: text for key, text in found.items() if text}


def _methods(given: dict[str, str], options: Options, rule: str, more: list[Method]) -> str:
    """Return cell methods; those of the file are of its steps, those of the request come after."""
    stated = given.get("cell_methods", "") or STEP_TYPES.get(given.get("GRIB_stepType", ""), "")
    longer = options.makes_longer
    after = [("time", OVER_TIME[rule])] if longer else []
    # a rate times its time is an amount: what was a mean is part of a sum
    gone = [("time", "mean")] if longer and rule == "rate" else []
    return cell_methods(stated, [*after, *(one for one in more if one[1])], gone)


def _temperature(units: str, wanted: Operation) -> str:
    """Say, by CF 1.11, 3.1.2, whether a temperature is one or a difference of two."""
    if not is_temperature(units) or wanted.cell_method == "sum":
        return ""
    return "temperature: on_scale" if wanted.shifts else "temperature: difference"


def _fitting(given: dict[str, str], units: str) -> str:
    name = given.get("standard_name", "")
    return name if fits(name, units) else ""


def _words(wanted: Operation) -> str:
    """Return the title of an operation without details; an export has a mean as its series."""
    title = OPERATIONS["mean"].title if wanted.export else wanted.title
    return re.split("[,:]", title)[0]


def _is_kept(units: str, options: Options, rule: str, wanted: Operation) -> bool:
    """Whether the result is the same quantity as the data, so that it keeps the standard name."""
    same_units = wanted.units(units) == (units, 1.0)
    same_kind = not options.units or is_same_kind(units, options.units)
    is_amount = options.makes_longer and rule == "rate"
    return bool(wanted.cell_method or wanted.share) and same_units and same_kind and not is_amount

"""CF attributes of a series: ``long_name``, ``cell_methods`` and ``standard_name``."""

from __future__ import annotations

import re

from csserv.catalog import Header
from csserv.request import Options
from csserv.units import is_same_kind
from csserv.zonal.operations import OPERATIONS, Operation
from csserv.zonal.timestep import NATIVE

#: rule for making longer time steps → CF cell method
OVER_TIME = {"rate": "sum", "sum": "sum", "mean": "mean", "max": "maximum", "min": "minimum"}


def series_attributes(
    name: str, header: Header, options: Options, rule: str, wanted: Operation
) -> dict[str, str]:
    """Return the CF 1.11 attributes of a series, as far as they are known.

    Percentiles other than the median and counts have no cell method in CF. ``standard_name`` is
    left out where the series is another quantity than the data (a month's rain is not a rate).

    Parameters
    ----------
    name : of the variable, used where it has no ``long_name``
    rule : how longer time steps are made; used only if the options ask for them

    Returns
    -------
    attributes : those of ``long_name``, ``cell_methods`` and ``standard_name`` that are known
    """
    given = dict(header.attributes)
    methods = given.get("cell_methods", "").split()
    longer = options.time_step != NATIVE
    if longer:
        methods += ["time:", OVER_TIME[rule]]
    if wanted.cell_method:
        methods += ["area:", wanted.cell_method]
    found = {
        "long_name": f"{_words(wanted)} of {given.get('long_name') or name}",
        "cell_methods": " ".join(methods),
    }
    if "standard_name" in given and _is_kept(header.units, options, longer and rule, wanted):
        found["standard_name"] = given["standard_name"]
    return {key: text for key, text in found.items() if text}


def _words(wanted: Operation) -> str:
    """Return the title of an operation without details; an export has a mean as its series."""
    title = OPERATIONS["mean"].title if wanted.export else wanted.title
    return re.split("[,:]", title)[0]


def _is_kept(units: str, options: Options, rule: str | bool, wanted: Operation) -> bool:
    """Whether the series is the same quantity as the data, so that it keeps the standard name."""
    same_units = wanted.units(units) == (units, 1.0)
    same_kind = not options.units or is_same_kind(units, options.units)
    return bool(wanted.cell_method or wanted.share) and same_units and same_kind and rule != "rate"

"""What a series is, in the words of the CF conventions: name, long name, cell methods."""

from __future__ import annotations

import re

from csserv.catalog import Header
from csserv.request import Options
from csserv.units import is_same_kind
from csserv.zonal.operations import OPERATIONS, Operation
from csserv.zonal.timestep import NATIVE

#: how steps became longer ones → cell method
OVER_TIME = {"rate": "sum", "sum": "sum", "mean": "mean", "max": "maximum", "min": "minimum"}


def series_attributes(
    name: str, header: Header, options: Options, rule: str, wanted: Operation
) -> dict[str, str]:
    """Describe a series as CF 1.11 would: ``long_name``, ``cell_methods``, ``standard_name``.

    Parameters
    ----------
    name : of the variable, for one that has no long name
    rule : how steps became longer ones, where they did

    Returns
    -------
    Only what is known: no cell method stands for a percentile or a count, and the standard name
    goes where the numbers are of another kind than the data, as a month's rain is no rate.
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
    """Take what stands before details; the series of an export is the mean."""
    title = OPERATIONS["mean"].title if wanted.export else wanted.title
    return re.split("[,:]", title)[0]


def _is_kept(units: str, options: Options, rule: str | bool, wanted: Operation) -> bool:
    """Whether the numbers are of the same kind as the data's."""
    same_units = wanted.units(units) == (units, 1.0)
    same_kind = not options.units or is_same_kind(units, options.units)
    return bool(wanted.cell_method or wanted.share) and same_units and same_kind and rule != "rate"

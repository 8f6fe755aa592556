"""What a NetCDF file says of itself and of its variable, by CF 1.11."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from csserv.outputs.citation import cite
from csserv.outputs.netcdf.standard_names import fits
from csserv.units import file_units, is_temperature

CONVENTIONS = "CF-1.11"


def file_attributes(plain: Mapping[str, Any], what: str) -> dict[str, str]:
    """Return what CF asks to know of a file, and the receipt as JSON in ``provenance``.

    Parameters
    ----------
    plain : the JSON of the result
    what : is in the file, such as "mean" or "maps"
    """
    made, asked = plain["provenance"], plain["request"]
    dataset, version = made["dataset"], made["versions"]["csserv"]
    return {
        "Conventions": CONVENTIONS,
        "title": f"{what} of {dataset['title']}, {asked['area']}, {asked['period']}",
        "history": f"{made['finished']} csserv {version}: request {asked['fingerprint']}",
        "source": dataset["source"] or dataset["title"],
        "references": str(cite(plain)),
        "provenance": json.dumps(made, ensure_ascii=False),
    }


def variable_attributes(given: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a variable, with units that UDUNITS reads, as CF wants them.

    Units that had to be written in another way stand in ``original_units``. A standard name that
    does not fit what is written is left out.
    """
    units = given.get("units", "")
    written = file_units(units)
    found = {**given, "units": written}
    if written != units:
        found["original_units"] = units
    if not fits(given.get("standard_name", ""), written):
        found.pop("standard_name", None)
    if not is_temperature(written):
        found.pop("units_metadata", None)
    return {name: text for name, text in found.items() if text}

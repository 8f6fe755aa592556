"""The normals of a result on a climatological axis of their own, as CF 1.11 has it in 7.4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from csserv.errors import InvalidRequestError
from csserv.outputs.against import AGAINST, CLIMATOLOGY, attributes_of, of_reference
from csserv.outputs.several_operations import choose_operation, statistic_columns
from csserv.outputs.xarray_pandas import times, to_dataset

if TYPE_CHECKING:
    import xarray as xr

#: name of the bounds of the climatological axis, which stand in place of bounds
BOUNDS = "climatology_bnds"

#: the last method over time in cell methods
LAST_METHOD = re.compile(r"\btime: (\w+)(?!.*\btime: )")


def climatology_dataset(plain: Mapping[str, Any]) -> xr.Dataset:
    """Return the normals of a result: a step for each step of the year; see ``to_climatology``."""
    axis = _axis(plain)
    kept = [n for n, place in enumerate(axis["of_step"]) if place is not None]
    order = [axis["of_step"][n] for n in kept]
    first = [kept[order.index(number)] for number in range(len(axis["time"]))]
    columns = {
        name: (operation, said)
        for name, (operation, said) in statistic_columns(plain).items()
        if said["name"] in of_reference(plain)
    }
    data = to_dataset(plain)[[*columns]].isel(time=first)
    names = ("valid_percent", "valid_steps_percent", "last_day", "complete")
    data = data.drop_vars(names, errors="ignore")
    bounds = np.stack([np.asarray(times(plain, axis[key])) for key in ("start", "end")], axis=-1)
    data = data.assign_coords(time=("time", times(plain, axis["time"])))
    said = "beginning of the step in the first year of the reference"
    data["time"].attrs = {"standard_name": "time", "long_name": said, CLIMATOLOGY: BOUNDS}
    data = data.assign_coords({BOUNDS: (("time", "bnds"), bounds)})
    for name, (operation, statistic) in columns.items():
        chosen = choose_operation({**plain, "series": []}, operation)
        data[name].attrs = _attributes(chosen, statistic)
    return data


def _axis(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a result says of its steps of the year."""
    if AGAINST not in plain:
        raise InvalidRequestError(
            "the result is compared with nothing; ask with against, such as '1991/2020'"
        )
    if CLIMATOLOGY in plain[AGAINST]:
        return dict(plain[AGAINST][CLIMATOLOGY])
    if plain[AGAINST]["own_year"] == "out":
        raise InvalidRequestError(
            "each year has normals of its own, as its own year does not count; for a climatology "
            "ask with own_year='in', or for one year"
        )
    raise InvalidRequestError(
        "the result does not say when the steps of its reference begin and end; submit its request "
        "again"
    )


def _attributes(plain: Mapping[str, Any], statistic: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a statistic on the climatological axis."""
    found = attributes_of(plain, statistic)
    found.pop("cell_methods", None)
    methods = plain.get("variable", {}).get("cell_methods", "")
    if "method" in statistic and LAST_METHOD.search(methods):
        within = LAST_METHOD.sub(r"time: \1 within years", methods)
        found["cell_methods"] = f"{within} time: {statistic['method']} over years"
    return found

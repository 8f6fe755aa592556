"""Writes a series as CF NetCDF."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from csserv.outputs.against import AGAINST, CLIMATOLOGY
from csserv.outputs.formats.export import FORMATS
from csserv.outputs.further_dimensions import column_names
from csserv.outputs.netcdf.file_attributes import file_attributes, variable_attributes
from csserv.outputs.netcdf.step_intervals import LEAP_SECONDS, interval_texts, time_units
from csserv.outputs.result import Result
from csserv.outputs.several_operations import statistic_columns, variables_of

if TYPE_CHECKING:
    import xarray as xr

#: dimension of the zones in files: CF wants coordinates of a dimension's name to be numbers
ZONES = "zone_index"

#: name of the bounds of time
BOUNDS = "time_bnds"


def write_netcdf(result: Result, path: Path) -> None:
    """Write the series as CF NetCDF, (time,) or (zone_index, time), with its receipt.

    Each operation is a variable, or the index, named after it. Names of zones are the coordinate
    ``zone``, as in ``Result.to_xarray``; from when to when a step lasts stands in ``time_bnds``,
    where it is known. What is normal is beside each value, and once for each step of the year in
    the group ``climatology``, on a climatological axis (CF 1.11, 7.4). Several members, or
    coordinates of another dimension, are a dimension before time.
    """
    plain = next(result.by_zones()).json  # all may be more than memory
    data = result.to_dataset()
    # the series of an export is the mean
    named = {name: "mean" if name in FORMATS else name for name in variables_of(plain).values()}
    data = data.rename_vars(named)
    for one in data.data_vars.values():
        one.attrs = variable_attributes(one.attrs)
    classes = [name for name, (_, one) in statistic_columns(plain).items() if not one["units"]]
    data = data.assign({name: _as_flags(data[name]) for name in classes})
    data = _with_names_of_cf(data, plain)
    data.attrs = file_attributes(plain, ", ".join(named.values()))
    _encode_time(data, plain)
    data.to_netcdf(path, engine="netcdf4")
    if CLIMATOLOGY in plain.get(AGAINST, {}):
        _write_climatology(result, plain, path)


def _write_climatology(result: Result, plain: Mapping[str, Any], path: Path) -> None:
    """Add the normals as a climatology, in a group of its own."""
    data = result.to_climatology()
    for one in data.data_vars.values():
        one.attrs = variable_attributes(one.attrs)
    data = _with_names_of_cf(data, plain)
    data.attrs = {"title": f"normals of {plain['against']['reference'].replace('/', ' to ')}"}
    data["time"].attrs |= {"axis": "T", "units_metadata": LEAP_SECONDS}
    axis = plain[AGAINST][CLIMATOLOGY]
    units = time_units([*axis["time"], *axis["start"], *axis["end"]])
    for name in ("time", data["time"].attrs[CLIMATOLOGY]):
        data[name].encoding = {"units": units, "calendar": plain["calendar"], "dtype": "f8"}
        data[name].encoding["_FillValue"] = None
    data.to_netcdf(path, mode="a", group=CLIMATOLOGY, engine="netcdf4")


def _with_names_of_cf(data: xr.Dataset, plain: Mapping[str, Any]) -> xr.Dataset:
    """Leave dots out of names of variables; names of zones are a coordinate beside a dimension."""
    data = data.rename_vars({name: str(name).replace(".", "_") for name in data.data_vars})
    data = _with_further_dimensions(data, plain)
    if "zone" in data.dims:
        return data.reset_index("zone").rename_dims(zone=ZONES)
    return data


def _as_flags(classes: xr.DataArray) -> xr.DataArray:
    """Return classes as numbers, whose meanings CF has in attributes; 0 stands for none."""
    numbers = (classes == "below") * 1 + (classes == "near") * 2 + (classes == "above") * 3
    flags = numbers.astype("i1").assign_attrs(classes.attrs)
    flags.attrs["flag_values"] = np.array([1, 2, 3], "i1")
    flags.attrs["flag_meanings"] = "below near above"
    flags.encoding["_FillValue"] = np.int8(0)
    return flags


def _with_further_dimensions(data: xr.Dataset, plain: Mapping[str, Any]) -> xr.Dataset:
    """Describe members, levels and the like as CF wants it."""
    for name, column in column_names(plain).items():
        said = variable_attributes(data[column].attrs)
        if said.get("axis") != "Z":  # CF knows X, Y, Z and T, and only a height can be one here
            said.pop("axis", None)
        data[column].attrs = said or {"long_name": name}
        data[column].encoding["_FillValue"] = None
        if data[column].dtype.kind == "U":
            data = data.reset_index(column).rename_dims({column: f"{column}_index"})
    return data


def _encode_time(data: xr.Dataset, plain: Mapping[str, Any]) -> None:
    """Add bounds, and write all times as whole numbers of one unit."""
    from csserv.outputs.xarray_pandas import times  # slow to import: pandas

    texts = plain["series"][0]["time"]
    bounds = interval_texts(plain)
    said = {"axis": "T", "long_name": "beginning of the step", "units_metadata": LEAP_SECONDS}
    data["time"].attrs |= said
    written = [*texts]
    if bounds is not None:
        pairs = np.stack([np.asarray(times(plain, one)) for one in bounds], axis=-1)
        data["time"].attrs["bounds"] = BOUNDS
        data[BOUNDS] = (("time", "bnds"), pairs)
        written += [*bounds[0], *bounds[1]]
    units = time_units(written)
    for name in {"time", "last_day", BOUNDS} & set(data.variables):
        data[name].encoding = {"units": units, "calendar": plain["calendar"], "dtype": "f8"}
        data[name].encoding["_FillValue"] = None

"""Converts the series in a result's JSON to xarray and pandas objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from csserv.outputs.against import AGAINST, YEARS, attributes_of, statistics_of
from csserv.outputs.further_dimensions import (
    column_names,
    coordinate_of_each,
    coordinates_of,
    dimensions_of,
    lengths_of,
    zones_of,
)
from csserv.outputs.series import VALID, VALID_STEPS, read_iso
from csserv.outputs.several_operations import (
    against_of,
    check_one_operation,
    choose_operation,
    operations_of,
    statistic_columns,
    units_of,
    variables_of,
)

#: CF calendars that pandas can represent
PANDAS_CALENDARS = ("standard", "gregorian", "proleptic_gregorian")


def to_dataset(plain: Mapping[str, Any]) -> xr.Dataset:
    """Return a variable for each operation or the index, and each statistic; see ``to_xarray``."""
    arrays: dict[str, xr.DataArray] = {}
    statistics: dict[str, xr.DataArray] = {}
    columns = statistic_columns(plain)
    for operation, name in variables_of(plain).items():
        found = to_xarray(choose_operation(plain, operation))
        own = {one["name"]: column for column, (of, one) in columns.items() if of == operation}
        statistics |= {column: found[one].reset_coords(drop=True) for one, column in own.items()}
        arrays[name] = found.drop_vars(own)
    return xr.Dataset(arrays | statistics)


def to_xarray(plain: Mapping[str, Any]) -> xr.DataArray:
    """Return the series as (time,), or (zone, time) if there are several; NaN where missing.

    Of several operations, the first one. Dimensions of which there are several coordinates, such as
    members, come between zone and time. What is said against what is normal are coordinates.
    """
    columns = column_names(plain)
    plain = choose_operation(plain)
    series, zones = plain["series"], zones_of(plain)
    dims = ("zone", *columns.values(), "time")
    shape = (len(zones), *lengths_of(plain))
    values, percent = (_numbers(series, name, shape) for name in ("value", VALID))
    of_percent = {"units": "%", "long_name": "share of the zone that has data"}
    coords = {
        "zone": ("zone", [one["name"] for one in zones], {"long_name": "name of zone"}),
        "zone_id": ("zone", [one["id"] for one in zones], {"long_name": "id of zone"}),
        "time": ("time", times(plain, series[0]["time"]), {"standard_name": "time"}),
        "valid_percent": (dims, percent, of_percent),
    }
    for name, said in dimensions_of(plain).items():
        coords[columns[name]] = (columns[name], coordinates_of(plain, name), said["attributes"])
    if VALID_STEPS in series[0]:
        of_share = {"units": "%", "long_name": "share of the step's days that have data"}
        coords[VALID_STEPS] = (dims, _numbers(series, VALID_STEPS, shape), of_share)
    if steps := plain.get("steps"):
        of_end = {"long_name": "last day of the step"}
        of_complete = {"long_name": "whether period and data fill the step"}
        coords["last_day"] = ("time", times(plain, steps["end"]), of_end)
        coords["complete"] = ("time", np.array(steps["complete"]), of_complete)
    for one in statistics_of(plain):
        numbers = _statistic([each[AGAINST] for each in series], one).reshape(*shape, -1)
        coords[one["name"]] = (dims, numbers, attributes_of(plain, one))
    array = xr.DataArray(
        values,
        coords=coords,
        dims=dims,
        name=next(iter(variables_of(plain).values())),
        attrs={
            **plain.get("variable", {}),
            "units": plain["units"],
            "dataset": plain["request"]["dataset"],
        },
    )
    return array.isel(zone=0) if len(zones) == 1 else array


def to_dataframe(plain: Mapping[str, Any], wide: bool = False) -> pd.DataFrame:
    """Return rows of zone, zone_id, time, value, valid_percent; ``wide``: a column each zone.

    Of several operations, each has a column of its own in place of ``value``. Rows of longer steps
    say the share of their days that have data, and whether they are ``complete``. Dimensions of
    which there are several coordinates have a column each after ``zone_id``; ``wide`` has them as
    further levels of its columns. What is said against what is normal are the last columns, of
    several operations ``mean_normal`` and so on; a wide table has none of them.

    Raises
    ------
    InvalidRequestError : there are several operations, which do not fit into a wide table
    """
    series = plain["series"]
    if wide:
        check_one_operation(plain)
        values = np.array([one["value"] for one in series], dtype=float).T
        index = pd.Index(times(plain, series[0]["time"]), name="time")
        frame = pd.DataFrame(values, index, _wide_columns(plain))
    else:
        frame = pd.DataFrame(_columns(plain))
    units = units_of(plain)
    frame.attrs["units"] = units if len(units) > 1 else plain["units"]
    return frame


def times(plain: Mapping[str, Any], texts: Sequence[str]) -> pd.DatetimeIndex | xr.CFTimeIndex:
    """Read times in the calendar of a result."""
    calendar = plain["calendar"]
    if calendar in PANDAS_CALENDARS:
        return pd.DatetimeIndex(pd.to_datetime(list(texts), format="ISO8601")).as_unit("s")
    return xr.CFTimeIndex([read_iso(text, calendar) for text in texts])


def _wide_columns(plain: Mapping[str, Any]) -> pd.Index:
    """Name the columns of a wide table: zones, and coordinates where zones have several."""
    zones = zones_of(plain)
    names = [one["name"] for one in zones]
    labels = names if len(set(names)) == len(names) else [one["id"] for one in zones]
    columns = column_names(plain)
    if not columns:
        return pd.Index(labels, name="zone")
    every = (coordinates_of(plain, name) for name in columns)
    return pd.MultiIndex.from_product([labels, *every], names=["zone", *columns.values()])


def _numbers(series: Sequence[Mapping[str, Any]], name: str, shape: tuple[int, ...]) -> Any:
    flat = np.array([one[name] for one in series], dtype=float)
    return flat.reshape(*shape, flat.shape[1])


def _columns(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the long table: series after series, each in the order of its steps.

    Each column is made as a whole: a frame for each series takes ten times as long.
    """
    series, names = plain["series"], operations_of(plain)
    when = times(plain, series[0]["time"])
    shares = (VALID, VALID_STEPS) if VALID_STEPS in series[0] else (VALID,)
    labels = ["value"] if len(names) == 1 else names
    values = [_flat(one["value"] for one in series)]
    values += [_flat(one["further"][name] for one in series) for name in names[1:]]
    zones = {"zone": [one["zone"]["name"] for one in series]}
    zones["zone_id"] = [one["zone"]["id"] for one in series]
    columns: dict[str, Any] = {
        name: pd.Index(texts).repeat(len(when)) for name, texts in zones.items()
    }
    for key, column in column_names(plain).items():
        columns[column] = np.repeat(coordinate_of_each(plain, key), len(when))
    columns["time"] = when[np.tile(np.arange(len(when)), len(series))]
    columns |= dict(zip(labels, values, strict=True))
    columns |= {name: _flat(one[name] for one in series) for name in shares}
    if steps := plain.get("steps"):
        columns["complete"] = np.tile(np.array(steps["complete"], dtype=bool), len(series))
    for column, (operation, one) in statistic_columns(plain).items():
        of_series = [against_of(each, plain, operation) for each in series]
        columns[column] = _statistic(of_series, one).reshape(-1)
    return columns


def _statistic(against: Sequence[Mapping[str, Any]], said: Mapping[str, str]) -> NDArray[Any]:
    """Return (series, time) numbers, NaN where there is none; of classes texts, then empty."""
    lists = [one[said["name"]] for one in against]
    if said["units"]:
        return np.array(lists, dtype=np.int32 if said["name"] == YEARS else np.float64)
    return np.array([[text or "" for text in one] for one in lists], dtype=str)


def _flat(lists: Iterable[Sequence[float | None]]) -> NDArray[np.float64]:
    """Return numbers of one list after the other; NaN where there is none."""
    return np.concatenate([np.array(one, dtype=float) for one in lists])

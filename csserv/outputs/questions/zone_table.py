"""A row for each zone at one step: value, what is normal, and what the members say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csserv.errors import InvalidRequestError
from csserv.outputs.against import SHOWN, statistics_of
from csserv.outputs.further_dimensions import dimensions_of, zones_of
from csserv.outputs.lookup import find_step
from csserv.outputs.questions.ranked_zones import Floats, rank, zone_values
from csserv.outputs.several_operations import choose_operation
from csserv.outputs.xarray_pandas import to_dataframe

#: shares of the members below the low and the high value that a table has
LOW, HIGH = 0.1, 0.9


def zone_table(plain: Mapping[str, Any], date: Any) -> pd.DataFrame:
    """Return a row for each zone; see ``ZoneQuestions.table``."""
    chosen = choose_operation(plain)
    numbers = zone_values(chosen)
    step = _last_known(numbers) if date is None else find_step(chosen, date)
    time = chosen["series"][0]["time"][step]
    zones = zones_of(chosen)
    index = pd.Index([one["name"] for one in zones], name="zone")
    named = {"zone_id": [one["id"] for one in zones], "time": [time] * len(zones)}
    columns = (
        _of_members(chosen, numbers, step) if dimensions_of(chosen) else _of_zones(chosen, step)
    )
    ranks = pd.array(rank(columns["value"], True), dtype="Int64")
    ranks[np.isnan(columns["value"])] = pd.NA
    frame = pd.DataFrame(named | columns | {"rank": ranks}, index)
    frame.attrs["units"] = chosen["units"]
    return frame


def _last_known(numbers: Floats) -> int:
    """Return the last step at which a zone has a value."""
    known = np.flatnonzero(np.isfinite(numbers).any(axis=(0, 1)))
    if not numbers.shape[-1]:
        raise InvalidRequestError("the result has no steps")
    return int(known[-1]) if len(known) else numbers.shape[-1] - 1


def _of_zones(plain: Mapping[str, Any], step: int) -> dict[str, Any]:
    frame = to_dataframe(plain)
    rows = frame.iloc[step :: len(plain["series"][0]["time"])]
    names = [one["name"] for one in statistics_of(plain)]
    return {"value": rows["value"].to_numpy()} | {
        name: rows[name].to_numpy() for name in SHOWN if name in names
    }


def _of_members(plain: Mapping[str, Any], numbers: Floats, step: int) -> dict[str, Any]:
    """Mean and spread of the members; what is normal is the mean of what is for each."""
    mean, low, high = _spread(numbers[..., step])
    found: dict[str, Any] = {"value": mean, "low": low, "high": high}
    found["members"] = np.isfinite(numbers[..., step]).sum(axis=1)
    if "normal" in [one["name"] for one in statistics_of(plain)]:
        normal = _spread(zone_values(plain, "normal")[..., step])[0]
        share = np.full(mean.shape, np.nan)
        np.divide(100.0 * mean, normal, out=share, where=normal > 0)
        found |= {"normal": normal, "anomaly": mean - normal, "percent_of_normal": share}
    return found


def _spread(members: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean and outer quantiles over ``(zone, member)``, by Hazen as those of normals."""
    there = np.isfinite(members).any(axis=1)
    found = np.full((3, len(members)), np.nan)
    if there.any():
        known = members[there]
        found[0, there] = np.nanmean(known, axis=1)
        found[1:, there] = np.nanquantile(known, [LOW, HIGH], axis=1, method="hazen")
    return found[0], found[1], found[2]

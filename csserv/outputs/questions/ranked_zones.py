"""The zones with the highest or lowest values, group by group of steps, and who agrees with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csserv.errors import InvalidRequestError
from csserv.outputs.against import YEARS, statistics_of
from csserv.outputs.questions.step_groups import group_steps
from csserv.outputs.several_operations import choose_operation
from csserv.outputs.words.rank_words import OTHERS, RAIN, WARMTH
from csserv.outputs.xarray_pandas import to_xarray

Floats = NDArray[np.float64]

#: word for the most of something → whether it is the highest value
MOST = {words[3]: True for words in (OTHERS, RAIN, WARMTH)} | {
    words[2]: False for words in (OTHERS, RAIN, WARMTH)
}


def rank_zones(
    plain: Mapping[str, Any], most: Any, by: Any, count: Any, value: str
) -> pd.DataFrame:
    """Rank the zones of a result; see ``ZoneQuestions.best``. What was given may be anything."""
    if not isinstance(most, str) or most not in MOST:
        raise InvalidRequestError(f"most is {most!r}; allowed are {', '.join(MOST)}")
    if count is not None and (not isinstance(count, int) or count < 1):
        raise InvalidRequestError(f"count is {count!r}; allowed is 1 or more, or None for all")
    chosen = choose_operation(plain)
    numbers = zone_values(chosen, value)
    labels, groups = group_steps(chosen, by)
    means = _means_by_group(numbers, groups, len(labels))  # (zone, member, group)
    whole = _mean(means, 1)
    ranks = rank(whole, MOST[most])
    own = rank(means, MOST[most])
    wanted = (ranks <= (count or len(ranks))) & np.isfinite(whole)
    rows = [
        {by: labels[group], "rank": int(ranks[zone, group]), **_zone(chosen, zone, numbers)}
        | {value: float(whole[zone, group])}
        | _agreement(own[zone, :, group], means[:, :, group], count)
        for group in range(len(labels))
        for zone in np.argsort(ranks[:, group], kind="stable")
        if wanted[zone, group]
    ]
    several = ["members_agree"] if numbers.shape[1] > 1 and count is not None else []
    frame = pd.DataFrame(rows, columns=[by, "rank", "zone", "zone_id", value, *several])
    frame.attrs["units"] = units_of_values(chosen, value)
    return frame


def zone_values(plain: Mapping[str, Any], value: str = "value") -> Floats:
    """Return ``(zone, member, time)`` values of a result, or one of the statistics beside them.

    Coordinates of several further dimensions count as members, all of them.

    Raises
    ------
    InvalidRequestError : the result has no such statistic; says what it has
    """
    array = to_xarray(plain)
    known = [
        one["name"] for one in statistics_of(plain) if one.get("units", "") and one["name"] != YEARS
    ]
    if value != "value" and value not in known:
        has = ", ".join(["value", *known])
        more = "" if known else _how_to_ask(plain)
        raise InvalidRequestError(f"the result has no {value!r}; it has {has}{more}")
    numbers = array if value == "value" else array.coords[value]
    zones = len({one["zone"]["id"] for one in plain["series"]})
    return np.asarray(numbers.values, dtype=float).reshape(zones, -1, array.sizes["time"])


def _how_to_ask(plain: Mapping[str, Any]) -> str:
    """Say how to ask for the statistics that a result lacks."""
    if "index" in plain:
        return "; an index has no statistics beside it: ask without index, with against"
    return '; ask for what is normal, with against="default"'


def units_of_values(plain: Mapping[str, Any], value: str) -> str:
    """Return the units of the values or of a statistic."""
    named = {one["name"]: one.get("units", "") for one in statistics_of(plain)}
    return str(plain["units"] if value == "value" else named[value])


def rank(values: Floats, is_highest: bool) -> NDArray[np.int64]:
    """Rank along the first axis, from 1; equal values share a rank, and NaN come last.

    >>> rank(np.array([2.0, 5.0, np.nan, 5.0]), True).tolist()
    [3, 1, 4, 1]
    """
    signed = np.where(np.isnan(values), np.inf, -values if is_highest else values)
    better = signed[None, ...] < signed[:, None, ...]
    ranks: NDArray[np.int64] = 1 + better.sum(axis=1)
    return ranks


def _mean(values: Floats, axis: int) -> Floats:
    """Return the mean of the numbers that are there; NaN where there are none."""
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=axis)
    count = there.sum(axis=axis)
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def _means_by_group(numbers: Floats, groups: NDArray[np.intp], count: int) -> Floats:
    return np.stack([_mean(numbers[..., groups == one], -1) for one in range(count)], axis=-1)


def _zone(plain: Mapping[str, Any], zone: int, numbers: Floats) -> dict[str, str]:
    said = plain["series"][zone * numbers.shape[1]]["zone"]
    return {"zone": said["name"], "zone_id": said["id"]}


def _agreement(own: NDArray[np.int64], means: Floats, count: int | None) -> dict[str, float]:
    """Return the share of members that have the zone among theirs [%]; of those with values."""
    if means.shape[1] == 1 or count is None:
        return {}
    there = np.isfinite(means).any(axis=0)
    return {"members_agree": 100.0 * float((own[there] <= count).mean())}

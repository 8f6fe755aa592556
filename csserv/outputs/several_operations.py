"""The answers to a request with several operations, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csserv.errors import InvalidRequestError
from csserv.outputs.against import AGAINST, statistics_of
from csserv.outputs.series import FURTHER_AGAINST

#: name in JSON of what is said of an index, which is in place of the values
INDEX = "index"


def operations_of(plain: Mapping[str, Any]) -> list[str]:
    """Return the operations of a result's JSON, in the order asked for."""
    return str(plain["request"]["operation"]).split(",")


def variables_of(plain: Mapping[str, Any]) -> dict[str, str]:
    """Return operation → name of its values as a variable: the operation's own, or the index's."""
    if INDEX in plain:  # it is of one operation
        return {operations_of(plain)[0]: str(plain[INDEX]["index"])}
    return {name: name for name in operations_of(plain)}


def units_of(plain: Mapping[str, Any]) -> dict[str, str]:
    """Return operation → units of a result's JSON, in the order asked for."""
    further = {one["operation"]: one["units"] for one in plain.get("further", ())}
    return {operations_of(plain)[0]: plain["units"]} | further


def choose_operation(plain: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
    """Return the JSON of a result as if one of its operations had been asked for alone.

    Parameters
    ----------
    name : of the operation; the first one if None

    Raises
    ------
    InvalidRequestError : it was not asked for
    """
    every = operations_of(plain)
    chosen = every[0] if name is None else name
    if chosen not in every:
        raise InvalidRequestError(f"the result has no {chosen}; it has {', '.join(every)}")
    own = {key: value for key, value in plain.items() if key != "further"}
    own["request"] = plain["request"] | {"operation": chosen}
    if chosen != every[0]:
        about = {one["operation"]: one for one in plain["further"]}[chosen]
        own |= {key: about[key] for key in ("units", "variable") if key in about}
        if AGAINST in plain:
            own[AGAINST] = plain[AGAINST] | {"statistics": about["statistics"]}
    own["series"] = [_only(one, chosen) for one in plain["series"]]
    return own


def statistic_columns(plain: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """Return what the columns of statistics are called → operation, and what is said of each.

    Of one operation they are called as the statistics are; of several, ``mean_normal`` and so on.
    """
    every = operations_of(plain)
    return {
        f"{name}_{one['name']}" if len(every) > 1 else one["name"]: (name, one)
        for name in every
        for one in statistics_of(choose_operation({**plain, "series": []}, name))
    }


def against_of(series: Mapping[str, Any], plain: Mapping[str, Any], operation: str) -> Any:
    """Return the statistics of an operation of a series against what is normal."""
    is_first = operation == operations_of(plain)[0]
    return series[AGAINST] if is_first else series[FURTHER_AGAINST][operation]


def check_one_operation(plain: Mapping[str, Any]) -> None:
    """See that a wide table can hold the result.

    Raises
    ------
    InvalidRequestError : it has several operations
    """
    every = operations_of(plain)
    if len(every) > 1:
        raise InvalidRequestError(
            f"a wide table holds one operation; select one of {', '.join(every)} first"
        )


def _only(series: Mapping[str, Any], name: str) -> dict[str, Any]:
    further = series.get("further", {})
    own = {key: value for key, value in series.items() if key not in ("further", FURTHER_AGAINST)}
    own["value"] = further.get(name, series["value"])
    if name in (of_each := series.get(FURTHER_AGAINST, {})):
        own[AGAINST] = of_each[name]
    return own

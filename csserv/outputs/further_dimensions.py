"""Series of several coordinates of a further dimension (members, levels, …) in a result's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.errors import InvalidRequestError
from csserv.outputs.series import VALID, VALID_STEPS
from csserv.outputs.several_operations import operations_of, statistic_columns
from csserv.request.coordinate_labels import find_label, listed

#: names of columns and coordinates that a dimension of the data must not take
TAKEN = {"zone", "zone_id", "time", "value", VALID, VALID_STEPS, "last_day", "complete"}


def dimensions_of(plain: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what is said of each dimension of which a result has several coordinates."""
    return dict(plain.get("dimensions") or {})


def lengths_of(plain: Mapping[str, Any]) -> list[int]:
    """Return how many coordinates a result has of each such dimension."""
    return [len(one["labels"]) for one in dimensions_of(plain).values()]


def zones_of(plain: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return id and name of each zone, once."""
    return [one["zone"] for one in plain["series"][:: int(np.prod(lengths_of(plain), dtype=int))]]


def series_name(one: Mapping[str, Any]) -> str:
    """Name a series by its zone, and by its coordinates where the zone has several.

    >>> series_name({"zone": {"id": "1", "name": "Kenya"}, "select": {"member": "3"}})
    'Kenya, member 3'
    """
    return ", ".join([one["zone"]["name"], *selection_texts(one.get("select", {}))])


def selection_texts(select: Mapping[str, str]) -> list[str]:
    """Write coordinates: dimension and label of each.

    >>> selection_texts({"member": "3", "level": "850"})
    ['member 3', 'level 850']
    """
    return [f"{name} {label}" for name, label in select.items()]


def column_names(plain: Mapping[str, Any]) -> dict[str, str]:
    """Return dimension → name of its column; other than that of the dimension if that is taken."""
    taken = {*TAKEN, *operations_of(plain), *statistic_columns(plain)}
    return {name: f"{name}_of_data" if name in taken else name for name in dimensions_of(plain)}


def coordinates_of(plain: Mapping[str, Any], name: str) -> NDArray[Any]:
    """Return the coordinates of a dimension in the type of the files."""
    said = dimensions_of(plain)[name]
    return np.array(said["coordinates"], dtype=said["dtype"])


def coordinate_of_each(plain: Mapping[str, Any], name: str) -> NDArray[Any]:
    """Return the coordinate of each series, in the type of the files."""
    places = {label: i for i, label in enumerate(dimensions_of(plain)[name]["labels"])}
    return coordinates_of(plain, name)[[places[one["select"][name]] for one in plain["series"]]]


def choose_coordinates(plain: Mapping[str, Any], chosen: Any) -> dict[str, Any]:
    """Return the JSON of a result as if these coordinates had been asked for alone.

    Parameters
    ----------
    chosen : dimension → coordinate, perhaps None; of others, all that the result has stay

    Raises
    ------
    InvalidRequestError : the result has no such choice; says what it has
    """
    if not chosen:
        return dict(plain)
    if not isinstance(chosen, Mapping):
        raise InvalidRequestError(
            f"select is {chosen!r}; allowed are names with values, such as {{'member': 1}}"
        )
    picked = {name: _label(plain, name, str(wanted)) for name, wanted in chosen.items()}
    left = {name: one for name, one in dimensions_of(plain).items() if name not in picked}
    series = [
        _without(one, picked) for one in plain["series"] if picked.items() <= one["select"].items()
    ]
    asked = plain["request"]
    options = asked["options"]
    select = dict(options["select"]) | picked
    request = asked | {"options": options | {"select": [list(pair) for pair in select.items()]}}
    own = {key: value for key, value in plain.items() if key != "dimensions"}
    return own | {"request": request, "series": series} | ({"dimensions": left} if left else {})


def taken(plain: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, str]:
    """Return the coordinates that ``choose_coordinates`` took, by the labels of the result."""
    gone = dimensions_of(plain).keys() - dimensions_of(chosen).keys()
    select = dict(chosen["request"]["options"]["select"]) if gone else {}
    return {name: select[name] for name in dimensions_of(plain) if name in gone}


def check_one_selection(plain: Mapping[str, Any], how: str) -> None:
    """See that each zone has one series.

    Parameters
    ----------
    how : to choose one, a format of the dimension and one of its labels

    Raises
    ------
    InvalidRequestError : it has several; says which there are, and how to choose
    """
    for name, said in dimensions_of(plain).items():
        labels = said["labels"]
        raise InvalidRequestError(
            f"say which {name}, of {listed(labels)}: {how.format(name=name, label=labels[0])}"
        )


def _label(plain: Mapping[str, Any], name: str, wanted: str) -> str:
    known = dimensions_of(plain)
    if name not in known:
        has = f"it has several of {', '.join(known)}" if known else "it has one of each dimension"
        raise InvalidRequestError(f"the result has no {name!r} to choose from; {has}")
    labels: list[str] = known[name]["labels"]
    found = find_label(labels, wanted)
    if found is None:
        raise InvalidRequestError(f"no {name} {wanted!r}; the result has {listed(labels)}")
    return labels[found]


def _without(one: Mapping[str, Any], picked: Mapping[str, str]) -> dict[str, Any]:
    left = {name: label for name, label in one["select"].items() if name not in picked}
    own = {key: value for key, value in one.items() if key != "select"}
    return {"zone": own.pop("zone"), **({"select": left} if left else {}), **own}

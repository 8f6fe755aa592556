"""Coordinates of further dimensions as a file has them: numbers of their type, and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from csserv.catalog.read.axes import Further, Variable, coordinate_values, find_variable
from csserv.catalog.read.coordinates import lookup, text_of
from csserv.catalog.read.further.selections import Selection
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header

#: attributes of a coordinate that hold without the rest of its file
KEPT = ("standard_name", "long_name", "units", "positive", "axis", "calendar")


def describe_dimensions(
    granule: Granule, header: Header, selections: Sequence[Selection]
) -> dict[str, dict[str, Any]] | None:
    """Describe the dimensions of which several coordinates are asked for; None if there are none.

    Returns
    -------
    dimension → ``labels`` of these coordinates, by which series name them, the ``coordinates``
    themselves, their ``dtype`` (``str`` where they are no numbers), and ``attributes``
    """
    several = {
        name: tuple(dict.fromkeys(one.shown[name] for one in selections))
        for name in selections[0].shown
    }
    if not several:
        return None
    with granule.opened() as data:
        variable = find_variable(data, header.variable)
        known = {one.name: one for one in header.further}
        return {name: _described(variable, known[name], mine) for name, mine in several.items()}


def _described(variable: Variable, dimension: Further, labels: Sequence[str]) -> dict[str, Any]:
    coordinate = lookup(variable, dimension.name)
    places = [dimension.labels.index(label) for label in labels]
    if coordinate is None:
        said = {"long_name": f"number along {dimension.name} in the files, from 0"}
        return _plain(labels, np.array(places), said)
    attributes = {name: text for name in KEPT if (text := text_of(coordinate, name))}
    return _plain(labels, coordinate_values(coordinate)[places], attributes)


def _plain(labels: Sequence[str], values: Any, attributes: dict[str, str]) -> dict[str, Any]:
    is_number = values.dtype.kind in "iuf" and not np.ma.is_masked(values)
    return {
        "labels": list(labels),
        "coordinates": values.tolist() if is_number else list(labels),
        "dtype": str(values.dtype) if is_number else "str",
        "attributes": attributes,
    }

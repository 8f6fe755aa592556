"""Scale and offset: value = stored x scale + offset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, read_numbers, shown
from csserv.errors import GranuleError

#: attribute → field of a row that says otherwise, and what it is where nobody says it
FACTORS = {"scale_factor": ("scale", 1.0), "add_offset": ("offset", 0.0)}


@dataclass(frozen=True)
class Factors:
    """How stored numbers become values.

    Attributes
    ----------
    dtype : the wider type of the file's two attributes; None where it has neither
    why : where each comes from, by the field of a row
    """

    scale: float
    offset: float
    dtype: np.dtype[Any] | None
    why: Mapping[str, str]

    @property
    def are_plain(self) -> bool:
        """Whether the stored numbers are the values."""
        return (self.scale, self.offset) == (1.0, 0.0)


def read_factors(attributes: Mapping[str, Any], given: Mapping[str, float | None]) -> Factors:
    """Read scale and offset.

    Parameters
    ----------
    given : what a row says in place of the attributes, by its fields; None for nothing

    Raises
    ------
    GranuleError : an attribute is no number, or one that no value can come of
    """
    found = dict(FACTORS.values())
    types, why = [], {}
    for name, (field, _) in FACTORS.items():
        corrected = given.get(field)
        if corrected is not None:
            found[field], why[field] = corrected, f"{shown(corrected)} ({GIVEN})"
        elif name in attributes:
            numbers = read_numbers(name, attributes[name], field)
            found[field] = _checked(float(numbers.one), name, field)
            why[field] = f"{shown(found[field])} (from {name})"
            types.append(numbers.dtype)
    dtype = np.result_type(*types) if types else None
    return Factors(found["scale"], found["offset"], dtype, why)


def _checked(number: float, name: str, field: str) -> float:
    if not math.isfinite(number) or (field == "scale" and number == 0):
        raise GranuleError(
            f"its {name} is {shown(number)}, which no value can come of; "
            f"say what it is in its row: {field}"
        )
    return number

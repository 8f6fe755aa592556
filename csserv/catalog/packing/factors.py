"""Scale factor and offset of a packed variable: value = stored x scale + offset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, format_number, read_numbers
from csserv.errors import GranuleError

#: attribute → the field of a row that replaces it, and its default
FACTORS = {"scale_factor": ("scale", 1.0), "add_offset": ("offset", 0.0)}


@dataclass(frozen=True)
class Factors:
    """Scale factor and offset.

    Attributes
    ----------
    scale, offset : value = stored x scale + offset
    dtype : the wider data type of the file's two attributes; None if it has neither
    sources : field of a row → the number and where it comes from, for those that are stated
    """

    scale: float
    offset: float
    dtype: np.dtype[Any] | None
    sources: Mapping[str, str]

    @property
    def are_plain(self) -> bool:
        """Whether stored numbers are the values themselves: scale 1, offset 0."""
        return (self.scale, self.offset) == (1.0, 0.0)


def read_factors(attributes: Mapping[str, Any], given: Mapping[str, float | None]) -> Factors:
    """Read the scale factor and the offset of a variable.

    Parameters
    ----------
    attributes : of the variable
    given : field of a row → the number that replaces the attribute; None if there is none

    Raises
    ------
    GranuleError : an attribute is not a single finite number, or the scale factor is 0
    """
    found = dict(FACTORS.values())
    types, sources = [], {}
    for name, (field, _) in FACTORS.items():
        corrected = given.get(field)
        if corrected is not None:
            found[field], sources[field] = corrected, f"{format_number(corrected)} ({GIVEN})"
        elif name in attributes:
            numbers = read_numbers(name, attributes[name], field)
            found[field] = _checked(float(numbers.single), name, field)
            sources[field] = f"{format_number(found[field])} (from {name})"
            types.append(numbers.dtype)
    dtype = np.result_type(*types) if types else None
    return Factors(found["scale"], found["offset"], dtype, sources)


def _checked(number: float, name: str, field: str) -> float:
    if not math.isfinite(number) or (field == "scale" and number == 0):
        raise GranuleError(
            f"its {name} is {format_number(number)}, which no value can come of; "
            f"say what it is in its row: {field}"
        )
    return number

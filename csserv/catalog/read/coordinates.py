"""Coordinate variables: found by name in the group of a variable, or in those around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import netCDF4
import numpy as np

Variable: TypeAlias = "netCDF4.Variable[Any]"

#: attributes that make other values of stored numbers, or none
PACKING = (
    *("_FillValue", "missing_value", "valid_range", "valid_min", "valid_max"),
    *("scale_factor", "add_offset", "_Unsigned"),
)


@dataclass(frozen=True)
class StoredVariable:
    """Where a variable stands in its file, and how its numbers are stored.

    Attributes
    ----------
    path : its name, after those of its groups
    packing : those of its attributes that make other values of stored numbers, or none
    """

    path: str
    packing: Mapping[str, Any]

    @classmethod
    def of(cls, variable: Variable) -> Self:
        """Read them, while the file is open."""
        group = variable.group().path.strip("/")
        there = [name for name in PACKING if name in variable.ncattrs()]
        packing = {name: variable.getncattr(name) for name in there}
        return cls(f"{group}/{variable.name}" if group else variable.name, packing)


def lookup(variable: Variable, name: str) -> Variable | None:
    """Find a variable by name in the group of another one, or in those around it."""
    group: netCDF4.Dataset | None = variable.group()
    while group is not None:
        if name in group.variables:
            return group.variables[name]
        group = group.parent
    return None


def auxiliary(variable: Variable) -> Iterator[Variable]:
    """Yield the variables that its ``coordinates`` attribute names, then all others about it."""
    named = text_of(variable, "coordinates").split()
    group = variable.group()
    for name in [*named, *(n for n in group.variables if n not in named)]:
        if name != variable.name and (found := lookup(variable, name)) is not None:
            yield found


def values_of(variable: Variable, index: Any = slice(None)) -> Any:
    """Read values: masked where missing, and plain where none can be, which takes a fifth."""
    if not set(PACKING).isdisjoint(variable.ncattrs()):
        return variable[index]
    variable.set_auto_maskandscale(False)
    try:
        stored = variable[index]
    finally:
        variable.set_auto_maskandscale(True)
    never_written = netCDF4.default_fillvals.get(np.asarray(stored).dtype.str[1:])
    if never_written is not None and np.any(stored == never_written):
        return variable[index]
    return stored


def text_of(variable: Variable | netCDF4.Dataset, name: str) -> str:
    """Return an attribute as text; empty where there is none."""
    found = attribute_of(variable, name)
    return "" if found is None else str(found).strip()


def attribute_of(one: Variable | netCDF4.Dataset, name: str) -> Any:
    """Return an attribute; None where there is none, which to raise takes ten times as long."""
    return one.getncattr(name) if name in one.ncattrs() else None


def kind_of(variable: Variable) -> str:
    """Return numpy's letter for the kind of a variable's type; "U" for texts."""
    return np.dtype(variable.dtype).kind

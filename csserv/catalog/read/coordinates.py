"""Coordinate variables: found by name in the group of a variable, or in those around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import netCDF4
import numpy as np

Variable: TypeAlias = "netCDF4.Variable[Any]"


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
    named = str(getattr(variable, "coordinates", "")).split()
    group = variable.group()
    for name in [*named, *(n for n in group.variables if n not in named)]:
        if name != variable.name and (found := lookup(variable, name)) is not None:
            yield found


def text_of(variable: Variable, name: str) -> str:
    """Return an attribute as text; empty where there is none."""
    return str(getattr(variable, name, "")).strip()


def kind_of(variable: Variable) -> str:
    """Return numpy's letter for the kind of a variable's type; "U" for texts."""
    return np.dtype(variable.dtype).kind

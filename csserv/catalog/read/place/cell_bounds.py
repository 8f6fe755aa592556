"""Bounds of cells, where a file gives them."""

from __future__ import annotations

import numpy as np

from csserv.catalog.read.place.lines import Floats
from csserv.catalog.read.place.measured import Measure
from csserv.catalog.read.place.surroundings import Coordinate, Surroundings


def degrees_each(one: Coordinate) -> float:
    """How many degrees one of its units is, where it is an angle."""
    return one.units.factor if one.units.measure is Measure.RADIANS else 1.0


def bounds_of(around: Surroundings, one: Coordinate, factor: float) -> Floats | None:
    """(..., k) edges or corners of cells times a factor; None where they are not given.

    They have the units of their coordinate, unless they have their own (CF 1.11, section 7.1).
    """
    stated = one.text("bounds")
    for name in (stated,) if stated else (f"{one.name}_bnds", f"{one.name}_bounds"):
        found = around.find(name)
        if found is None or len(found.dims) != len(one.dims) + 1:
            continue
        own = factor
        if found.text("units") not in ("", one.text("units")):
            own *= found.units.factor / one.units.factor
        if found.dims[:-1] == one.dims:
            return found.values() * own
        if found.dims[1:] == one.dims:
            return np.moveaxis(found.values(), 0, -1) * own
    return None

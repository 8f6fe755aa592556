"""Bounds of cells, where a file gives them."""

from __future__ import annotations

import numpy as np

from csserv.catalog.read.place.spacing import Floats
from csserv.catalog.read.place.surroundings import Coordinate, Surroundings
from csserv.errors import GranuleError


def degrees_each(one: Coordinate) -> float:
    """How many degrees one of its units is, where it is an angle; negative of degrees west."""
    return one.units.factor if one.units.is_angle else 1.0


def bounds_of(around: Surroundings, one: Coordinate, factor: float) -> Floats | None:
    """(..., k) edges or corners of cells times a factor; None where they are not given.

    They have the units of their coordinate, unless they have their own (CF 1.11, section 7.1).

    Raises
    ------
    GranuleError : they are of other cells than those of the coordinate
    """
    stated = one.text("bounds")
    for name in (stated,) if stated else (f"{one.name}_bnds", f"{one.name}_bounds"):
        found = around.find(name)
        if found is None:
            continue
        own = factor
        if found.text("units") not in ("", one.text("units")):
            own *= found.units.factor / one.units.factor
        values = _of_each(one, found)
        if values is not None:
            return values * own
        if stated:
            raise GranuleError(_misfit(one, found))
    return None


def _of_each(one: Coordinate, found: Coordinate) -> Floats | None:
    """Bring bounds to one row of numbers a cell; None where they are of other cells."""
    dims, cells, shape = one.dims[-2:], one.lengths()[-2:], found.lengths()
    if len(one.dims) == 3 and found.dims[:3] == one.dims:  # of each time, and the same all along
        return found.take((0, *(slice(None),) * (len(shape) - 1)))
    if found.dims[1:] == dims:
        return np.moveaxis(found.values(), 0, -1) if shape[0] > 1 else None
    if shape[:-1] == cells and shape[-1] > 1:
        return found.values()
    if shape == tuple(length + 1 for length in cells):  # the edges of all cells, each once
        return _corners(found.values())
    return None


def _corners(edges: Floats) -> Floats:
    """(n, 2) ends or (rows, columns, 4) corners of cells between (n + 1,) or more edges."""
    if edges.ndim == 1:
        return np.stack([edges[:-1], edges[1:]], axis=-1)
    return np.stack([edges[:-1, :-1], edges[:-1, 1:], edges[1:, 1:], edges[1:, :-1]], axis=-1)


def _misfit(one: Coordinate, found: Coordinate) -> str:
    sizes = [" x ".join(map(str, each.lengths())) or "1" for each in (found, one)]
    return (
        f"the bounds of its {one.name}, {found.name}, are {sizes[0]} numbers, which suit no "
        f"{sizes[1]} cells; correct them, or take away the attribute bounds"
    )

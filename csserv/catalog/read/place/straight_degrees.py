"""Grids between lines of latitude and longitude, given along rows and columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from csserv.catalog.read.grid import Grid
from csserv.catalog.read.place.cell_bounds import bounds_of, degrees_each
from csserv.catalog.read.place.kinds import EAST, NORTH, Kind
from csserv.catalog.read.place.lines import UNEVEN, Axis
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.place.projected.projection import HOW
from csserv.catalog.read.place.spacing import Floats, check_numbers
from csserv.catalog.read.place.surroundings import Coordinate, Surroundings
from csserv.errors import GranuleError

#: degrees beyond the poles that rounding may leave
SLACK = 0.01

#: numbers of the same cell differ by less, as float32 rounds them
ALIKE = 1e-6


@dataclass(frozen=True, eq=False)
class Degrees:
    """Latitudes or longitudes along a dimension: centres (n,), bounds (n, 2) or None."""

    name: str
    dim: str
    centres: Floats
    bounds: Floats | None


def along(around: Surroundings, one: Coordinate) -> Degrees:
    """Read a coordinate of one dimension."""
    factor = degrees_each(one)
    return Degrees(one.name, one.dims[0], one.values() * factor, bounds_of(around, one, factor))


def between_lines(around: Surroundings, lat: Degrees, lon: Degrees) -> Placed:
    """Place a variable by latitudes and longitudes.

    Raises
    ------
    GranuleError : they are no degrees, do not rise or fall, or go round the Earth more than once
    """
    _check_range(lat, NORTH)
    _check_range(lon, EAST)
    turned = np.unwrap(lon.centres, period=360.0)
    kept = _without_repeats(around, lon, turned)
    remarks = [_repeat(lon, kept)] if kept < len(turned) else []
    axes = _axis(around, lat, NORTH), _axis(around, lon, EAST)
    remarks += [_assumed(one) for one in axes if one.size]
    bounds = None if lon.bounds is None else lon.bounds[:kept]
    grid = Grid.from_centres(lat.centres, turned[:kept], lat.bounds, bounds, axes)
    if (span := grid.columns * grid.dlon) > 360.0 + UNEVEN * grid.dlon:
        raise GranuleError(
            f"its {lon.name} spans {span:g} degrees, and no column repeats another: keep 360 "
            "degrees of it"
        )
    return Placed(
        grid,
        rows=lat.dim,
        columns=lon.dim,
        south_up=bool(lat.centres[0] < lat.centres[-1]),
        east_first=bool(turned[0] > turned[-1]),
        remarks=tuple(remarks),
        source=f"{lat.name} and {lon.name}",
    )


def _check_range(one: Degrees, kind: Kind) -> None:
    check_numbers(one.name, one.centres)
    most = kind.most + SLACK
    if np.abs(one.centres).max() > most:
        low, high = float(one.centres.min()), float(one.centres.max())
        raise GranuleError(
            f"its {one.name} goes from {low:g} to {high:g}, which are no degrees of "
            f"{kind.standard_name}; {HOW}"
        )


def _without_repeats(around: Surroundings, lon: Degrees, turned: Floats) -> int:
    """Count the columns that repeat none of the first ones a whole turn on.

    Raises
    ------
    GranuleError : one lies where the first ones do, but holds other numbers
    """
    if len(turned) < 3:
        return len(turned)
    step = abs(float(turned[-1] - turned[0])) / (len(turned) - 1)
    away = np.abs(turned - turned[0])
    kept = int((away < 360.0 - UNEVEN * step).sum())
    more = len(turned) - kept
    if not more or np.abs(away[kept:] - 360.0 - away[:more]).max() > UNEVEN * step:
        return len(turned)
    first, last = (around.first({lon.dim: s}) for s in (slice(0, more), slice(kept, len(turned))))
    both = np.isfinite(first) & np.isfinite(last)
    scale = np.abs(first[both]).max(initial=0.0)
    missed = np.isfinite(last) & ~np.isfinite(first)
    if (np.abs(first - last)[both] > ALIKE * scale).any() or missed.any():
        raise GranuleError(
            f"its {lon.name} {lon.centres[kept]:g} and {lon.centres[0]:g} are one place, but hold "
            "different numbers: leave one of them out"
        )
    return kept


def _repeat(lon: Degrees, kept: int) -> str:
    return f"{lon.name} {lon.centres[kept]:g} repeats {lon.centres[0]:g}, and is left out"


def _axis(around: Surroundings, one: Degrees, kind: Kind) -> Axis:
    """Say what an axis is; how large a single cell is, from the attributes of data discovery."""
    if len(one.centres) > 1 or one.bounds is not None:
        return Axis(one.name)
    said = around.get_global(f"geospatial_{kind.standard_name[:3]}_resolution")
    found = re.fullmatch(r"\s*([0-9.]+(?:[eE]-?\d+)?)\s*(?:deg\w*|°)?\s*", str(said))
    return Axis(one.name, size=float(found[1]) if found else 0.0)


def _assumed(axis: Axis) -> str:
    return f"the single {axis.name} is taken to be {axis.size:g} degrees wide, as the file says"

"""Latitude and longitude, y and x: how each is known among coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from csserv.catalog.read.place.measured import Measure
from csserv.catalog.read.place.surroundings import Coordinate, Surroundings, auxiliary
from csserv.errors import GranuleError

#: latitude and longitude, or y and x
Pair: TypeAlias = tuple[Coordinate, Coordinate]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@dataclass(frozen=True)
class Kind:
    """A direction along the ground, and the signs of its coordinates.

    Attributes
    ----------
    standard_name, measure, names : of degrees north or east; the names are unmistakable
    projected_names : standard names of coordinates in a projection
    plain_names : what says nothing of degrees
    most : largest number of degrees that there is
    """

    axis: str
    standard_name: str
    measure: Measure
    names: tuple[str, ...]
    projected_names: tuple[str, ...]
    plain_names: tuple[str, ...]
    most: float


#: CF 1.11, sections 4.1, 4.2 and 5.6
NORTH = Kind(
    axis="Y",
    standard_name="latitude",
    measure=Measure.LATITUDE,
    names=_words("latitude lat lats nav_lat xlat geolat tlat clat"),
    projected_names=_words("projection_y_coordinate grid_latitude projection_y_angular_coordinate"),
    plain_names=_words("y yc yf rlat northing northings ydim ygrid y_grid south_north nlat"),
    most=90.0,
)
EAST = Kind(
    axis="X",
    standard_name="longitude",
    measure=Measure.LONGITUDE,
    names=_words("longitude lon lons long nav_lon xlong geolon tlon tlong clon"),
    projected_names=_words(
        "projection_x_coordinate grid_longitude projection_x_angular_coordinate"
    ),
    plain_names=_words("x xc xf rlon easting eastings xdim xgrid x_grid west_east nlon"),
    most=720.0,
)

#: names of degrees of a rotated pole, whatever their units are
ROTATED = ("rlat", "rlon")

#: measures of coordinates that do not say north or east
_VAGUE = (Measure.DEGREES, Measure.RADIANS, Measure.NOTHING)


def is_degrees(one: Coordinate, kind: Kind) -> bool:
    """Whether a coordinate says that it is latitude or longitude.

    Plain degrees, or radians, are those only where the standard name, an unmistakable name or, of
    degrees, the axis says so: the ones of a rotated pole are not.
    """
    standard, measure = one.text("standard_name"), one.units.measure
    if standard in kind.projected_names or (not standard and one.name.lower() in ROTATED):
        return False
    if measure is kind.measure or (standard == kind.standard_name and measure in _VAGUE):
        return True
    if standard or measure not in _VAGUE:
        return False
    by_axis = one.text("axis") == kind.axis and measure is Measure.DEGREES
    return by_axis or one.name.lower() in kind.names


def check_claims(pair: Pair) -> None:
    """See that neither claims to be latitude and longitude at once.

    Raises
    ------
    GranuleError : its name, its standard name and its units do not agree
    """
    for one, own, other in ((pair[0], NORTH, EAST), (pair[1], EAST, NORTH)):
        signs = {
            "name": one.name.lower() in other.names,
            "standard_name": one.text("standard_name") == other.standard_name,
            f"units of {one.text('units')}": one.units.measure is other.measure,
        }
        if wrong := [sign for sign, is_other in signs.items() if is_other]:
            raise GranuleError(
                f"its {one.name} is {own.standard_name} by some of its signs, and "
                f"{other.standard_name} by its {wrong[0]}; correct the file"
            )


def insists(pair: Pair) -> bool:
    """Whether y or x says that it is degrees north or east, by more than its axis."""
    return any(
        is_degrees(one, kind)
        and (
            one.text("standard_name") == kind.standard_name
            or one.units.measure is kind.measure
            or one.name.lower() in kind.names
        )
        for one, kind in zip(pair, (NORTH, EAST), strict=True)
    )


def says_projected(pair: Pair) -> bool:
    """Whether y or x says that it is of a projection."""
    return any(
        one.units.measure in (Measure.LENGTH, Measure.RADIANS)
        or one.text("standard_name") in kind.projected_names
        for one, kind in zip(pair, (NORTH, EAST), strict=True)
    )


def degree_pair(around: Surroundings, ndim: int) -> Pair | None:
    """Find latitudes and longitudes over so many dimensions of a variable."""
    every = list(auxiliary(around, ndim))
    if ndim == 1:  # those of dimensions themselves come first
        every = [*_own(around), *every]
    lats = [one for one in every if is_degrees(one, NORTH)]
    lons = [one for one in every if is_degrees(one, EAST)]
    if ndim == 1:
        return (lats[0], lons[0]) if lats and lons else None
    pairs = ((lat, lon) for lat in lats for lon in lons if set(lat.dims) == set(lon.dims))
    return next(pairs, None)


def plain_pair(around: Surroundings) -> Pair | None:
    """Find y and x: coordinates of dimensions that may be of any kind."""
    y, x = (_plain(around, kind) for kind in (NORTH, EAST))
    return None if y is None or x is None or y.dims == x.dims else (y, x)


def _own(around: Surroundings) -> list[Coordinate]:
    """List the coordinates of its dimensions."""
    found = (around.find(name) for name in around.dims)
    return [one for one in found if one is not None and one.dims == (one.name,)]


def _plain(around: Surroundings, kind: Kind) -> Coordinate | None:
    own = _own(around)
    usual = (*kind.plain_names, *kind.names)
    tests: tuple[Callable[[Coordinate], bool], ...] = (
        lambda one: one.text("standard_name") in kind.projected_names,
        lambda one: is_degrees(one, kind),
        lambda one: one.text("axis") == kind.axis,
        lambda one: one.name.lower() in usual,
    )
    return next((one for test in tests for one in own if test(one)), None)

"""Makes shapes of the coordinates of GeoJSON, of all features at once.

One by one, through the parser of GEOS, 20,000 polygons of 100 corners took eight times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[np.object_]
Counts = NDArray[np.int_]

#: numbers of a position: longitude, latitude; perhaps a height and a measure, which are left out
FEWEST, MOST = 2, 4

#: corners of the smallest ring, the first one counted twice
CORNERS = 4


class BrokenPositionsError(ValueError):
    """Coordinates are not those of such a geometry."""


def make_shapes(
    coordinates: Sequence[Any], kind: str, check: Callable[[int], None]
) -> list[BaseGeometry | None]:
    """Make the shapes of geometries of one kind, a key of ``MAKERS``; None of an empty one.

    Rings that are not closed are closed; parts and holes without a position are left out.

    Parameters
    ----------
    check : is called with the number of positions, before there are arrays of them

    Raises
    ------
    BrokenPositionsError : the coordinates of one of them are none
    """
    found: list[BaseGeometry | None] = [None] * len(coordinates)
    _check_lists(coordinates)
    there = [i for i, one in enumerate(coordinates) if len(one)]
    for place, shape in MAKERS[kind]([coordinates[i] for i in there], check):
        found[there[place]] = shape
    return found


def _points(given: Sequence[Any], check: Callable[[int], None]) -> Collection[tuple[int, Any]]:
    return list(enumerate(shapely.points(_places(given, check))))


def _multipoints(given: Sequence[Any], check: Callable[[int], None]) -> Collection[tuple[int, Any]]:
    every, whose = _flat(given)
    there = [i for i, one in enumerate(every) if one != []]
    xy = _places([every[i] for i in there], check)
    return _joined(shapely.points(xy), whose[there], shapely.multipoints)


def _polygons(given: Sequence[Any], check: Callable[[int], None]) -> Collection[tuple[int, Any]]:
    rings, whose = _flat(given)
    _check_lists(rings)
    counts = np.fromiter(map(len, rings), int, len(rings))
    first = np.flatnonzero(np.diff(whose, prepend=-1))
    hollow = np.isin(whose, whose[first][counts[first] == 0])  # the shell is empty
    if counts[hollow].any():
        raise BrokenPositionsError("holes without a shell")
    xy = _places(list(chain.from_iterable(rings)), check)
    there = counts > 0
    return _joined(_whole_rings(xy, counts[there]), whose[there], shapely.polygons)


def _multipolygons(
    given: Sequence[Any], check: Callable[[int], None]
) -> Collection[tuple[int, Any]]:
    every, whose = _flat(given)
    _check_lists(every)
    there = [i for i, one in enumerate(every) if len(one)]
    made = _polygons([every[i] for i in there], check)
    parts = np.fromiter((shape for _, shape in made), object, len(made))
    return _joined(parts, whose[[there[place] for place, _ in made]], shapely.multipolygons)


def _flat(given: Sequence[Any]) -> tuple[list[Any], Counts]:
    """Return the members of all lists, and of which list each is."""
    counts = np.fromiter(map(len, given), int, len(given))
    return list(chain.from_iterable(given)), np.repeat(np.arange(len(given)), counts)


def _joined(
    parts: Shapes, whose: Counts, join: Callable[..., Shapes]
) -> Collection[tuple[int, Any]]:
    """Return each geometry that has parts, with its place."""
    if not len(parts):
        return []
    places, numbers = np.unique(whose, return_inverse=True)
    return list(zip(places.tolist(), join(parts, indices=numbers), strict=True))


def _whole_rings(xy: NDArray[np.float64], counts: Counts) -> Shapes:
    """Close the rings, and repeat the last corner of those that have too few."""
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    is_open = (xy[first] != xy[last]).any(axis=1)
    lacking = np.maximum(CORNERS - counts, is_open)
    more = np.repeat(first, lacking)
    whole = np.insert(xy, np.repeat(last + 1, lacking), xy[more], axis=0)
    whose = np.repeat(np.arange(len(counts)), counts + lacking)
    return np.asarray(shapely.linearrings(whole, indices=whose))


def _places(positions: Sequence[Any], check: Callable[[int], None]) -> NDArray[np.float64]:
    """Return longitude and latitude of positions, shape (count, 2)."""
    check(len(positions))
    _check_lists(positions)
    if not all(FEWEST <= count <= MOST for count in set(map(len, positions))):
        raise BrokenPositionsError("a position of another number of values")
    axes = []
    for axis in (0, 1):
        values = [one[axis] for one in positions]
        if any(
            not issubclass(kind, int | float) or kind is bool for kind in set(map(type, values))
        ):
            raise BrokenPositionsError("a coordinate is no number")
        try:
            axes.append(np.array(values, float))
        except OverflowError:
            raise BrokenPositionsError("a coordinate is too large") from None
    xy = np.column_stack(axes)
    if not np.isfinite(xy).all():
        raise BrokenPositionsError("a coordinate is not finite")
    return xy


def _check_lists(given: Sequence[Any]) -> None:
    if not all(issubclass(kind, list | tuple) for kind in set(map(type, given))):
        raise BrokenPositionsError("something else than a list")


#: kind of geometry → function that makes those of it
MAKERS: Mapping[str, Callable[..., Collection[tuple[int, Any]]]] = {
    "Point": _points,
    "MultiPoint": _multipoints,
    "Polygon": _polygons,
    "MultiPolygon": _multipolygons,
}

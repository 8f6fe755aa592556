"""Checks and repairs the geometry of a zone, and brings its longitudes into -180..180."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.request.antimeridian import HoleRoundPoleError, the_short_way
from csserv.request.broken_shapes import (
    ADVICE,
    has_no_width,
    is_small,
    points_of,
    what_is_wrong,
)
from csserv.request.plain_shapes import are_plain

#: repair may change at most this share of a polygon's area; that of a bow-tie changes by half
SAFE_SHARE = 1e-3

#: most other rings (in a broken polygon: edges) that each one may cross, on average
MOST_CROSSINGS = 50

#: number of crossing pairs that is always accepted
FEW_PAIRS = 50_000

#: polygons with more rings are not repaired: 10,000 take 2 s, 40,000 take 30 s
MOST_RINGS = 10_000

#: pairs of edges that are tested at once: 80 MB
PAIRS = 5_000_000


def clean_geometries(
    geometries: Sequence[BaseGeometry], names: Sequence[str]
) -> NDArray[np.object_]:
    """Return what ``clean_geometry`` gives of each; 20,000 plain shapes take 0.1 s instead of 3.

    Raises
    ------
    InvalidAreaError : of the first one that is no zone
    """
    given = np.fromiter(geometries, object, len(geometries))
    plain = are_plain(given)
    clean = np.empty_like(given)
    clean[plain] = shapely.normalize(shapely.force_2d(given[plain]))
    for i in np.flatnonzero(~plain).tolist():
        clean[i] = clean_geometry(given[i], names[i])
    return clean


def clean_geometry(geometry: BaseGeometry, name: str) -> BaseGeometry:
    """Return the geometry repaired, in two dimensions, with longitudes in -180..180.

    Raises
    ------
    InvalidAreaError : it is empty, a line, off the globe, or broken beyond safe repair
    """
    if geometry.is_empty:
        raise InvalidAreaError(f"{name}: the geometry is empty")
    if geometry.geom_type not in ("Point", "MultiPoint", "Polygon", "MultiPolygon"):
        raise InvalidAreaError(
            f"{name}: a {geometry.geom_type} covers no cell; give a polygon or a point"
        )
    flat = shapely.force_2d(geometry)
    if flat.geom_type != "Point":  # it has no parts
        flat = _without_empty_parts(flat)
    _check_range(flat, name)
    try:
        flat = the_short_way(flat)
    except HoleRoundPoleError:
        raise InvalidAreaError(
            f"{name}: a hole goes round a pole, but does not lie within its polygon, or one of "
            f"them crosses itself; {ADVICE}"
        ) from None
    if has_no_width(flat):
        if not is_small(flat):
            raise InvalidAreaError(
                f"{name}: the polygon has no width: its corners lie on one line; give a polygon "
                "round it, or a point"
            )
        flat = points_of(flat)
    try:
        whole = _shared_longitudes(_mended(flat, name))
    except shapely.GEOSException:
        raise InvalidAreaError(f"{name}: the polygon is broken; {ADVICE}") from None
    if whole.is_empty:
        raise InvalidAreaError(f"{name}: the polygon covers nothing")
    return whole


def _without_empty_parts(geometry: BaseGeometry) -> BaseGeometry:
    """Drop the parts and holes without coordinates; GeoJSON cannot hold an empty point."""
    parts = shapely.get_parts(geometry)
    there = [_without_empty_holes(part) for part in parts[~shapely.is_empty(parts)]]
    if list(map(id, there)) == list(map(id, parts)):
        return geometry
    return there[0] if geometry.geom_type == "Polygon" else type(geometry)(there)


def _without_empty_holes(part: BaseGeometry) -> BaseGeometry:
    rings = shapely.get_rings(part)
    if not shapely.is_empty(rings).any():
        return part
    return shapely.Polygon(rings[0], [ring for ring in rings[1:] if not ring.is_empty])


def _check_range(geometry: BaseGeometry, name: str) -> None:
    lon, lat = shapely.get_coordinates(geometry).T
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise InvalidAreaError(f"{name}: a coordinate is not a finite number")
    if (far := lat[np.abs(lat) > 90]).size:
        raise InvalidAreaError(
            f"{name}: latitude {far[0]:.15g} is beyond the pole (allowed: -90 to 90"
            f"{_why(lon, lat)})"
        )
    if (far := lon[np.abs(lon) > 360]).size:
        raise InvalidAreaError(f"{name}: longitude {far[0]:.15g} is off the globe (-360 to 360)")


def _why(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> str:
    """Guess why latitudes lie beyond a pole; nothing where no guess fits."""
    if np.abs(lon).max() <= 90 and np.abs(lat).max() <= 360:
        return "; are longitude and latitude swapped?"
    if np.abs(lat).max() > 1000:
        return "; these look like metres: say their coordinate system (crs)"
    return ""


def _mended(geometry: BaseGeometry, name: str) -> BaseGeometry:
    """Repair a polygon whose area hardly changes by it (a spike, a doubled vertex)."""
    if geometry.geom_type in ("Point", "MultiPoint"):
        return geometry
    _check_tangle(_rings(geometry), name, "rings")
    if geometry.is_valid:
        return shapely.normalize(geometry)
    if (rings := len(_rings(geometry))) > MOST_RINGS:
        raise InvalidAreaError(
            f"{name}: the polygon is broken: {what_is_wrong(geometry)}; it has {rings:,} rings, "
            f"and no more than {MOST_RINGS:,} are mended here"
        )
    _check_tangle(_edges(geometry), name, "edges")
    mended = _polygons(shapely.make_valid(geometry, method="structure"))
    linework = _polygons(shapely.make_valid(geometry))
    moved = max(abs(mended.area - geometry.area), abs(mended.area - linework.area))
    if mended.is_empty or moved > SAFE_SHARE * geometry.area:
        raise InvalidAreaError(
            f"{name}: the polygon is broken: {what_is_wrong(geometry)}; {ADVICE}"
        )
    return shapely.normalize(mended)


def _edges(geometry: BaseGeometry) -> NDArray[np.object_]:
    points, of_ring = shapely.get_coordinates(_rings(geometry), return_index=True)
    joined = of_ring[:-1] == of_ring[1:]
    ends = np.stack([points[:-1][joined], points[1:][joined]], axis=1)
    return np.asarray(shapely.linestrings(ends))


def _rings(geometry: BaseGeometry) -> NDArray[np.object_]:
    return np.asarray(shapely.get_rings(shapely.get_parts(geometry)))


def _check_tangle(lines: NDArray[np.object_], name: str, what: str) -> None:
    """Refuse polygons of which very many edges cross: testing and repairing them takes too long."""
    if len(lines) ** 2 <= FEW_PAIRS:
        return
    tree = shapely.STRtree(lines)
    step = max(1, PAIRS // len(lines))
    met = 0
    for first in range(0, len(lines), step):
        met += tree.query(lines[first : first + step]).shape[1]
        if met > MOST_CROSSINGS * len(lines) + FEW_PAIRS:
            raise InvalidAreaError(
                f"{name}: the polygon is a tangle: too many of its {len(lines):,} {what} "
                "lie across each other"
            )


def _polygons(geometry: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    nested = [
        inner
        for part in shapely.get_parts(geometry)
        if part.geom_type == "MultiPolygon"
        for inner in shapely.get_parts(part)
    ]
    return shapely.union_all(parts + nested)


def _shared_longitudes(geometry: BaseGeometry) -> BaseGeometry:
    """Cut at the antimeridian, and shift every part into -180..180."""
    west, _, east, _ = geometry.bounds
    if west >= -180 and east <= 180:
        return geometry
    if geometry.geom_type in ("Point", "MultiPoint"):
        return shapely.transform(geometry, _wrapped)
    parts = []
    for turn in (-2, -1, 0, 1, 2):
        low = -180 + 360 * turn
        if low < east and low + 360 > west:
            part = shapely.intersection(geometry, shapely.box(low, -90, low + 360, 90))
            parts.append(shapely.transform(part, lambda xy, t=turn: xy - (360.0 * t, 0.0)))
    return shapely.normalize(_polygons(shapely.union_all(parts)))


def _wrapped(xy: np.ndarray) -> np.ndarray:
    return np.column_stack([(xy[:, 0] + 180) % 360 - 180, xy[:, 1]])

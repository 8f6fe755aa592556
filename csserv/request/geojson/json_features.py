"""Reads the features of GeoJSON that has been parsed; refuses the rest with a clear error."""

from __future__ import annotations

import reprlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.request.feature_table import FeatureTable
from csserv.request.geojson.positions import BrokenPositionsError, make_shapes
from csserv.request.limits import Limits
from csserv.request.plain_text import name_of, one_line

#: geometry types that can be a zone, and those that cover no cell
ZONES = ("Point", "MultiPoint", "Polygon", "MultiPolygon")
LINES = ("LineString", "MultiLineString")

#: keys of an object without a type → what it is
OTHERS = (
    (("elements", "version"), "it is what OpenStreetMap's Overpass gives; export GeoJSON there"),
    (("error",), "it is the error of a server, which was saved in its place"),
    (("coordinates",), "an object with coordinates has no type, such as Polygon"),
    (("geometry",), "an object with a geometry has no type, which is Feature"),
    (("features",), "an object with features has no type, which is FeatureCollection"),
)

#: how deep collections may be nested
DEEPEST = 16


def stated_crs(plain: Mapping[str, Any]) -> str:
    """Return the coordinate system that ``crs`` members name, as files of before 2016 have them.

    It stands at the top; or in the geometries, as PostGIS writes it.

    Raises
    ------
    InvalidAreaError : geometries are in different systems
    """
    if stated := _crs_of(plain):
        return stated
    features = plain.get("features")
    inner = [plain, *(features if isinstance(features, list | tuple) else ())]
    shapes = (one.get("geometry") for one in inner if isinstance(one, Mapping))
    every = dict.fromkeys(_crs_of(one) for one in (*inner, *shapes) if isinstance(one, Mapping))
    found = [one for one in every if one]
    if len(found) > 1:
        raise InvalidAreaError(
            f"features are in different coordinate systems, among them {one_line(found[0])} and "
            f"{one_line(found[1])}; give those of one"
        )
    return found[0] if found else ""


def _crs_of(plain: Mapping[str, Any]) -> str:
    named = plain.get("crs")
    if isinstance(named, str):
        return named
    properties = named.get("properties") if isinstance(named, Mapping) else None
    if not isinstance(properties, Mapping):
        return ""
    return str(next(filter(None, map(properties.get, ("name", "code", "href"))), ""))


def read_table(plain: Mapping[str, Any], limits: Limits) -> FeatureTable:
    """Read the features: their shapes, ids and properties.

    Raises
    ------
    InvalidAreaError : a feature is malformed, or there is none
    AreaTooLargeError : there are more features or vertices than the limits allow
    """
    found = list(_features(plain))
    if not found:
        raise InvalidAreaError("the GeoJSON is empty: it holds no feature")
    limits.check_counts(len(found), 0)
    rows = [_properties(feature) for feature in found]
    fields = {name: [row.get(name) for row in rows] for name in dict.fromkeys(chain(*rows))}

    def called(i: int) -> str:
        return _called(rows[i]) or ("area" if len(found) == 1 else f"feature {i + 1}")

    shapes = _shapes([feature.get("geometry") for feature in found], called, limits)
    limits.check_counts(len(found), int(shapely.get_num_coordinates(shapes).sum()))
    return FeatureTable(shapes, fields, [name_of(feature.get("id")) for feature in found])


def _features(plain: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield the features of nested collections one by one."""
    if not isinstance(plain, Mapping):
        raise InvalidAreaError(f"a feature is an object, not {_shown(plain)}")
    if depth > DEEPEST:
        raise InvalidAreaError(f"collections are nested more than {DEEPEST} deep")
    match plain.get("type"):
        case "FeatureCollection" | "GeometryCollection" as kind:
            key = "features" if kind == "FeatureCollection" else "geometries"
            for member in _members(plain, key):
                yield from _features(member, depth + 1)
        case "Feature":
            yield plain
        case str():
            yield {"geometry": plain, "properties": plain.get("properties")}
        case kind:
            raise InvalidAreaError(_no_type(plain, kind))


def _no_type(plain: Mapping[str, Any], kind: object) -> str:
    """Say what an object is that has no type, as far as its keys tell."""
    if kind:
        has = f"its type is {_shown(kind)}"
    else:
        told = (what for keys, what in OTHERS if all(key in plain for key in keys))
        has = next(told, "an object in it has no type")
    return f"this is no GeoJSON: {has}; give a FeatureCollection, a Feature or a geometry"


def _properties(feature: Mapping[str, Any]) -> Mapping[str, object]:
    found = feature.get("properties")
    if not isinstance(found, Mapping):
        return {}
    return {str(name): value for name, value in found.items()}


def _called(row: Mapping[str, object]) -> str:
    """Name a feature in an error message; empty where it has no name."""
    names = (name_of(row.get(key)) for key in ("name", "NAME", "Name"))
    return next(filter(None, names), "")


def _shapes(
    geometries: Sequence[object], names: Callable[[int], str], limits: Limits
) -> list[BaseGeometry | None]:
    """Make the shapes of all geometries: those of a kind at once, as that is quicker by far."""
    shapes: list[BaseGeometry | None] = [None] * len(geometries)
    by_kind: dict[str, list[int]] = defaultdict(list)
    for i, plain in enumerate(geometries):
        kind = plain.get("type") if isinstance(plain, Mapping) else None
        if plain is not None:
            by_kind[kind if isinstance(kind, str) and kind in ZONES else ""].append(i)
    for i in by_kind.pop("", []):
        shapes[i] = _other(geometries[i], names(i), limits)
    for kind, places in by_kind.items():
        plain = [geometries[i] for i in places]
        for i, shape in zip(places, _of_kind(plain, kind, places, names, limits), strict=True):
            shapes[i] = shape
    return shapes


def _of_kind(
    plain: Sequence[Any],
    kind: str,
    places: Sequence[int],
    names: Callable[[int], str],
    limits: Limits,
) -> list[BaseGeometry | None]:
    for i, one in zip(places, plain, strict=True):
        if "coordinates" not in one:
            raise InvalidAreaError(f"{names(i)}: a {kind} without coordinates")
    try:
        return make_shapes([one["coordinates"] for one in plain], kind, _check_of(limits))
    except (BrokenPositionsError, shapely.GEOSException):
        if len(plain) > 1:  # which one it is shows when they are made one by one
            for i, one in zip(places, plain, strict=True):
                _of_kind([one], kind, [i], names, limits)
        raise InvalidAreaError(
            f"{names(places[0])}: broken coordinates of a {kind}: each is a list of numbers, "
            "longitude and latitude"
        ) from None


def _check_of(limits: Limits) -> Callable[[int], None]:
    return lambda vertices: limits.check_counts(0, vertices)


def _other(plain: object, name: str, limits: Limits, depth: int = 0) -> BaseGeometry | None:
    """Return what stands for a geometry that is no zone by itself: a line, or a collection."""
    kind = plain.get("type") if isinstance(plain, Mapping) else None
    if isinstance(plain, Mapping) and kind == "GeometryCollection" and depth < DEEPEST:
        return _collection(plain, name, limits, depth)
    if kind in LINES:  # which are left out, so that none is read
        return shapely.LineString([(0, 0), (1, 1)])
    given = f"a geometry of type {_shown(kind)}" if kind else f"{_shown(plain)} as its geometry"
    raise InvalidAreaError(f"{name} has {given}; give one of {', '.join(ZONES)}")


def _collection(
    plain: Mapping[str, Any], name: str, limits: Limits, depth: int
) -> BaseGeometry | None:
    members = _members(plain, "geometries")
    parts = [
        _shapes([one], lambda _: name, limits)[0]
        if isinstance(one, Mapping) and one.get("type") in ZONES
        else None
        if one is None
        else _other(one, name, limits, depth + 1)
        for one in members
    ]
    return shapely.GeometryCollection([part for part in parts if part is not None])


def _members(plain: Mapping[str, Any], key: str) -> Sequence[object]:
    members = plain.get(key) or []
    if not isinstance(members, list | tuple):
        raise InvalidAreaError(f"{key} of a {plain['type']} are a list, not {_shown(members)}")
    return members


def _shown(value: object) -> str:
    return one_line(reprlib.repr(value))

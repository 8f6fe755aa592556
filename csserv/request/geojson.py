"""Reads GeoJSON from untrusted senders, within limits; refuses the rest with a clear error."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeGuard

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request.feature_table import FeatureTable
from csserv.request.limits import Limits
from csserv.request.plain_text import name_of, one_line

#: geometry types that can be a zone, and those that cover no cell
ZONES = ("Point", "MultiPoint", "Polygon", "MultiPolygon")
LINES = ("LineString", "MultiLineString")

#: how deep collections may be nested
DEEPEST = 16

#: longest GeoJSON text that is read [characters]
LONGEST_GEOJSON = 100_000_000


def parse_geojson(source: object, limits: Limits) -> Mapping[str, Any]:
    """Parse GeoJSON text; a mapping is returned as it is. Of a repeated key, the last one counts.

    Raises
    ------
    InvalidAreaError : it is not JSON, not an object, or nested too deeply
    AreaTooLargeError : it is too long, or has more brackets than an area within the limits
    """
    if isinstance(source, str):
        _check_text(source, limits)
        try:
            source = json.loads(source)
        except RecursionError:
            raise InvalidAreaError("the GeoJSON is nested too deeply") from None
        except ValueError as error:
            raise InvalidAreaError(f"the GeoJSON is no JSON: {one_line(error)}") from None
    if not isinstance(source, Mapping):
        raise InvalidAreaError(f"GeoJSON is an object with a type, not {type(source).__name__}")
    return source


def stated_crs(plain: Mapping[str, Any]) -> str:
    """Return the coordinate system that a ``crs`` member names, as files of before 2016 have it."""
    named = plain.get("crs")
    properties = named.get("properties") if isinstance(named, Mapping) else None
    return str(properties.get("name") or "") if isinstance(properties, Mapping) else ""


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
    shapes = _plain_points([feature.get("geometry") for feature in found])
    for i, (feature, row) in enumerate(zip(found, rows, strict=True)):
        if shapes[i] is None:
            name = _called(row) or ("area" if len(found) == 1 else f"feature {i + 1}")
            shapes[i] = _geometry(feature.get("geometry"), name, limits)
    limits.check_counts(len(found), int(shapely.get_num_coordinates(shapes).sum()))
    return FeatureTable(shapes, fields, [name_of(feature.get("id")) for feature in found])


def _check_text(text: str, limits: Limits) -> None:
    if len(text) > LONGEST_GEOJSON:
        raise AreaTooLargeError(
            f"the GeoJSON has {len(text):,} characters; at most {LONGEST_GEOJSON:,} are allowed"
        )
    if limits.vertices is None or limits.zones is None:
        return
    # parsed, each bracket takes 60 bytes or more, each comma 30: so they are counted before
    for count, most, what in (
        (text.count("[") + text.count("{"), 2 * limits.vertices + 100 * limits.zones, "brackets"),
        (text.count(","), 4 * limits.vertices + 1000 * limits.zones, "commas"),
    ):
        if count > most:
            raise AreaTooLargeError(
                f"the GeoJSON has {count:,} {what}, more than an area of {limits.vertices:,} "
                f"vertices in {limits.zones:,} zones can have "
                "(CSSERV_MAX_VERTICES, CSSERV_MAX_ZONES)"
            )


def _features(plain: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield the features of nested collections one by one."""
    if not isinstance(plain, Mapping):
        raise InvalidAreaError(f"a feature is an object, not {_shown(plain)}")
    if depth > DEEPEST:
        raise InvalidAreaError(f"collections are nested more than {DEEPEST} deep")
    match plain.get("type"):
        case "FeatureCollection" | "GeometryCollection" as kind:
            key = "features" if kind == "FeatureCollection" else "geometries"
            members = plain.get(key) or []
            if not isinstance(members, list | tuple):
                raise InvalidAreaError(f"{key} of a {kind} are a list, not {_shown(members)}")
            for member in members:
                yield from _features(member, depth + 1)
        case "Feature":
            yield plain
        case _:
            yield {"geometry": plain, "properties": plain.get("properties")}


def _properties(feature: Mapping[str, Any]) -> Mapping[str, object]:
    found = feature.get("properties")
    if not isinstance(found, Mapping):
        return {}
    return {str(name): value for name, value in found.items()}


def _called(row: Mapping[str, object]) -> str:
    """Name a feature in an error message; empty where it has no name."""
    names = (name_of(row.get(key)) for key in ("name", "NAME", "Name"))
    return next(filter(None, names), "")


def _plain_points(geometries: Sequence[object]) -> list[BaseGeometry | None]:
    """Read all points of two numbers at once, which takes a tenth of the time; None of others."""
    shapes: list[BaseGeometry | None] = [None] * len(geometries)
    places = {i: one["coordinates"] for i, one in enumerate(geometries) if _is_plain_point(one)}
    if places:
        for i, shape in zip(places, shapely.points(list(places.values())), strict=True):
            shapes[i] = shape
    return shapes


def _is_plain_point(plain: object) -> TypeGuard[Mapping[str, Any]]:
    if not isinstance(plain, Mapping) or plain.get("type") != "Point":
        return False
    place = plain.get("coordinates")
    return isinstance(place, list | tuple) and (
        len(place) == 2 and all(type(v) in (int, float) and abs(v) <= 360 for v in place)
    )


def _geometry(plain: object, name: str, limits: Limits, depth: int = 0) -> BaseGeometry | None:
    """Read a geometry; None where there is none."""
    if plain is None:
        return None
    kind = plain.get("type") if isinstance(plain, Mapping) else None
    if isinstance(plain, Mapping) and kind == "GeometryCollection" and depth < DEEPEST:
        parts = [_geometry(one, name, limits, depth + 1) for one in plain.get("geometries") or ()]
        return shapely.GeometryCollection([part for part in parts if part is not None])
    if not isinstance(plain, Mapping) or kind not in (*ZONES, *LINES):
        raise InvalidAreaError(
            f"{name}: geometry of type {_shown(kind)}; give one of {', '.join(ZONES)}"
        )
    try:
        coordinates = plain["coordinates"]
        if kind in LINES:  # which are left out, so that none is read
            return shapely.LineString([(0, 0), (1, 1)])
        if not coordinates:
            return None
        text = json.dumps({"type": kind, "coordinates": closed(kind, coordinates)}, allow_nan=False)
        _check_text(text, limits)
        if "[]" in text:  # GEOS takes it, at 400 bytes each
            raise InvalidAreaError(f"{name}: a part of the geometry is empty")
        return shapely.from_geojson(text)
    except InvalidAreaError:
        raise
    except KeyError:
        raise InvalidAreaError(f"{name}: a {kind} without coordinates") from None
    except RecursionError:
        raise InvalidAreaError(f"{name}: coordinates nested too deeply") from None
    except (ValueError, TypeError, shapely.GEOSException):
        raise InvalidAreaError(
            f"{name}: broken coordinates of a {kind}: each is a list of numbers, longitude and "
            "latitude; a ring has four or more"
        ) from None


def closed(kind: str, coordinates: Any) -> Any:
    """Return coordinates with each ring of a polygon closed, as some writers leave them open."""
    if kind == "MultiPolygon":
        return [closed("Polygon", one) for one in coordinates]
    if kind != "Polygon":
        return coordinates
    return [_ring(one) for one in coordinates]


def _ring(points: Any) -> Any:
    if isinstance(points, list | tuple) and len(points) > 2 and list(points[0]) != list(points[-1]):
        return [*points, points[0]]
    return points


def _shown(value: object) -> str:
    return one_line(reprlib.repr(value))

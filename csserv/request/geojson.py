"""Reads GeoJSON from untrusted senders, within limits; refuses the rest with a clear error."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request.limits import Limits

#: geometry types that can be a zone; a line covers no cell
KINDS = ("Point", "MultiPoint", "Polygon", "MultiPolygon")

#: how deep collections may be nested
DEEPEST = 16

#: longest GeoJSON text that is read [characters]
LONGEST_GEOJSON = 100_000_000

#: names and ids are cut to this length [characters]
LONGEST_NAME = 200

#: control characters, line ends, and lone surrogates, which no file can hold
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

#: id, name, geometry
_Feature = tuple[str, str, BaseGeometry]


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


def read_features(plain: Mapping[str, Any], limits: Limits) -> list[_Feature]:
    """Read id, name and geometry of each feature.

    Raises
    ------
    InvalidAreaError : a feature is malformed, or has no usable geometry
    AreaTooLargeError : there are more features or vertices than the limits allow
    """
    found = list(_features(plain))
    if not found:
        raise InvalidAreaError("the GeoJSON is empty: it holds no feature")
    limits.check_counts(len(found), 0)
    features, vertices = [], 0
    for number, feature in enumerate(found, 1):
        features.append(_feature(feature, number, len(found), limits))
        vertices += int(shapely.get_num_coordinates(features[-1][2]))
    limits.check_counts(len(found), vertices)
    return features


def name_of(value: object) -> str:
    """Return a name or id as one line of text; empty if the value is neither text nor number."""
    return one_line(value) if isinstance(value, str | int | float) and value else ""


def one_line(text: object) -> str:
    r"""Reduce a text to one line of limited length that any file can hold.

    >>> one_line("Lake\nTurkana")
    'Lake Turkana'
    """
    plain = _UNPRINTABLE.sub(" ", str(text)[: 2 * LONGEST_NAME]).strip()
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"


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


def _feature(feature: Mapping[str, Any], number: int, count: int, limits: Limits) -> _Feature:
    properties = feature.get("properties")
    if not isinstance(properties, Mapping):
        properties = {}
    names = (name_of(properties.get(key)) for key in ("name", "NAME", "Name"))
    own_id = name_of(feature.get("id"))
    name = next(filter(None, names), "") or own_id or ("area" if count == 1 else f"zone {number}")
    identity = own_id or name_of(properties.get("id")) or str(number)
    return identity, name, _geometry(feature.get("geometry"), name, limits)


def _geometry(plain: object, name: str, limits: Limits) -> BaseGeometry:
    kind = plain.get("type") if isinstance(plain, Mapping) else None
    if not isinstance(plain, Mapping) or kind not in KINDS:
        raise InvalidAreaError(
            f"{name}: geometry of type {_shown(kind)}; give one of {', '.join(KINDS)}"
        )
    try:
        text = json.dumps({"type": kind, "coordinates": plain["coordinates"]}, allow_nan=False)
        _check_text(text, limits)
        if "[]" in text:  # GEOS takes it, at 400 bytes each
            raise InvalidAreaError(f"{name}: the geometry is empty, or a part of it is")
        return shapely.from_geojson(text)
    except InvalidAreaError:
        raise
    except KeyError:
        raise InvalidAreaError(f"{name}: a {kind} without coordinates") from None
    except RecursionError:
        raise InvalidAreaError(f"{name}: coordinates nested too deeply") from None
    except (ValueError, TypeError, shapely.GEOSException) as error:
        reason = one_line(error)
        raise InvalidAreaError(f"{name}: broken coordinates of a {kind}: {reason}") from None


def _shown(value: object) -> str:
    return one_line(reprlib.repr(value))

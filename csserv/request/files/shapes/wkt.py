"""Well-known text from untrusted senders."""

from __future__ import annotations

import re
from collections.abc import Iterator

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.request.coordinate_systems import is_degrees

#: how deep collections may be nested: GEOS reads them recursively, without a limit
DEEPEST = 16

#: kinds of geometries that stand in WKT; those with curves, and solid ones, are not read
FLAT = r"(?:MULTI)?(?:POLYGON|POINT|LINESTRING)|GEOMETRYCOLLECTION"
CURVED = (
    r"CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE|CURVE|SURFACE|TIN|TRIANGLE"
    "|POLYHEDRALSURFACE"
)

_SRID_FIRST = r"\s*(?:SRID=\d+;\s*)?"

#: a name may have such a word and a bracket, too, but no number, bracket or kind behind it
_BEGINS = re.compile(
    rf"{_SRID_FIRST}({FLAT}|{CURVED})\s*(?:ZM?|M)?\s*"
    rf"(?:EMPTY\s*$|\(\s*(?:[-+.\d(]|(?:{FLAT}|{CURVED})\b))",
    re.IGNORECASE,
)

_SRID = re.compile(r"SRID=\d+;", re.IGNORECASE)


def is_wkt(text: str) -> bool:
    """Whether a text begins as well-known text does.

    >>> is_wkt("POLYGON ((36 0, 37 0, 37 1, 36 0))"), is_wkt("Point Barrow")
    (True, False)
    """
    return bool(_BEGINS.match(text))


def statements(text: str, most: int | None = None) -> Iterator[tuple[int, str]]:
    """Yield each geometry of a text with the line it begins in; one may go over several lines.

    Parameters
    ----------
    most : how many to yield; None for all
    """
    begin = depth = count = 0
    parts: list[str] = []
    is_begun = False
    for number, line in enumerate(text.splitlines(), 1):
        if not (plain := line.strip()):
            continue
        begin = begin if parts else number
        parts.append(plain)
        depth += plain.count("(") - plain.count(")")
        is_begun |= "(" in plain or plain.upper().rstrip(";").endswith("EMPTY")
        if is_begun and depth <= 0:
            yield begin, " ".join(parts).rstrip(";, ")
            count, depth, parts, is_begun = count + 1, 0, [], False
            if count == most:
                return
    if parts:
        yield begin, " ".join(parts)


def from_wkt(text: str, where: str) -> BaseGeometry:
    """Read a geometry; rings that are not closed are closed.

    Parameters
    ----------
    where : file and line, for error messages

    Raises
    ------
    InvalidAreaError : it is no WKT, or nested too deeply
    """
    plain = _SRID.sub("", text.strip(), count=1)
    if (srid := _SRID.match(text.strip())) and not is_degrees(srid[0]):
        raise InvalidAreaError(
            f"{where}: {srid[0].rstrip(';')} is another coordinate system than longitude and "
            "latitude (SRID=4326); save it in a format that has one, such as GeoPackage"
        )
    kind = _BEGINS.match(plain)
    if kind and re.fullmatch(CURVED, kind[1], re.IGNORECASE):
        raise InvalidAreaError(
            f"{where}: a {kind[1].upper()} may have curves, which are not read; give a POLYGON or "
            "MULTIPOLYGON with straight edges (in QGIS: Segmentize, or Convert curved geometries)"
        )
    if plain.upper().count("COLLECTION") > DEEPEST:
        raise InvalidAreaError(f"{where}: collections are nested more than {DEEPEST} deep")
    try:
        shape = shapely.from_wkt(plain, on_invalid="fix")
    except (shapely.GEOSException, ValueError, TypeError, NotImplementedError):
        shape = None
    if shape is None:
        raise InvalidAreaError(
            f"{where}: this is no WKT; write POLYGON ((36 0, 37 0, 37 1, 36 0)), or POINT (36 0)"
        )
    return shape

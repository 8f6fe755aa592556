"""Shapes as texts in a column: WKT, GeoJSON as Earth Engine has it, WKB in hex as PostGIS has."""

from __future__ import annotations

import re
import struct

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.request.files.shapes.wkb import BrokenGeometryError, from_wkb
from csserv.request.files.shapes.wkt import from_wkt, is_wkt
from csserv.request.geojson import parse_geojson, read_table
from csserv.request.limits import FILE_LIMITS

_HEX = re.compile(r"0[01][0-9a-f]{16,}", re.IGNORECASE)
_JSON = re.compile(r'\{.{0,200}?"type"', re.DOTALL)

#: mark of a type number that a coordinate system follows, and those of longitude and latitude
_WITH_CRS, DEGREES = 0x20000000, (0, 4326)


def is_shape(text: str) -> bool:
    """Whether a text begins as a shape does.

    >>> is_shape("POINT (36 1)"), is_shape('{"type": "Point"'), is_shape("01")
    (True, True, False)
    """
    return is_wkt(text) or bool(_JSON.match(text) or _HEX.match(text))


def read_shape(text: str, where: str) -> BaseGeometry | None:
    """Read a shape; None where there is none.

    Parameters
    ----------
    where : file and line, for error messages

    Raises
    ------
    InvalidAreaError : it is no shape, or in another coordinate system
    """
    if text.startswith("{"):
        try:
            plain = parse_geojson(text, FILE_LIMITS)
            feature = {"type": "Feature", "properties": {}, "geometry": plain}
            is_whole = str(plain.get("type", "")).startswith("Feature")
            return read_table(plain if is_whole else feature, FILE_LIMITS).shapes[0]
        except InvalidAreaError as error:
            raise InvalidAreaError(f"{where}: {error}") from None
    if _HEX.match(text):
        try:
            return from_wkb(_without_crs(bytes.fromhex(text), where))
        except (BrokenGeometryError, struct.error, shapely.GEOSException, ValueError) as error:
            if isinstance(error, InvalidAreaError):
                raise
            raise InvalidAreaError(f"{where}: this is no shape (WKB), or a broken one") from None
    return from_wkt(text, where)


def _without_crs(content: bytes, where: str) -> bytes:
    order = ">" if content[0] == 0 else "<"
    kind, crs = struct.unpack_from(f"{order}II", content, 1)
    if not kind & _WITH_CRS:
        return content
    if crs not in DEGREES:
        raise InvalidAreaError(
            f"{where}: SRID={crs} is another coordinate system than longitude and latitude "
            "(SRID=4326); save it in a format that has one, such as GeoPackage"
        )
    return content[:1] + struct.pack(f"{order}I", kind & ~_WITH_CRS) + content[9:]

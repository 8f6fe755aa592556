"""Well-known text from untrusted senders."""

from __future__ import annotations

import re

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.request.coordinate_systems import is_degrees

#: how deep collections may be nested: GEOS reads them recursively, without a limit
DEEPEST = 16

_BEGINS = re.compile(r"\s*(SRID=\d+;\s*)?(MULTI)?(POLYGON|POINT)\s*(Z|M|ZM)?\s*\(", re.IGNORECASE)

_SRID = re.compile(r"SRID=\d+;", re.IGNORECASE)


def is_wkt(text: str) -> bool:
    """Whether a text begins as well-known text does.

    >>> is_wkt("POLYGON ((36 0, 37 0, 37 1, 36 0))"), is_wkt("Point Barrow")
    (True, False)
    """
    return bool(_BEGINS.match(text))


def from_wkt(text: str, where: str) -> BaseGeometry:
    """Read a geometry.

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
    if plain.upper().count("COLLECTION") > DEEPEST:
        raise InvalidAreaError(f"{where}: collections are nested more than {DEEPEST} deep")
    try:
        return shapely.from_wkt(plain)
    except (shapely.GEOSException, ValueError, TypeError, NotImplementedError):
        raise InvalidAreaError(
            f"{where}: this is no WKT; write POLYGON ((36 0, 37 0, 37 1, 36 0)), or POINT (36 0)"
        ) from None

"""Checks well-known binary from untrusted senders before GEOS reads it.

GEOS reads nested collections recursively, without a limit: a megabyte with a hundred thousand of
them ends the process with a segmentation fault (GEOS 3.14).
"""

from __future__ import annotations

import struct
from collections.abc import Collection

import shapely
from shapely.geometry.base import BaseGeometry

#: geometry type numbers; that of a multi-geometry is three more than that of its members
_POINT, _LINE, _POLYGON, _COLLECTION = 1, 2, 3, 7

#: all that are read
_ALL = range(_POINT, _COLLECTION + 1)

#: how deep collections may be nested
DEEPEST = 16

#: a height (Z) or measure (M) is marked by a bit of the type number, or by its thousands
_Z, _M = 0x80000000, 0x40000000
_WITH_Z, _WITH_M, _MOST = (1, 3), (2, 3), 3


class BrokenGeometryError(ValueError):
    """A geometry is none, or of a kind that is not read."""


def from_wkb(content: bytes) -> BaseGeometry:
    """Read points, lines, polygons, several of one kind, or a collection; close open rings.

    Raises
    ------
    BrokenGeometryError, struct.error, shapely.GEOSException : it is another type, or broken
    """
    _skip(content, 0, _ALL)
    shape = shapely.from_wkb(content, on_invalid="fix")
    if shape is None:
        raise BrokenGeometryError("a geometry is broken")
    return shape


def _skip(content: bytes, place: int, allowed: Collection[int], depth: int = 0) -> int:
    """Return the position behind the geometry that begins at a position."""
    order = {0: ">", 1: "<"}.get(content[place] if place < len(content) else -1)
    if order is None or depth > DEEPEST:
        raise BrokenGeometryError("a geometry is broken")
    (mark,) = struct.unpack_from(f"{order}I", content, place + 1)
    thousands, kind = divmod(mark & ~(_Z | _M), 1000)
    if kind not in allowed or thousands > _MOST:
        raise BrokenGeometryError("a geometry is of a kind that is not read")
    place += 5
    has_z = bool(mark & _Z) or thousands in _WITH_Z
    has_m = bool(mark & _M) or thousands in _WITH_M
    size = 8 * (2 + has_z + has_m)
    if kind == _POINT:
        return place + size
    (count,) = struct.unpack_from(f"{order}I", content, place)
    place += 4
    if kind == _LINE:
        return place + int(count) * size
    inside = _ALL if kind == _COLLECTION else (kind - 3,)
    for _ in range(count):
        if kind == _POLYGON:
            (vertices,) = struct.unpack_from(f"{order}I", content, place)
            place += 4 + vertices * size
        else:
            place = _skip(content, place, inside, depth + 1)
    return place

"""Collections of shapes: which of their parts make a zone, and which are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.notes import Note

#: kind of geometry → what it is in words, one and several; what is not here is neither
KINDS = {
    **dict.fromkeys(("Polygon", "MultiPolygon"), ("polygon", "polygons")),
    **dict.fromkeys(("Point", "MultiPoint"), ("point", "points")),
    **dict.fromkeys(("LineString", "MultiLineString", "LinearRing"), ("line", "lines")),
}

#: kind of parts, those that make a zone first → function that makes one shape of several
_WHOLES = {
    "Polygon": shapely.multipolygons,
    "Point": shapely.multipoints,
    "LineString": shapely.multilinestrings,
}


def kind_of(shape: BaseGeometry) -> str:
    """Return what a shape is in words: "polygon", "point", "line", or the name of its type."""
    return KINDS.get(shape.geom_type, (shape.geom_type,))[0]


def of_one_kind(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a collection, or else its points or lines; another shape as it is."""
    if shape.geom_type != "GeometryCollection":
        return shape
    parts = list(_parts(shape))
    for kind, whole in _WHOLES.items():
        if same := [part for part in parts if part.geom_type == kind]:
            return same[0] if len(same) == 1 else whole(same)
    return shape


def parts_left_out(shapes: Iterable[BaseGeometry | None]) -> Iterator[Note]:
    """Tell how many parts ``of_one_kind`` leaves out of the shapes, by their kind."""
    counts: Counter[str] = Counter()
    for shape in shapes:
        if shape is not None and shape.geom_type == "GeometryCollection":
            kept = of_one_kind(shape).geom_type.removeprefix("Multi")
            counts.update(kind_of(one) for one in _parts(shape) if one.geom_type != kept)
    if counts:
        said = " and ".join(counted(count, kind) for kind, count in counts.items())
        verb = "is" if counts.total() == 1 else "are"
        yield Note("zones", f"{said} {verb} left out of collections of several kinds of shapes")


def counted(count: int, kind: str) -> str:
    """Return a count with what is counted, in words.

    >>> counted(1, "line"), counted(2000, "feature")
    ('1 line', '2,000 features')
    """
    plural = dict(KINDS.values()).get(kind, f"{kind}s")
    return f"{count:,} {kind if count == 1 else plural}"


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    parts: Sequence[BaseGeometry] = shapely.get_parts(shape)
    for part in parts:
        if hasattr(part, "geoms"):
            yield from _parts(part)
        elif not part.is_empty:
            yield part

"""Areas that are written out as a text: WKT, or the four edges of a box."""

from __future__ import annotations

import re

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.area import Area
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.shapes.wkt import from_wkt, is_wkt
from csserv.request.limits import FILE_LIMITS, Limits

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_NUMBERS = re.compile(rf"[\[(]?\s*({_NUMBER}(?:\s*[,;\s]\s*{_NUMBER})+)\s*[\])]?")

#: longest list of numbers that is looked at [characters]
LONGEST = 400


def read_written(
    text: str, limits: Limits = FILE_LIMITS, choices: FileChoices = NO_CHOICES
) -> Area | None:
    """Make an area of a text that is WKT, or four numbers; None of any other text.

    Raises
    ------
    InvalidAreaError : WKT of something that is no zone, or another count of numbers
    AreaTooLargeError : more vertices than the limits allow
    """
    if is_wkt(text):
        shape = from_wkt(text, "the text")
        if choices.crs or shape.geom_type == "GeometryCollection":
            return Features(FeatureTable([shape])).to_area("the text", "area", limits, choices)
        area = Area.from_geometry(shape)
        area.check(Limits(vertices=limits.vertices))
        return area
    if found := _NUMBERS.fullmatch(text.strip()[:LONGEST]):
        return _box([float(one) for one in re.findall(_NUMBER, found[1])])
    return None


def _box(numbers: list[float]) -> Area:
    if len(numbers) != 4:
        raise InvalidAreaError(
            f"{len(numbers)} numbers are no area; write the four edges of a box, west, south, east "
            "and north; or a point, POINT (36.8 -1.3), longitude first"
        )
    box = Area.from_box(*numbers)
    west, south, east, north = numbers
    said = f"the numbers are read as west {west:g}, south {south:g}, east {east:g}, north {north:g}"
    return Area(box.zones, box.title, (Note("zones", said), *box.notes))

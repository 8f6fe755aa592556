"""Checks coordinates in KML and GPX while they are parsed: GDAL takes others for other places."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from csserv.errors import InvalidAreaError
from csserv.request.plain_text import one_line

#: longest text of coordinates that is shown [characters]
SHORT = 60

#: elements of GPX that may be zones → in words
PLACES = {"wpt": "waypoint", "rtept": "route point"}

_NUMBER = r"[-+]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][-+]?+[0-9]++)?"
_BLANK = r"[ \t\r\n]"
_COMMA = rf"{_BLANK}*+,{_BLANK}*+"

# Python before 3.11.5 does not go back before a possessive group that fails (gh-106052): groups of
# several parts that may be there or not are not possessive
#: longitude, latitude, perhaps a height; a comma behind it would begin one number too many
_CORNER = re.compile(
    rf"(?<![^ \t\r\n]){_NUMBER}{_COMMA}{_NUMBER}(?:{_COMMA}{_NUMBER})?(?={_BLANK}|\Z)"
    rf"(?!{_BLANK}*+,)"
)
_DEGREES = re.compile(rf"{_BLANK}*+{_NUMBER}{_BLANK}*+")


class CoordinateCheck(Protocol):
    """Is told of elements and texts in their order; names of elements are without a prefix."""

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""

    def text(self, text: str) -> None:
        """Go on with a text."""

    def end(self, element: str) -> None:
        """End an element; raises InvalidAreaError if a coordinate in it is none."""


class _Placemarks:
    """Checks the coordinates of each placemark of a KML."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0
        self._name = self._fault = ""
        self._is_point = self._has_place = False
        self._texts: list[str] | None = None

    def start(self, element: str, _: Mapping[str, str]) -> None:
        if element == "Placemark":
            self._count += 1
            self._name = self._fault = ""
        elif element == "Point":
            self._is_point, self._has_place = True, False
        elif element == "coordinates" or (element == "name" and not self._name):
            self._texts = []

    def text(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def end(self, element: str) -> None:
        whole = "".join(self._texts or ())
        if element == "coordinates":
            if self._is_point and self._has_place:
                self._fault = self._fault or "is one point, but has coordinates twice"
            self._has_place = True
            self._fault = self._fault or _fault(whole, self._is_point)
        elif element == "name":
            self._name = self._name or one_line(whole)
        elif element == "Point":
            self._fault = self._fault or ("" if self._has_place else _fault("", True))
            self._is_point = False
        elif element == "Placemark" and self._fault:  # its name may come last
            raise InvalidAreaError(
                f"{self._file}: the placemark {self._name or self._count} {self._fault}; write "
                "longitude,latitude of each corner, as 36.8,-1.3: decimal degrees with a point, a "
                "comma between, and a space before the next corner"
            )
        self._texts = None


def _fault(text: str, is_point: bool) -> str:
    """Return what is wrong with the coordinates of a point, line or ring; empty for nothing."""
    rest, count = _CORNER.subn("", text)
    if rest.strip(" \t\r\n"):
        return f"has coordinates {one_line(text if len(text) <= SHORT else rest.strip()[:SHORT])!r}"
    if is_point and count > 1:  # of which GDAL takes the first: decimal commas, 36,8 -1,3
        return f"is one point, with coordinates {one_line(text[:SHORT])!r}"
    # a ring without corners is no shape, which is told
    return "is a point without coordinates" if is_point and not count else ""


class _Waypoints:
    """Checks the coordinates of each waypoint, and point of a route, of a GPX."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0
        self._name = self._fault = ""
        self._texts: list[str] | None = None

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        if element in PLACES:
            self._count += 1
            self._name = ""
            given = {axis: attributes.get(axis, "") for axis in ("lat", "lon")}
            is_good = all(map(_DEGREES.fullmatch, given.values()))
            shown = " ".join(f'{axis}="{one_line(text)}"' for axis, text in given.items())
            self._fault = "" if is_good else shown
        elif element == "name" and self._fault:
            self._texts = []

    def text(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def end(self, element: str) -> None:
        if element == "name":
            self._name = self._name or one_line("".join(self._texts or ()))
        elif element in PLACES and self._fault:  # its name comes behind its place
            raise InvalidAreaError(
                f"{self._file}: the {PLACES[element]} {self._name or self._count} has "
                f'{self._fault}; write decimal degrees with a point, as lat="-1.3" lon="36.8"'
            )
        self._texts = None


#: kind of file → what checks it, made with the name of the file
CHECKS: Mapping[str, Callable[[str], CoordinateCheck]] = {"KML": _Placemarks, "GPX": _Waypoints}

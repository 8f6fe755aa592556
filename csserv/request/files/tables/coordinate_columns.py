"""Finds the columns of a table that hold coordinates, and what their headers say of the sign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError
from csserv.request.plain_text import one_line

#: headers of coordinates, in languages that tables are written in
LATITUDES = ("latitude", "lat", "latitud", "breite", "breitengrad", "широта", "خط العرض", "y")
LONGITUDES = (
    *("longitude", "lon", "long", "lng", "longitud", "länge", "laenge", "längengrad", "долгота"),
    *("خط الطول", "x"),
)

#: headers of shapes
SHAPES = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "shape")

#: words of a header that values below it lie in the south or west
BELOW_ZERO = ("s", "south", "sud", "sur", "sul", "w", "west", "ouest")

#: words for west in some languages and for east in others
EITHER = ("o",)

#: words of a header of a part of a coordinate, or of the edges of a box
PARTS = frozenset(("min", "minutes", "sec", "seconds", "max"))

#: words that say nothing of the sign
_UNITS = ("deg", "degree", "degrees", "dd", "decimal", "dms", "wgs", "gps", "in", "n", "e")


@dataclass(frozen=True)
class Columns:
    """Where longitude and latitude are, and whether all values are in the west, or south."""

    lon: int
    lat: int
    is_west: bool = False
    is_south: bool = False

    @property
    def side(self) -> str:
        """Where their headers say that all places are."""
        return " in the south" * self.is_south + " in the west" * self.is_west


def find_columns(header: Sequence[str], file: str) -> Columns | None:
    """Find the columns of coordinates; None where there are none.

    Raises
    ------
    InvalidAreaError : a coordinate is in several columns, or its header may mean west or east
    """
    names = [one_line(name).casefold() for name in header]
    lat, lon = find_column(names, LATITUDES), find_column(names, LONGITUDES)
    if lat is None or lon is None:
        return None
    for what, known in (("latitude", LATITUDES), ("longitude", LONGITUDES)):
        parts = [i for i, name in enumerate(names) if _words(name, known) & PARTS]
        if parts:
            several = ", ".join(one_line(header[i]) for i in parts)
            raise InvalidAreaError(
                f"{file}: the {what} is in several columns, among them {several}; write it into "
                "one, as 35.597 or 35°35'49\"E"
            )
    for place, known in ((lat, LATITUDES), (lon, LONGITUDES)):
        if _words(names[place], known) & set(EITHER):
            raise InvalidAreaError(
                f"{file}: {one_line(header[place])} may mean west or east; write W or E"
            )
    return Columns(lon, lat, _is_below(names[lon], LONGITUDES), _is_below(names[lat], LATITUDES))


def find_column(names: Sequence[str], known: Sequence[str]) -> int | None:
    """Return the column of the likeliest header: the word alone, before others, or behind them."""
    before = [re.sub(r"[\s_(\[.:/-].*", "", name) if name not in known else name for name in names]
    for word in known:
        if word in before:
            return before.index(word)
    # as KoBo and ODK write it: _gps_latitude, location-Latitude
    behind = [re.sub(r".*[\s_.:/-]", "", name) for name in names]
    return next((behind.index(word) for word in known if len(word) > 1 and word in behind), None)


def _words(name: str, known: Sequence[str]) -> set[str]:
    """Return the words of a header beside that of the coordinate; none for another header."""
    words = re.findall(r"[^\W\d_]+", name)
    return set(words) - set(known) if set(words) & set(known) else set()


def _is_below(name: str, known: Sequence[str]) -> bool:
    rest = _words(name, known) - set(_UNITS)
    return bool(rest) and rest <= set(BELOW_ZERO)

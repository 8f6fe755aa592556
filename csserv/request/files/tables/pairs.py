"""Columns that hold latitude and longitude both: "-1.28, 36.82", as maps and forms write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError
from csserv.request.files.tables.coordinate_words import LATITUDES, LONGITUDES, words_of
from csserv.request.files.tables.degrees import LONGEST, is_nothing, plain_text, read_degrees
from csserv.request.files.tables.points import Given
from csserv.request.files.tables.table_lines import Line, cell
from csserv.request.plain_text import one_line

#: how many lines are looked at
FEW = 20

#: words of a column of both, and whether they say that the latitude is first
WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("latlon", "latlong", "latlng"), True),
    **dict.fromkeys(("lonlat", "longlat", "lnglat"), False),
    **dict.fromkeys(("coordinates", "coordinate", "coords", "coord", "coordonnées"), None),
    **dict.fromkeys(("coordenadas", "koordinaten", "gps", "geopoint", "geolocation"), None),
    **dict.fromkeys(("location", "position", "point", "الإحداثيات"), None),
}

#: what stands between both, the likeliest first
_BETWEEN = (r"\s*;\s*", r",\s+", r"\s*,\s*", r"\s*/\s*", r"(?<=[NSEW])\s+", r"\s+")

_MARKS = re.compile(r"[;,/\s]")

#: words of headers that may be of such a column
_KNOWN = frozenset({*WORDS, *LATITUDES, *LONGITUDES})


@dataclass(frozen=True)
class Pair:
    """A column of both coordinates, and whether the latitude is the first of them."""

    column: int
    is_lat_first: bool

    @property
    def said(self) -> str:
        """How it is read."""
        return f", the {'latitude' if self.is_lat_first else 'longitude'} first,"


def pair_column(header: Sequence[str], lines: Sequence[Line]) -> int | None:
    """Return the first column of both coordinates; None where there is none."""
    return next((i for i, name in enumerate(header) if _holds_pairs(name, lines, i)), None)


def find_pair(header: Sequence[str], lines: Sequence[Line], file: str) -> Pair | None:
    """Find a column of both coordinates; None where there is none.

    Which is first is said by its name, by letters, or by ODK, whose points are latitude, longitude,
    height and accuracy.

    Raises
    ------
    InvalidAreaError : nothing says which of both is the latitude
    """
    column = pair_column(header, lines)
    if column is None:
        return None
    texts = list(_texts(lines, column))
    said = _order(header[column])
    for parts in map(_split, texts):
        letters = [read_degrees(one)[1] for one in parts[:2]]
        if all(letters):
            said = letters[0] in "NS"
        elif said is None and len(parts) == 4:
            said = True
    if said is None:
        said = _by_size(texts)
    if said is None:
        raise InvalidAreaError(
            f"{file}: {one_line(header[column])} holds two numbers, as {texts[0]}, and nothing "
            "says which is the latitude; call the column lat_lon or lon_lat"
        )
    return Pair(column, said)


def split_pairs(lines: Sequence[Line], pair: Pair) -> list[Given]:
    """Take the coordinates apart."""
    given: list[Given] = []
    for number, values in lines:
        value = cell(values, pair.column)
        parts = [] if is_nothing(value) else _split(value)
        first, second = parts[:2] if parts else (value, value)
        given.append((number, second, first) if pair.is_lat_first else (number, first, second))
    return given


def _by_size(texts: Sequence[str]) -> bool | None:
    """Return whether the second number is beyond all latitudes; None where neither is, or both."""
    both = [[read_degrees(one)[0] or 0.0 for one in _split(text)[:2]] for text in texts]
    beyond = [any(abs(pair[i]) > 90 for pair in both) for i in (0, 1)]
    return beyond[1] if beyond[0] != beyond[1] else None


def _texts(lines: Sequence[Line], column: int) -> Iterator[str]:
    for _, values in lines[:FEW]:
        if not is_nothing(value := cell(values, column)):
            yield str(value)


def _holds_pairs(name: str, lines: Sequence[Line], column: int) -> bool:
    """Whether a column is called so and holds two numbers each, or is of the form of ODK.

    Ends at the first value that is none, as a table may have thousands of columns.
    """
    is_called = _is_called_so(name)
    count = 0
    for text in _texts(lines, column):
        if not is_called and (len(text) > LONGEST or _has_few_parts(text)):
            return False
        parts = _split(text)
        if not parts or not (is_called or len(parts) == 4):
            return False
        count += 1
    return count > 0


def _has_few_parts(text: str) -> bool:
    """Whether a text is surely not of four parts; quicker than to split it."""
    return text.isascii() and len(_MARKS.findall(text)) < 3


def _split(value: object) -> list[str]:
    """Return two coordinates, with height and accuracy where they are there; nothing for others."""
    if len(str(value)) > LONGEST:
        return []
    text = plain_text(value).strip("()[]")
    for between in _BETWEEN:
        parts = re.split(between, text.strip(), flags=re.IGNORECASE)
        if len(parts) in (2, 4) and all(read_degrees(one)[0] is not None for one in parts[:2]):
            return parts
    return []


def _is_called_so(name: str) -> bool:
    words = set(words_of(name))
    return not words.isdisjoint(_KNOWN) and (
        _order(name) is not None or not words.isdisjoint(WORDS)
    )


def _order(name: str) -> bool | None:
    """Return whether a name says that the latitude is first; None where it says nothing."""
    words = words_of(name)
    known = [WORDS[word] for word in words if WORDS.get(word) is not None]
    places = [
        next((i for i, word in enumerate(words) if word in axis and len(word) > 1), None)
        for axis in (LATITUDES, LONGITUDES)
    ]
    if known:
        return known[0]
    lat, lon = places
    return None if lat is None or lon is None else lat < lon

"""Columns of letters that tell the side of coordinates: north or south, west or east."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError
from csserv.request.files.tables.coordinate_columns import Columns
from csserv.request.files.tables.coordinate_words import (
    EITHER,
    LATITUDES,
    LONGITUDES,
    tells_side,
    words_of,
)
from csserv.request.files.tables.degrees import SIDE_OF, is_nothing
from csserv.request.files.tables.heading import Heading
from csserv.request.files.tables.points import Given
from csserv.request.files.tables.table_lines import Line, cell
from csserv.request.plain_text import one_line

#: letters of longitudes and of latitudes
AXES = {"EW": LONGITUDES, "NS": LATITUDES}


@dataclass(frozen=True)
class SideColumn:
    """A column of letters, and the letter that each of its values means."""

    column: int
    letters: Mapping[str, str]


def find_sides(heading: Heading, columns: Columns, file: str) -> dict[str, SideColumn]:
    """Find the columns of letters for longitudes ("EW") and latitudes ("NS").

    Such are called N/S, lat_dir or the like; or have letters alone, and no name or a letter for a
    name, beside the coordinate.

    Raises
    ------
    InvalidAreaError : a letter may mean west or east
    """
    found = {}
    for axis, place in (("EW", columns.lon), ("NS", columns.lat)):
        for column in _order(place, len(heading.header)):
            name = heading.header[column]
            if not _may_tell(name, axis, column - place):
                continue
            values = _values(heading.lines, column)
            known = {**SIDE_OF, **_either(words_of(name), values)}
            letters = {value: known.get(value, "") for value in values}
            told = set(letters.values())
            if not told or not told <= {*axis, "?"}:
                continue
            if "?" in told:
                raise InvalidAreaError(
                    f"{file}: O in the column {name or column + 1} may mean west or east; write W "
                    "or E"
                )
            found[axis] = SideColumn(column, letters)
            break
    return found


def with_sides(
    given: Sequence[Given], lines: Sequence[Line], sides: Mapping[str, SideColumn], where: str
) -> list[Given]:
    """Write the letters behind the coordinates.

    Raises
    ------
    InvalidAreaError : a line has a coordinate and no letter
    """
    joined = []
    for (number, *both), (_, values) in zip(given, lines, strict=True):
        for place, axis in enumerate(AXES):
            if axis not in sides or is_nothing(both[place]):
                continue
            side = sides[axis]
            letter = side.letters.get(_plain(cell(values, side.column)), "")
            if not letter and not str(both[place]).strip().startswith("-"):
                raise InvalidAreaError(
                    f"{where} {number}: {one_line(both[place])} has no letter {axis[0]} or "
                    f"{axis[1]}, as others have"
                )
            both[place] = f"{both[place]} {letter}"
        joined.append((number, both[0], both[1]))
    return joined


def _either(words: Sequence[str], values: set[str]) -> dict[str, str]:
    """Return what O means: west beside E, east beside W; "?" where nothing tells."""
    there = {SIDE_OF.get(one) for one in (*words, *values)}
    letter = {(True, False): "W", (False, True): "E"}.get(("E" in there, "W" in there), "?")
    return dict.fromkeys(EITHER, letter)


def _order(place: int, count: int) -> list[int]:
    """Return the other columns, those beside first."""
    near = [one for one in (place + 1, place - 1) if 0 <= one < count]
    return near + [one for one in range(count) if one != place and one not in near]


def _values(lines: Sequence[Line], column: int) -> set[str]:
    return {_plain(cell(values, column)) for _, values in lines} - {""}


def _plain(value: object) -> str:
    return "" if is_nothing(value) else str(value).strip().strip(".").casefold()


def _may_tell(header: str, axis: str, distance: int) -> bool:
    words = words_of(header)
    if tells_side(words):
        of_axis = any(f" {word} " in f" {' '.join(words)} " for word in AXES[axis])
        both = set(axis.casefold()) <= set("".join(words))
        return abs(distance) == 1 or of_axis or both
    return abs(distance) == 1 and all(word in SIDE_OF or word in EITHER for word in words)

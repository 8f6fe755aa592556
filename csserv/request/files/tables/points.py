"""Makes points of the coordinates that lines of a table give."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.tables.coordinate_columns import Columns
from csserv.request.files.tables.degrees import is_nothing, metres, plain_text, read_degrees
from csserv.request.plain_text import one_line

#: number of a line, its longitude and its latitude, as they are written
Given = tuple[int | str, object, object]

#: the place of a line without coordinates
NOWHERE = (math.nan, math.nan)

#: numbers that stand for no coordinate where latitudes cannot be so: -99.9, 999, -9999
_NINES = re.compile(r"-?99+(\.0|\.9+)?")

#: a coordinate, or a time
_TIME = re.compile(r"\s*\d{1,3}:\d")

_HOW = "write degrees as 35.597 or 35°35'49\"E"


def read_points(
    given: Sequence[Given], where: str, choices: FileChoices, columns: Columns | None = None
) -> tuple[list[BaseGeometry | None], tuple[Note, ...]]:
    """Make a point of each line, None where it has no coordinates.

    Parameters
    ----------
    where : file and word for a line, for messages
    columns : what headers say of the sides

    Raises
    ------
    InvalidAreaError : a value is no coordinate, or one is there without the other
    """
    west, south = (columns.is_west, columns.is_south) if columns else (False, False)
    for place, is_below, what in ((1, west, "longitudes"), (2, south, "latitudes")):
        if is_below:
            _check_signs([one[place] for one in given], what, where)
    places: list[tuple[float, float]] = []
    wrong: list[tuple[int | str, str]] = []
    at_zero: list[int | str] = []
    for number, lon, lat in given:
        found = None
        try:
            found = _read(lon, lat, columns, bool(choices.crs))
        except ValueError as error:
            wrong.append((number, str(error)))
        places.append(found or NOWHERE)
        at_zero += [number] if found and not any(found) else []
    if wrong:
        raise _refused(wrong, where)
    shapes = shapely.points(np.array(places).reshape(-1, 2)).tolist()
    points = [None if place is NOWHERE else one for place, one in zip(places, shapes, strict=True)]
    return points, (*_times(given), *([_zero(at_zero, where)] if at_zero else []))


def _read(
    lon: object, lat: object, columns: Columns | None, is_projected: bool
) -> tuple[float, float] | None:
    """Read both coordinates; None where there are none.

    Raises
    ------
    ValueError : says what is wrong
    """
    west, south = (columns.is_west, columns.is_south) if columns else (False, False)
    x = _coordinate(lon, "NS", is_projected, west)
    y = _coordinate(lat, "EW", is_projected, south)
    lacking = [one is None or (_is_nines(one) and _is_nines(y)) for one in (x, y)]
    if all(lacking):
        return None
    if x is not None and y is not None and lacking == [False, True]:
        raise ValueError(
            f"latitude {one_line(lat)} is beyond the pole, or stands for none, and there is a "
            "longitude; write both or none"
        )
    if x is None or y is None or any(lacking):
        have, lack = ("latitude", "longitude") if lacking[0] else ("longitude", "latitude")
        raise ValueError(f"there is a {have} and no {lack}; write both or none")
    return x, y


def _coordinate(value: object, others: str, is_projected: bool, is_below: bool) -> float | None:
    """Read a coordinate; None where there is none.

    Parameters
    ----------
    others : letters of the other coordinate
    is_below : whether its header says that it lies in the south or west; a letter counts more
    """
    if is_nothing(value):
        return None
    found, letter = (metres(value), "") if is_projected else read_degrees(value)
    shown = repr(one_line(value))
    if letter and letter in others:
        what, other = ("latitude", "longitudes") if others == "NS" else ("longitude", "latitudes")
        raise ValueError(f"{shown} is a {what}, in the column of {other}; are they swapped?")
    if found is None:
        raise ValueError(f"{shown} is no coordinate; {_why(value)}")
    return -abs(found) if is_below and not letter else found


def _why(value: object) -> str:
    """Say how to mend what is no coordinate."""
    text = plain_text(value)
    if text.startswith("="):
        return "it is a formula: open the file in a spreadsheet, and save it with its values"
    if re.search(r"[\d°'\"]\s*O$|^O\s*\d", text, re.IGNORECASE):
        return "O may mean west or east: write W or E"
    if re.fullmatch(r"-?\d{1,3}([.,]\d{3}){2,}", text):
        return "a spreadsheet took it for a number with thousands: write degrees as 35.597"
    if re.fullmatch(r"\d{3,}(\.\d+)?\s*[NSEW]", text, re.IGNORECASE):
        return "minutes and degrees are not apart: write 1°17'S or 1 17 S"
    if re.fullmatch(r"-?[\d.,\s]{6,}", text):
        return "if these are metres, say their coordinate system (crs)"
    return _HOW


def _is_nines(value: float | None) -> bool:
    """Whether a latitude is a number that stands for none."""
    return value is not None and abs(value) > 90 and bool(_NINES.fullmatch(repr(value)))


def _check_signs(values: Sequence[object], what: str, where: str) -> None:
    """See that numbers below a header of the south or west are all of one sign.

    Raises
    ------
    InvalidAreaError : they are not
    """
    read = [read_degrees(value) for value in values if not is_nothing(value)]
    plain = [number for number, letter in read if number and not letter]
    if plain and min(plain) < 0 < max(plain):
        file = where.rpartition(", ")[0]
        raise InvalidAreaError(
            f"{file}: the header says that all {what} are south, or west, and some are above zero, "
            "some below; take the side out of the header, or write it behind each"
        )


def _refused(wrong: Sequence[tuple[int | str, str]], where: str) -> InvalidAreaError:
    number, why = wrong[0]
    others = [str(one) for one, _ in wrong[1:]]
    some = ", ".join(others[:5]) + (f" and {len(others) - 5:,} more" if len(others) > 5 else "")
    more = f"; so are others, of {where.rpartition(' ')[2]} {some}" if others else ""
    return InvalidAreaError(f"{where} {number}: {why}{more}")


def _times(given: Sequence[Given]) -> Iterator[Note]:
    """Tell of coordinates that look like times."""
    every = (str(value) for _, lon, lat in given for value in (lon, lat))
    if first := next((text for text in every if ":" in text and _TIME.match(text)), ""):
        said = f"coordinates such as {one_line(first)} are read as degrees, minutes and seconds"
        yield Note("zones", said)


def _zero(numbers: Sequence[int | str], where: str) -> Note:
    first = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
    places = "1 place lies" if len(numbers) == 1 else f"{len(numbers):,} places lie"
    word = where.rpartition(" ")[2]
    return Note(
        "zones",
        f"{places} at 0°, 0°, which mostly stands for an unknown coordinate: {word} {first}",
    )

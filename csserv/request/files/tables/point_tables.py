"""Points, or shapes as WKT, in a table of text: CSV, TSV and the sheets of a workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.shapes.wkt import from_wkt, is_wkt
from csserv.request.files.tables.coordinate_columns import (
    LATITUDES,
    LONGITUDES,
    SHAPES,
    Columns,
    find_column,
    find_columns,
)
from csserv.request.plain_text import one_line

SEPARATORS = (";", "\t", "|", ",")

#: longest value of a table [characters]
LONGEST = 10_000_000

#: marks of minutes and seconds, and how they are typed
_TYPED = str.maketrans(
    {"\u2032": "'", "\u2019": "'", "\u00b4": "'", "\u2033": '"', "\u201d": '"', "\u00ba": "°"}
    | {"\u2212": "-", "\u066b": "."}
    | {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
)

#: degrees, minutes and seconds marked by letters; a capital S is south
_LETTERS = re.compile(r"(\d)\s*[dD]\s*(\d[\d.,]*)\s*[mM]\s*(?:(\d[\d.,]*)\s*s?)?")

#: what stands for no coordinate; numbers, where both are so
NOTHING = ("", "nan", "na", "n/a", "null", "none", "-", "--")
CODES = (-9999.0, -999.0, -99.0, 999.0, 9999.0)

#: degrees, minutes and seconds: 3°07'08"N, 35 35 49.5 E, N 3° 7.1'
_SEXAGESIMAL = re.compile(
    r"""(?P<before>[NSEW])?\s*(?P<sign>[-+]?)(?P<degrees>\d{1,3})(?:[.,]0+)?\s*[°:\s]\s*
    (?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*(?:[':\s]\s*(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)
    \s*(?:"|'')?\s*)?)?(?P<after>[NSEW])?""",
    re.VERBOSE | re.IGNORECASE,
)
_DECIMAL = re.compile(
    r"(?P<before>[NSEW])?\s*(?P<sign>[-+]?)(?P<number>(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e-\d+)?)"
    r"\s*°?\s*(?P<after>[NSEW])?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Table:
    """A table of texts, with its header."""

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    said: str = ""  #: how it was read

    @property
    def has_places(self) -> bool:
        """Whether it has columns that are called like coordinates or shapes."""
        every = (SHAPES, LATITUDES, LONGITUDES)
        shape, *both = (find_column(self._names, known) is not None for known in every)
        return shape or all(both)

    @property
    def _names(self) -> list[str]:
        return [one_line(name).casefold() for name in self.header]

    def features(self, file: str) -> Features:
        """Find points or shapes in it.

        Raises
        ------
        InvalidAreaError : no columns of coordinates or shapes, or values that are none
        """
        names = self._names
        self._check_widths(file)
        shape, found = find_column(names, SHAPES), find_columns(self.header, file)
        if shape is not None and _is_wkt(self.rows, shape):
            shapes = [_shape(_cell(row, shape), file, i) for i, row in enumerate(self.rows, 2)]
            used: tuple[int, ...] = (shape,)
            side = ""
        elif found is not None:
            shapes = [_point(row, found, file, i) for i, row in enumerate(self.rows, 2)]
            used = (found.lon, found.lat)
            side = found.side
        else:
            raise InvalidAreaError(
                f"{file} has no columns of longitude and latitude, and none of shapes (WKT), as "
                "its first line names them; its "
                f"columns are {', '.join(map(one_line, self.header[:20]))}"
            )
        kept = {
            name: [_cell(row, i) for row in self.rows]
            for i, name in enumerate(map(one_line, self.header))
            if name and i not in used
        }
        columns = " and ".join(one_line(self.header[i]) for i in used)
        note = Note("zones", f"places{side} are of the columns {columns}{self.said}")
        return Features(FeatureTable(shapes, kept), "", (note,))

    def _check_widths(self, file: str) -> None:
        """See that no row has more values than the header, as a decimal comma makes two of one."""
        for line, row in enumerate(self.rows, 2):
            if any(not _is_nothing(value) for value in row[len(self.header) :]):
                raise InvalidAreaError(
                    f"{file}, line {line} has {len(row)} values, and the header "
                    f"{len(self.header)}; where numbers have a decimal comma, separate them by "
                    "semicolons"
                )


def read_text(text: str, file: str, most: int | None) -> Table:
    """Read a table of text; its separator is the one that the header has.

    Raises
    ------
    InvalidAreaError : it is no table
    """
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    if not first.count(separator):
        raise InvalidAreaError(f"{file} is no table: its first line has one column alone")
    csv.field_size_limit(LONGEST)
    try:
        lines = csv.reader(io.StringIO(text), delimiter=separator)
        header, *rows = islice(
            (row for row in lines if any(row)), None if most is None else most + 1
        )
    except csv.Error:
        raise InvalidAreaError(f"{file} cannot be read: it is no table of text") from None
    named = {";": "semicolons", "\t": "tabs", "|": "bars"}.get(separator, "")
    return Table(header, rows, f", separated by {named}" if named else "")


def degrees(value: object) -> float | None:
    r"""Read a coordinate: a number, with a decimal comma too, or degrees, minutes and seconds.

    >>> [degrees(v) for v in ("3,119", "35.597 E", "3°07'12\"S", "W 10 30", 4, "", "x")]
    [3.119, 35.597, -3.12, -10.5, 4.0, None, None]
    """
    if _is_nothing(value):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = _LETTERS.sub(_with_marks, str(value).translate(_TYPED)).strip()
    if match := _DECIMAL.fullmatch(text):
        return _signed(match, float(match["number"].replace(",", ".")))
    if match := _SEXAGESIMAL.fullmatch(text):
        minutes = float(match["minutes"].replace(",", "."))
        seconds = float((match["seconds"] or "0").replace(",", "."))
        if minutes < 60 and seconds < 60:
            whole = float(match["degrees"]) + (minutes + seconds / 60) / 60
            return _signed(match, round(whole, 9))
    return None


def _with_marks(match: re.Match[str]) -> str:
    degrees_, minutes, seconds = match.groups()
    return f"{degrees_}°{minutes}'" + (f'{seconds}"' if seconds else "")


def _signed(match: re.Match[str], size: float) -> float | None:
    """Give a size its sign: south and west are below zero, also where a minus says so again."""
    groups = match.groupdict()
    letter = (groups["before"] or groups["after"] or "").upper()
    if letter in ("N", "E") and groups["sign"] == "-":
        return None
    return -size if letter in ("S", "W") or groups["sign"] == "-" else size


def _cell(row: Sequence[object], column: int) -> object:
    return row[column] if column < len(row) else None


def _is_wkt(rows: Sequence[Sequence[object]], column: int) -> bool:
    texts = (str(_cell(row, column) or "").strip() for row in rows)
    return is_wkt(next(filter(None, texts), ""))


def _shape(value: object, file: str, line: int) -> BaseGeometry | None:
    text = str(value or "").strip()
    return from_wkt(text, f"{file}, line {line}") if text else None


def _point(row: Sequence[object], columns: Columns, file: str, line: int) -> BaseGeometry | None:
    given = _cell(row, columns.lon), _cell(row, columns.lat)
    if all(_is_nothing(value) for value in given):
        return None
    x, y = map(degrees, given)
    if x in CODES and y in CODES:
        return None
    if x is None or y is None:
        wrong = given[0] if x is None else given[1]
        raise InvalidAreaError(
            f"{file}, line {line}: {one_line(wrong)!r} is no coordinate; write degrees as 35.597 "
            "or 35°35'49\"E"
        )
    return shapely.Point(-abs(x) if columns.is_west else x, -abs(y) if columns.is_south else y)


def _is_nothing(value: object) -> bool:
    return value is None or str(value).strip().strip("<>").casefold() in NOTHING

"""Points, or shapes as WKT, in a table of text: CSV, TSV and the sheets of a workbook."""

from __future__ import annotations

import csv
import io
import math
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
from csserv.request.plain_text import one_line

#: headers of coordinates, in languages that tables are written in
LATITUDES = ("latitude", "lat", "latitud", "breite", "breitengrad", "широта", "خط العرض", "y")
LONGITUDES = (
    *("longitude", "lon", "long", "lng", "longitud", "länge", "laenge", "längengrad", "долгота"),
    *("خط الطول", "x"),
)

#: headers of shapes
SHAPES = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "shape")

SEPARATORS = (";", "\t", "|", ",")

#: longest value of a table [characters]
LONGEST = 10_000_000

#: marks of minutes and seconds, and how they are typed
_TYPED = str.maketrans({"\u2032": "'", "\u2019": "'", "\u2033": '"', "\u201d": '"', "\u00ba": "°"})

#: degrees, minutes and seconds: 3°07'08"N, 35 35 49.5 E, N 3° 7.1'
_SEXAGESIMAL = re.compile(
    r"""(?P<before>[NSEW])?\s*(?P<sign>[-+]?)(?P<degrees>\d{1,3})(?:[.,]0+)?\s*[°d:\s]\s*
    (?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*(?:['m:\s]\s*(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)
    \s*(?:["s]|'')?\s*)?)?(?P<after>[NSEW])?""",
    re.VERBOSE | re.IGNORECASE,
)
_DECIMAL = re.compile(r"(?P<sign>[-+]?)(?P<number>\d+(?:[.,]\d*)?)\s*°?\s*(?P<after>[NSEW])?", re.I)


@dataclass(frozen=True)
class Table:
    """A table of texts, with its header."""

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    said: str = ""  #: how it was read

    @property
    def has_places(self) -> bool:
        """Whether it has columns that are called like coordinates or shapes."""
        return _find(self._names, SHAPES) is not None or (
            _find(self._names, LATITUDES) is not None and _find(self._names, LONGITUDES) is not None
        )

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
        fields = {
            str(name): [row[i] if i < len(row) else None for row in self.rows]
            for i, name in enumerate(self.header)
        }
        shape = _find(names, SHAPES)
        lat, lon = _find(names, LATITUDES), _find(names, LONGITUDES)
        if shape is not None and _is_wkt(self.rows, shape):
            shapes = [_shape(_cell(row, shape), file, i) for i, row in enumerate(self.rows, 2)]
            used: tuple[int, ...] = (shape,)
        elif lat is not None and lon is not None:
            shapes = [_point(row, lon, lat, file, i) for i, row in enumerate(self.rows, 2)]
            used = (lon, lat)
        else:
            raise InvalidAreaError(
                f"{file} has no columns of longitude and latitude, and none of shapes (WKT); its "
                f"columns are {', '.join(map(one_line, self.header[:20]))}"
            )
        kept = {name: v for i, (name, v) in enumerate(fields.items()) if i not in used}
        columns = " and ".join(one_line(self.header[i]) for i in used)
        note = Note("zones", f"places are of the columns {columns}{self.said}")
        return Features(FeatureTable(shapes, kept), "", (note,))


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
    if isinstance(value, int | float):
        return None if math.isnan(value) else float(value)
    text = str(value or "").translate(_TYPED).strip()
    if match := _DECIMAL.fullmatch(text):
        return _signed(match, float(match["number"].replace(",", ".")))
    if match := _SEXAGESIMAL.fullmatch(text):
        minutes = float(match["minutes"].replace(",", "."))
        seconds = float((match["seconds"] or "0").replace(",", "."))
        if minutes < 60 and seconds < 60:
            whole = float(match["degrees"]) + (minutes + seconds / 60) / 60
            return _signed(match, round(whole, 9))
    return None


def _signed(match: re.Match[str], size: float) -> float:
    groups = match.groupdict()
    letter = (groups.get("before") or groups["after"] or "").upper()
    return -size if (groups["sign"] == "-") != (letter in ("S", "W")) else size


def _find(names: Sequence[str], known: Sequence[str]) -> int | None:
    """Return the column of the likeliest header."""
    plain = [re.sub(r"[\s_(\[].*", "", name) if name not in known else name for name in names]
    return next((plain.index(name) for name in known if name in plain), None)


def _cell(row: Sequence[object], column: int) -> object:
    return row[column] if column < len(row) else None


def _is_wkt(rows: Sequence[Sequence[object]], column: int) -> bool:
    texts = (str(_cell(row, column) or "").strip() for row in rows)
    return is_wkt(next(filter(None, texts), ""))


def _shape(value: object, file: str, line: int) -> BaseGeometry | None:
    text = str(value or "").strip()
    return from_wkt(text, f"{file}, line {line}") if text else None


def _point(row: Sequence[object], lon: int, lat: int, file: str, line: int) -> BaseGeometry | None:
    given = _cell(row, lon), _cell(row, lat)
    if all(value is None or str(value).strip() in ("", "nan") for value in given):
        return None
    x, y = map(degrees, given)
    if x is None or y is None:
        wrong = given[0] if x is None else given[1]
        raise InvalidAreaError(
            f"{file}, line {line}: {one_line(wrong)!r} is no coordinate; write degrees as 35.597 "
            "or 35°35'49\"E"
        )
    return shapely.Point(x, y)

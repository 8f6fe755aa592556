"""Finds the header of a table among lines of titles, comments, units and tags around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from csserv.errors import shortened
from csserv.notes import Note
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.tables.coordinate_columns import find_column
from csserv.request.files.tables.coordinate_words import LATITUDES, LONGITUDES, SHAPES, words_of
from csserv.request.files.tables.degrees import SIDE_OF, is_nothing, read_degrees
from csserv.request.files.tables.pairs import pair_column
from csserv.request.files.tables.shape_texts import is_shape
from csserv.request.files.tables.table_lines import Line, cell, names_of

#: lines in which a header is looked for
MOST_LINES = 100

#: values in which it is looked for: a table of days may have thousands of columns
MOST_VALUES = 20_000

#: words of units and types in a line under the header
UNITS = {
    *("deg", "degree", "degrees", "degre", "degres", "degré", "degrés", "grad", "grado", "grados"),
    *("grau", "graus", "dd", "ddd", "dms", "decimal", "decimals", "décimal", "décimaux", "wgs"),
    *("float", "double", "real", "number", "numeric", "decimale", "decimales", "string", "text"),
    *("m", "metre", "metres", "meter", "meters", "o", "geo", "unit", "units", "min", "sec"),
}


@dataclass(frozen=True)
class Heading:
    """A header, the units under it, and the lines of values; what was passed over is told."""

    header: Sequence[str]
    units: Sequence[str]
    lines: Sequence[Line]
    notes: tuple[Note, ...] = ()

    def named(self, columns: Sequence[int]) -> str:
        """Return the names of columns in words; numbers of those that have none."""
        names = [self.header[i] or f"column {i + 1}" for i in columns]
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def find_heading(lines: Sequence[Line], choices: FileChoices, what: str = "line") -> Heading | None:
    """Find the first line that names columns of coordinates or shapes; None where none does.

    A comment, which begins with #, counts where no other line does.

    Parameters
    ----------
    lines : all but blank ones
    what : what a line is called
    """
    first = list(_first(lines))
    for is_comment in (False, True):
        for place, (_, values) in enumerate(first):
            if _is_comment(values) is not is_comment:
                continue
            header = names_of(values)
            if is_comment:
                header[0] = header[0].lstrip("# ")
            if _names_places(header, lines[place + 1 :][:MOST_LINES], choices):
                return _heading(header, lines, place, choices, what)
    return None


def _first(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines until they have enough values; the first one whatever it has."""
    room = MOST_VALUES
    for line in lines[:MOST_LINES]:
        yield line
        room -= sum(not (one is None or (type(one) is str and not one)) for one in line[1])
        if room < 0:
            return


def holds_shapes(lines: Sequence[Line], column: int) -> bool:
    """Whether the first value of a column is a shape as text."""
    texts = (cell(values, column) for _, values in lines)
    return is_shape(next((str(one).strip() for one in texts if not is_nothing(one)), ""))


def _is_comment(values: Sequence[object]) -> bool:
    return str(values[0] if values else "").lstrip().startswith("#")


def _names_places(header: Sequence[str], below: Sequence[Line], choices: FileChoices) -> bool:
    shape = find_column(header, SHAPES)
    if shape is not None and not choices.names_columns and holds_shapes(below, shape):
        return True
    lon, lat = _places(header, choices)
    if lon is not None and lat is not None and lon != lat:
        return True
    return not choices.names_columns and pair_column(header, below) is not None


def _places(header: Sequence[str], choices: FileChoices) -> tuple[int | None, int | None]:
    """Return the columns of longitude and latitude, those that are named or the likeliest."""
    plain = [name.casefold() for name in header]
    lon, lat = (
        (plain.index(one) if one in plain else None) if one else find_column(header, known)
        for one, known in (
            (choices.lon_field.casefold(), LONGITUDES),
            (choices.lat_field.casefold(), LATITUDES),
        )
    )
    return lon, lat


def _heading(
    header: Sequence[str], lines: Sequence[Line], place: int, choices: FileChoices, what: str
) -> Heading:
    above = [line for line in lines[:place] if any(not is_nothing(one) for one in line[1])]
    header = _with_names_above(header, lines[:place])
    notes = [*_passed_over(above, f"above the header of {what} {lines[place][0]}", what)]
    rest = list(lines[place + 1 :])
    columns = _places(header, choices)
    under = list(takewhile(lambda line: _is_of_units(line[1], columns), rest))
    notes += _passed_over(under, "under the header, of units or tags,", what)
    rest = rest[len(under) :]
    raw = lines[place][1]
    again = [line for line in rest if _is_same(line[1], raw)]
    notes += _passed_over(again, "like the header", what)
    if again:
        rest = [line for line in rest if not _is_same(line[1], raw)]
    return Heading(header, names_of(under[0][1]) if under else (), rest, tuple(notes))


def _is_same(values: Sequence[object], raw: Sequence[object]) -> bool:
    """Whether a line is like the header; values of frames may be such as cannot be compared."""
    pairs = zip(values, raw, strict=False)
    return len(values) == len(raw) and all(type(a) is type(b) and a == b for a, b in pairs)


def _with_names_above(header: Sequence[str], above: Sequence[Line]) -> Sequence[str]:
    """Fill in names that stand a line above, where a header has two lines."""
    names = names_of(above[-1][1]) if above else []
    if sum(map(bool, names)) < 2:  # a title
        return header
    return [name or str(cell(names, i) or "") for i, name in enumerate(header)]


def _passed_over(lines: Sequence[Line], which: str, what: str) -> Iterator[Note]:
    if not lines:
        return
    numbers = [f"{number}" for number, _ in lines]
    if len(lines) > 2:
        numbers = [f"{numbers[0]} to {numbers[-1]}"]
    shown = ", ".join(filter(None, names_of(lines[0][1])))
    several, are = ("s", "are") if len(lines) > 1 else ("", "is")
    text = f"{what}{several} {' and '.join(numbers)} {which} {are} passed over: {shortened(shown)}"
    yield Note("zones", text)


def _is_of_units(values: Sequence[object], columns: Sequence[int | None]) -> bool:
    """Whether a line under the header names units, types or tags of the coordinates."""
    return all(place is not None and _is_unit(cell(values, place)) for place in columns)


def _is_unit(value: object) -> bool:
    if is_nothing(value) or read_degrees(value)[0] is not None:
        return False
    text, words = str(value).strip(), words_of(value)
    if text.startswith("#"):  # tags of HXL: #geo+lat
        return True
    if any(map(str.isdigit, text)):  # a coordinate that is written in a way that is not known
        return False
    names = (*LATITUDES, *LONGITUDES)
    known = UNITS | set(SIDE_OF) | {word for name in names for word in name.split()}
    return (bool(words) or "°" in text) and set(words) <= known

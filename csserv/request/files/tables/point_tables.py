"""Points, or shapes as WKT, in a table: of a text, a sheet of a workbook, or a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.tables.coordinate_columns import (
    MANY,
    NAME_THEM,
    find_column,
    find_columns,
    named_column,
)
from csserv.request.files.tables.coordinate_words import LATITUDES, LONGITUDES, SHAPES
from csserv.request.files.tables.degrees import is_nothing
from csserv.request.files.tables.heading import Heading, find_heading, holds_shapes
from csserv.request.files.tables.pairs import find_pair, split_pairs
from csserv.request.files.tables.points import read_points
from csserv.request.files.tables.shape_texts import read_shape
from csserv.request.files.tables.sides import find_sides, with_sides
from csserv.request.files.tables.table_lines import Line, cell, names_of


@dataclass(frozen=True)
class Table:
    """Lines of values, of which one names the columns.

    Attributes
    ----------
    lines : all but blank ones
    said : how it was read
    what : what a line is called
    ids : label of a line → id of its zone; those of the index of a frame
    """

    lines: Sequence[Line]
    said: str = ""
    what: str = "line"
    ids: Mapping[int | str, str] = field(default_factory=dict)

    def has_places(self, choices: FileChoices) -> bool:
        """Whether it has columns that are called like coordinates or shapes."""
        return find_heading(self.lines, choices) is not None

    def features(self, file: str, choices: FileChoices) -> Features:
        """Find points or shapes in it.

        Raises
        ------
        InvalidAreaError : no columns of coordinates or shapes, or values that are none
        """
        heading = find_heading(self.lines, choices, self.what)
        if heading is None:
            raise self._not_recognised(file, choices)
        self._check_widths(heading, file)
        found = self._shapes(heading, file, choices) or self._points(heading, file, choices)
        columns_of = list(zip_longest(*(values for _, values in heading.lines)))
        empty = (None,) * len(heading.lines)
        rest = {
            name: columns_of[i] if i < len(columns_of) else empty
            for i, name in enumerate(heading.header)
            if name and i not in found.used and i not in found.letters
        }
        letters = f", with the letters of {heading.named(found.letters)}" if found.letters else ""
        columns = f"column{'s' if len(found.used) > 1 else ''} {heading.named(found.used)}"
        said = Note("zones", f"places{found.said} are of the {columns}{letters}{self.said}")
        ids = [self.ids[number] for number, _ in heading.lines] if self.ids else ()
        table = FeatureTable(found.shapes, rest, ids, keyed=bool(ids))
        notes = (said, *heading.notes, *found.notes)
        every = tuple(dict.fromkeys(filter(None, heading.header)))
        lon, lat = (heading.header[i] for i in found.used) if found.has_both else ("", "")
        return Features(table, "", notes, columns=every, used=(lon, lat))

    def _shapes(self, heading: Heading, file: str, choices: FileChoices) -> _Found | None:
        place = None if choices.names_columns else find_column(heading.header, SHAPES)
        if place is None or not holds_shapes(heading.lines, place):
            return None
        shapes: list[BaseGeometry | None] = []
        for number, values in heading.lines:
            text = str(cell(values, place) or "").strip()
            where = f"{file}, {self.what} {number}"
            shapes.append(None if is_nothing(text) else read_shape(text, where))
        columns = find_columns(heading.header, file, choices, heading.units)
        if columns and all(one is None or one.is_empty for one in shapes):
            return None  # as Earth Engine exports tables that have no shapes
        return _Found(shapes, (place,))

    def _points(self, heading: Heading, file: str, choices: FileChoices) -> _Found:
        where = f"{file}, {self.what}"
        columns = find_columns(heading.header, file, choices, heading.units)
        if columns is None:
            pair = find_pair(heading.header, heading.lines, file)
            if pair is None:
                raise self._not_recognised(file, choices)
            points, notes = read_points(split_pairs(heading.lines, pair), where, choices)
            return _Found(points, (pair.column,), pair.said, notes=notes)
        sides = find_sides(heading, columns, file)
        given = [
            (number, cell(values, columns.lon), cell(values, columns.lat))
            for number, values in heading.lines
        ]
        if sides:
            given = with_sides(given, heading.lines, sides, where)
        points, notes = read_points(given, where, choices, columns)
        letters = [side.column for side in sides.values()]
        used = (columns.lon, columns.lat)
        return _Found(points, used, columns.side, letters, has_both=True, notes=notes)

    def _not_recognised(self, file: str, choices: FileChoices) -> InvalidAreaError:
        """Return the error that no line names columns of coordinates; it says which there are."""
        if not self.lines:
            return InvalidAreaError(
                f"{file} holds no {self.what} of values: give a table of places"
            )
        widest = max(self.lines[:MANY], key=_width, default=(1, ()))
        header = list(filter(None, names_of(widest[1])))
        named = [
            named_column(header, one, file) if one else find_column(header, known)
            for one, known in ((choices.lon_field, LONGITUDES), (choices.lat_field, LATITUDES))
        ]
        if choices.names_columns and named[0] is not None and named[0] == named[1]:
            return InvalidAreaError(
                f"{file}: one column, {header[named[0]]}, cannot be longitude and latitude both; "
                f"name two of {', '.join(header[:MANY])} (lon_field, lat_field)",
                columns=header,
            )
        return InvalidAreaError(
            f"{file} has no columns of longitude and latitude that are recognised, and none of "
            f"shapes (WKT); {self.what} {widest[0]} has {', '.join(header[:MANY])}: where these "
            f"are columns, {NAME_THEM}, else write a first line of names, as name,lon,lat",
            columns=header,
        )

    def _check_widths(self, heading: Heading, file: str) -> None:
        """See that no row has more values than the header, as a decimal comma makes two of one."""
        width = len(heading.header)
        for number, values in heading.lines:
            if any(not is_nothing(value) for value in values[width:]):
                raise InvalidAreaError(
                    f"{file}, {self.what} {number} has {len(values)} values, and the header "
                    f"{width}; where numbers have a decimal comma, separate them by semicolons, "
                    "and where the first column has no name, give it one"
                )


@dataclass(frozen=True)
class _Found:
    """Shapes, one a line, the columns they are of, and what was assumed."""

    shapes: Sequence[BaseGeometry | None]
    used: Sequence[int]
    said: str = ""
    letters: Sequence[int] = ()
    has_both: bool = False
    notes: tuple[Note, ...] = ()


def _width(line: Line) -> int:
    return sum(not is_nothing(value) for value in line[1])

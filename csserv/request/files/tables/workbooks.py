"""Sheets of a workbook (.xlsx) from untrusted senders, checked before GDAL reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.notes import Note
from csserv.request.files.features import Features
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.layers_in_file import Layer, several_layers
from csserv.request.files.shapes.gdal import read_layers
from csserv.request.files.tables.degrees import is_nothing
from csserv.request.files.tables.heading import MOST_LINES
from csserv.request.files.tables.point_tables import Table
from csserv.request.files.tables.sheet_parts import Cell, SheetParts, as_shown
from csserv.request.files.unpack import expanded
from csserv.request.plain_text import one_line

#: entry that every workbook has
_CONTENT = "[Content_Types].xml"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    table: Table
    is_hidden: bool


def read_sheets(path: Path, file: str, most: int | None) -> list[Sheet]:
    """Read all sheets.

    Parameters
    ----------
    most : how many rows of values are allowed; None for any number

    Raises
    ------
    InvalidAreaError : it is no workbook, or has a document type, which could define entities
    AreaTooLargeError : it becomes too large when it is expanded, or a sheet has too many rows
    """
    names, parts = [], SheetParts()
    for name, content in expanded(path, file):
        names.append(name)
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content:
            raise InvalidAreaError(f"{file} has a document type, which is not allowed")
        parts.look(name, content)
    if _CONTENT not in names:
        raise InvalidAreaError(f"{file} cannot be read: it is no workbook")
    # twice as many, as some are blank: a sheet that has more is refused, not cut
    count = None if most is None else 2 * most + MOST_LINES
    layers = _layers(path, file, count, parts.has_truths)
    hidden = parts.hidden()
    is_changed = bool(parts.time_styles()) or parts.has_truths
    times = parts.times(expanded(path, file), file) if is_changed else {}
    return [
        Sheet(one.name, _table(one, count, file, times.get(one.name, {})), one.name in hidden)
        for one in layers
    ]


def choose_sheet(sheets: Sequence[Sheet], choices: FileChoices, file: str) -> Features:
    """Take the sheet that is wanted, or the only one with columns of coordinates or shapes.

    Hidden sheets count where no other has such columns; a note tells which sheet is taken.

    Raises
    ------
    InvalidAreaError : there is no such sheet, several are meant, or none has such columns
    """
    wanted = choices.layer
    named = [sheet for sheet in sheets if wanted in (sheet.name, "")]
    if not named:
        names = ", ".join(one_line(sheet.name) for sheet in sheets[:10])
        raise InvalidAreaError(f"{file} has no sheet {one_line(wanted)!r}; it has {names}")
    fitting = [sheet for sheet in named if sheet.table.has_places(choices)]
    seen = [sheet for sheet in fitting if not sheet.is_hidden] or fitting
    if len(seen) > 1:
        shown = dict.fromkeys(one_line(sheet.name) for sheet in seen)
        raise several_layers(file, "sheets of places", {name: name for name in shown})
    filled = [sheet for sheet in named if sheet.table.lines] or named
    taken = (seen or filled)[0]
    features = taken.table.features(file, choices)
    if len(sheets) == 1 or wanted:
        return features
    hidden = ", which is hidden" if taken.is_hidden else ""
    others = [sheet.name for sheet in fitting if sheet is not taken]
    left = f"; the hidden {', '.join(map(one_line, others))} is left out" if others else ""
    note = Note("zones", f"places are of the sheet {one_line(taken.name)}{hidden}{left}")
    return replace(features, notes=(note, *features.notes))


def _layers(path: Path, file: str, count: int | None, has_truths: bool) -> list[Layer]:
    try:
        return read_layers(path, file, count)
    except InvalidAreaError:
        if not has_truths:
            raise
        # GDAL 3.12 cannot read a column of a truth and whole numbers, but as texts
        return read_layers(path, file, count, FIELD_TYPES="STRING")


def _table(sheet: Layer, count: int | None, file: str, times: Mapping[Cell, str]) -> Table:
    """Make a table of a sheet; GDAL takes the first row out where it looks like a header."""
    names = list(sheet.table.fields)
    rows = list(zip(*sheet.table.fields.values(), strict=True))
    own = [None if name == f"Field{i}" else name for i, name in enumerate(names, 1)]
    if any(own):
        rows.insert(0, tuple(own))
    if count is not None and len(rows) >= count:
        raise AreaTooLargeError(f"{file} has more than {count:,} rows (CSSERV_MAX_ZONES)")
    for (row, column), kind in times.items():
        if row <= len(rows) and column < len(rows[row - 1]):
            values = list(rows[row - 1])
            rows[row - 1] = (
                *values[:column],
                as_shown(values[column], kind),
                *values[column + 1 :],
            )
    lines = [(i, row) for i, row in enumerate(rows, 1) if not all(map(is_nothing, row))]
    return Table(lines, what="row")

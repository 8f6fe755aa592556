"""Sheets of a workbook (.xlsx) from untrusted senders, checked before GDAL reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from csserv.errors import InvalidAreaError
from csserv.request.files.features import Features
from csserv.request.files.layers_in_file import Layer, several_layers
from csserv.request.files.shapes.gdal import read_layers
from csserv.request.files.tables.point_tables import Table
from csserv.request.files.unpack import expanded
from csserv.request.plain_text import one_line

#: entry that every workbook has
_CONTENT = "[Content_Types].xml"


def read_sheets(path: Path, file: str, most: int | None) -> list[Layer]:
    """Read all sheets.

    Raises
    ------
    InvalidAreaError : it is no workbook, or has a document type, which could define entities
    AreaTooLargeError : it becomes too large when it is expanded
    """
    names = []
    for name, content in expanded(path, file):
        names.append(name)
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content:
            raise InvalidAreaError(f"{file} has a document type, which is not allowed")
    if _CONTENT not in names:
        raise InvalidAreaError(f"{file} cannot be read: it is no workbook")
    return read_layers(path, file, most)


def choose_sheet(sheets: Sequence[Layer], wanted: str, file: str) -> Features:
    """Take the sheet that is wanted, or the first with columns of coordinates or shapes.

    Raises
    ------
    InvalidAreaError : there is no such sheet, or none with such columns
    """
    named = [sheet for sheet in sheets if wanted in (sheet.name, "")]
    if not named:
        names = ", ".join(one_line(sheet.name) for sheet in sheets[:10])
        raise InvalidAreaError(f"{file} has no sheet {one_line(wanted)!r}; it has {names}")
    tables = [_table(sheet) for sheet in named]
    fitting = [i for i, table in enumerate(tables) if table.has_places]
    if len(fitting) > 1:
        shown = dict.fromkeys(one_line(named[i].name) for i in fitting)
        raise several_layers(file, "sheets of places", {name: name for name in shown})
    return tables[fitting[0] if fitting else 0].features(file)


def _table(sheet: Layer) -> Table:
    """Make a table of a sheet; GDAL takes no header where all its columns are texts."""
    header = list(sheet.table.fields)
    rows = list(zip(*sheet.table.fields.values(), strict=True))
    if rows and all(re.fullmatch(r"Field\d+", name) for name in header):
        first, *rows = rows
        header = [one_line("" if value is None else value) for value in first]
    return Table(header, rows)

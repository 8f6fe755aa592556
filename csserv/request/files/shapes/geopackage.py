"""Reads GeoPackages from untrusted senders: plain SQLite tables only; no code in them is run."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.feature_table import FeatureTable
from csserv.request.files.layers_in_file import MOST_LAYERS, Layer
from csserv.request.files.shapes.gdal import MOST_FIELDS
from csserv.request.files.shapes.wkb import BrokenGeometryError, from_wkb
from csserv.request.plain_text import one_line

_MAGIC = b"SQLite format 3\0"

#: longest text or geometry [bytes]
_LONGEST = 100_000_000

#: most steps of SQLite's virtual machine for one file [thousands]: about ten seconds
_STEPS = 1_000_000

#: kind of bounding box in the header of a geometry → its size [bytes]
_BOXES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}

_LAYERS = """
SELECT contents.table_name, columns.column_name, columns.srs_id
FROM gpkg_contents AS contents JOIN gpkg_geometry_columns AS columns
ON columns.table_name = contents.table_name
WHERE contents.data_type = 'features' ORDER BY contents.rowid
"""

_SYSTEM = """
SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys
WHERE srs_id = ?
"""


#: what is no table: its rows would be made by code that is in the file
_VIEWS = "SELECT name FROM sqlite_master WHERE type = 'view'"


def read_geopackage(
    path: Path, file: str, limit: int | None
) -> tuple[list[Layer], tuple[Note, ...]]:
    """Read all layers of a GeoPackage that are tables, and tell which are views.

    Parameters
    ----------
    file : name of the file, for error messages
    limit : how many features of each to read at most; None for all

    Raises
    ------
    InvalidAreaError : it is not a GeoPackage, or a layer is not a plain table
    """
    with path.open("rb") as content:
        if content.read(len(_MAGIC)) != _MAGIC:
            raise InvalidAreaError(f"{file} cannot be read: it is no GeoPackage")
    try:
        with closing(sqlite3.connect(_address(path), uri=True)) as database:
            _restrict(database)
            found = database.execute(_LAYERS).fetchmany(MOST_LAYERS)
            views = {str(name).casefold() for (name,) in database.execute(_VIEWS)}
            tables = [one for one in found if str(one[0]).casefold() not in views]
            notes = _left_out([str(one[0]) for one in found if one not in tables])
            layers = [_layer(database, (str(t), str(c), s), limit) for t, c, s in tables]
    except BrokenGeometryError as error:
        raise InvalidAreaError(f"{file} cannot be read: {error}") from None
    except (sqlite3.Error, struct.error, shapely.GEOSException, ValueError, OverflowError):
        raise InvalidAreaError(
            f"{file} cannot be read: it is damaged, or its layers are no plain tables"
        ) from None
    if notes and not layers:
        raise InvalidAreaError(f"{file}: {notes[0].text}; save it as a layer of its own")
    return layers, notes


def _left_out(views: Sequence[str]) -> tuple[Note, ...]:
    if not views:
        return ()
    names = ", ".join(map(one_line, views[:5])) + (", …" if len(views) > 5 else "")
    what = f"view {names} is" if len(views) == 1 else f"views {names} are"
    return (Note("zones", f"the {what} not read, as only tables are"),)


def _address(path: Path) -> str:
    """Return the URI that opens a database read-only."""
    journal = path.with_name(f"{path.name}-wal")
    return f"file:{quote(str(path))}?mode=ro{'' if journal.exists() else '&immutable=1'}"


def _restrict(database: sqlite3.Connection) -> None:
    """Limit what a malicious schema could do."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.set_authorizer(_allowed)
    steps = iter(range(_STEPS))
    database.set_progress_handler(lambda: next(steps, None) is None, 1000)


def _allowed(action: int, _1: str | None, _2: str | None, _3: str | None, view: str | None) -> int:
    """Allow reading tables; no function, no recursion, nothing through a view."""
    plain = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) and view is None
    return sqlite3.SQLITE_OK if plain else sqlite3.SQLITE_DENY


def _layer(
    database: sqlite3.Connection, registered: tuple[str, str, object], limit: int | None
) -> Layer:
    table, column, system = registered
    head = database.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")  # noqa: S608  # quoted
    fields = [one[0] for one in head.description if one[0] != column][:MOST_FIELDS]
    columns = ", ".join(map(_quoted, [column, *fields]))
    query = f"SELECT {columns} FROM {_quoted(table)}"  # noqa: S608  # quoted
    rows = list(islice(database.execute(query), limit))
    shapes = [_shape(row[0]) for row in rows]
    values = {field: [row[i] for row in rows] for i, field in enumerate(fields, 1)}
    crs = _crs(database.execute(_SYSTEM, (system,)).fetchall())
    return Layer(table, FeatureTable(shapes, values), crs or "")


def _quoted(name: object) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def _crs(rows: Iterable[tuple[object, object, object]]) -> str | None:
    for organization, number, definition in rows:
        if str(organization).upper() == "EPSG":
            return f"EPSG:{number}"
        if str(organization).upper() != "NONE" and "undefined" not in str(definition).lower():
            return str(definition)
    return None


def _shape(blob: object) -> BaseGeometry | None:
    """Decode a geometry: a header, a bounding box, and well-known binary."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        raise BrokenGeometryError("a geometry is none of a GeoPackage")
    box = _BOXES.get(blob[3] >> 1 & 7)
    if box is None:
        raise BrokenGeometryError("a geometry has a broken header")
    return from_wkb(blob[8 + box :])

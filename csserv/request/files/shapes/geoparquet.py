"""Reads GeoParquet, and tables of points in Parquet, from untrusted senders."""

from __future__ import annotations

import base64
import binascii
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.notes import Note
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.shapes import parquet_reader
from csserv.request.files.shapes.wkb import BrokenGeometryError, from_wkb
from csserv.request.files.tables.coordinate_words import SHAPES, words_of
from csserv.request.files.tables.point_tables import Table

#: first and last bytes of each file
_MAGIC = b"PAR1"

#: most rows where there is no limit of zones
MOST_ROWS = 1_000_000

#: longest time to read a file [s]
PATIENCE = 120

#: what DuckDB calls columns of geometries and of bytes
_SHAPES, _BYTES = "GEOMETRY", "BLOB"


def read_geoparquet(
    path: Path, file: str, most: int | None, choices: FileChoices = NO_CHOICES
) -> Features:
    """Read the shapes of a GeoParquet, or of a table with columns of coordinates.

    Parameters
    ----------
    file : name of the file, for error messages
    most : how many rows to read; None for all
    choices : columns of coordinates of a table

    Raises
    ------
    InvalidAreaError : it is no Parquet, is broken, holds no shapes, or DuckDB is not installed
    AreaTooLargeError : it becomes too large when it is expanded
    """
    with path.open("rb") as content:
        if content.read(len(_MAGIC)) != _MAGIC:
            raise InvalidAreaError(f"{file} cannot be read: it is no Parquet")
    plain = _by_itself(path, file, most or MOST_ROWS)
    try:
        return _features(plain, file, choices)
    except (struct.error, shapely.GEOSException, BrokenGeometryError, binascii.Error):
        raise InvalidAreaError(f"{file} cannot be read: a geometry is broken") from None


def _by_itself(path: Path, file: str, most: int) -> Mapping[str, Any]:
    """Read a file in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
        # a name without marks, of which DuckDB would make a pattern
        given, out = Path(folder) / "area.parquet", Path(folder) / "area.json"
        given.symlink_to(path.absolute())
        words = [sys.executable, "-P", parquet_reader.__file__, str(given), str(out), str(most)]
        try:
            subprocess.run(
                words, timeout=PATIENCE, check=True, capture_output=True, stdin=subprocess.DEVNULL
            )
            plain: Mapping[str, Any] = orjson.loads(out.read_bytes())
        except (subprocess.SubprocessError, OSError, ValueError):
            plain = {"error": "broken"}
    match plain.get("error"):
        case None:
            return plain
        case "duckdb":
            raise InvalidAreaError(
                f"{file}: to read Parquet, install DuckDB: pip install 'csserv[parquet]'; or save "
                "it as GeoPackage"
            )
        case "large":
            size = parquet_reader.MOST_EXPANDED / 1e6
            raise AreaTooLargeError(
                f"{file} becomes larger than {size:,.0f} MB when it is expanded"
            )
        case _:
            raise InvalidAreaError(f"{file} cannot be read: it is damaged, or no Parquet")


def _features(plain: Mapping[str, Any], file: str, choices: FileChoices) -> Features:
    names, rows = plain["names"], plain["rows"]
    geo = plain["geo"] if isinstance(plain["geo"], dict) else {}
    place = _column_of_shapes(names, plain["kinds"], geo)
    if place is None:
        return Table([("of columns", names), *enumerate(rows, 1)], what="row").features(
            file, choices
        )
    said = geo.get("columns", {}).get(names[place], {}) if geo else {}
    if plain["kinds"][place] not in (_SHAPES, _BYTES):
        raise InvalidAreaError(
            f"{file}: its shapes are in the encoding {said.get('encoding', '?')}, which is not "
            "read; save them as WKB"
        )
    shapes = [_shape(row[place]) for row in rows]
    fields = {name: [row[i] for row in rows] for i, name in enumerate(names) if i != place}
    return Features(FeatureTable(shapes, fields), _crs(said), _notes(said))


def _column_of_shapes(
    names: Sequence[str], kinds: Sequence[str], geo: Mapping[str, Any]
) -> int | None:
    """Return the column that the file says has the shapes; or one that looks like it."""
    primary = geo.get("primary_column")
    if primary in names:
        return names.index(primary)
    named = (i for i, name in enumerate(names) if " ".join(words_of(name)) in SHAPES)
    likely = [i for i in named if kinds[i] == _BYTES]
    likely += [i for i, kind in enumerate(kinds) if kind == _SHAPES]
    return likely[0] if likely else None


def _shape(text: str | None) -> BaseGeometry | None:
    return None if text is None else from_wkb(base64.b64decode(text, validate=True))


def _crs(said: Mapping[str, Any]) -> str:
    """Return the coordinate system; empty for longitude and latitude, which is the default."""
    system = said.get("crs")
    if not isinstance(system, dict):
        return ""
    known = system.get("id")
    if isinstance(known, dict):
        return f"{known.get('authority')}:{known.get('code')}"
    import pyproj  # slow to import, and most files name theirs

    try:
        return str(pyproj.CRS.from_json_dict(system).to_wkt())
    except pyproj.exceptions.CRSError:
        return str(system.get("name", "of no name"))


def _notes(said: Mapping[str, Any]) -> tuple[Note, ...]:
    if said.get("edges") != "spherical":
        return ()
    return (
        Note("zones", "edges are taken as straight in longitude and latitude, not on a sphere"),
    )

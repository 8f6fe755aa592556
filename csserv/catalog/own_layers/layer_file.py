"""The file of a layer: SQLite with an index of its features, and each shape by itself.

Shapes are read one at a time, and only those that are asked for: the districts of a continent have
hundreds of megabytes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from csserv.catalog.name_index import Feature
from csserv.errors import GranuleError
from csserv.request import Zone

#: number of the form that follows; a file of another one is not read
FORM = 1

TABLES = """
CREATE TABLE layer (facts TEXT NOT NULL);
CREATE TABLE feature (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, parents TEXT NOT NULL
);
CREATE TABLE shape (place INTEGER PRIMARY KEY, wkb BLOB NOT NULL);
"""

#: most ids that are asked for at once
AT_ONCE = 500


def write_layer(path: Path, facts: Mapping[str, Any], zones: Sequence[Zone]) -> None:
    """Write a file; on return it is on disk.

    Parameters
    ----------
    path : of a file that does not exist
    facts : about the layer, as JSON can hold them
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        # nobody reads the file before it is whole, so it needs no journal of its own
        file.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + TABLES)
        file.execute("INSERT INTO layer VALUES (?)", (_json({**facts, "features": len(zones)}),))
        file.executemany("INSERT INTO feature VALUES (?, ?, ?, ?)", _rows(zones))
        file.executemany("INSERT INTO shape VALUES (?, ?)", _shapes(zones))
        file.execute(f"PRAGMA user_version = {FORM}")
        file.execute("COMMIT")
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _rows(zones: Sequence[Zone]) -> Iterator[tuple[int, str, str, str]]:
    for place, zone in enumerate(zones):
        yield place, zone.id, zone.name, _json(zone.parents)


def _shapes(zones: Sequence[Zone]) -> Iterator[tuple[int, bytes]]:
    for place, zone in enumerate(zones):
        yield place, zlib.compress(shapely.to_wkb(zone.geometry))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_facts(path: Path) -> dict[str, Any]:
    """Read what is known about a layer; ``features`` is their number.

    Raises
    ------
    GranuleError : the file cannot be read
    """
    with _opened(path) as file:
        ((form,),) = file.execute("PRAGMA user_version")
        if form != FORM:
            raise GranuleError(f"{path.name} is no layer of this version of csserv: add it again")
        ((facts,),) = file.execute("SELECT facts FROM layer")
        return dict(json.loads(facts))


def read_features(path: Path) -> list[Feature]:
    """Read ids, names and parents of all features, in their order.

    Raises
    ------
    GranuleError : the file cannot be read
    """
    with _opened(path) as file:
        rows = file.execute("SELECT id, name, parents FROM feature ORDER BY place")
        return [Feature(i, name, "", tuple(json.loads(above))) for i, name, above in rows]


def read_shapes(path: Path, ids: Iterable[str]) -> dict[str, BaseGeometry]:
    """Read the shapes of features by their ids; an id that there is not is left out.

    Raises
    ------
    GranuleError : the file cannot be read
    """
    wanted = list(ids)
    found: dict[str, BaseGeometry] = {}
    with _opened(path) as file:
        for first in range(0, len(wanted), AT_ONCE):
            some = wanted[first : first + AT_ONCE]
            marks = ", ".join("?" * len(some))
            rows = file.execute(
                f"SELECT id, wkb FROM feature JOIN shape USING (place) WHERE id IN ({marks})",  # noqa: S608  # question marks, no text of others
                some,
            )
            found |= {i: shapely.from_wkb(zlib.decompress(wkb)) for i, wkb in rows}
    return found


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file for reading; it is replaced, but never changed, so no lock is needed."""
    if not path.exists():  # SQLite would make one
        raise GranuleError(f"the layer {path.stem} has been removed")
    broken = (sqlite3.Error, zlib.error, ValueError, TypeError, shapely.GEOSException)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1&mode=ro", uri=True)) as file:
            yield file
    except broken as error:
        raise GranuleError(f"the layer {path.name} cannot be read: {error}") from None

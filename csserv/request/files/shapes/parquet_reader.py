"""Run by itself, reads a Parquet file by DuckDB: a broken file can end no process but this one.

``python parquet_reader.py FILE OUT MOST`` writes JSON: ``geo`` (the metadata of GeoParquet or
null), ``names`` and ``kinds`` of the columns, ``rows`` (bytes in base64); or ``error`` with why.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

#: most bytes of values, of memory for DuckDB, and of addresses, of which it takes many
MOST_EXPANDED = 200_000_000
MEMORY = "600MB"
ADDRESSES = 8 << 30

#: longest time [s of CPU]
SECONDS = 60

#: rows that are fetched at once, as each may be large
AT_ONCE = 100


def main(path: str, out: str, most: str) -> None:
    """Read a file and write what it holds."""
    for limit, value in ((resource.RLIMIT_AS, ADDRESSES), (resource.RLIMIT_CPU, SECONDS)):
        with suppress(ValueError, OSError):  # not every system has it
            resource.setrlimit(limit, (value, value))
    try:
        import duckdb
    except ImportError:
        found: dict[str, Any] = {"error": "duckdb"}
    else:
        try:
            found = _read(duckdb, path, int(most))
        except (duckdb.OutOfMemoryException, MemoryError):
            found = {"error": "large"}
        except duckdb.Error:
            found = {"error": "broken"}
    Path(out).write_text(json.dumps(found), encoding="utf-8")


def _read(duckdb: Any, path: str, most: int) -> dict[str, Any]:
    settings = {
        "memory_limit": MEMORY,
        "threads": 1,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=settings) as database:
        # it refuses metadata that lack what is not needed
        database.execute("SET enable_geoparquet_conversion = false")
        database.execute("SET enable_progress_bar = false")
        said = database.execute("SELECT key, value FROM parquet_kv_metadata(?)", [path]).fetchall()
        geo = next((bytes(value) for key, value in said if bytes(key) == b"geo"), b"null")
        found = database.execute("SELECT * FROM read_parquet(?) LIMIT ?", [path, most])
        names = [column[0] for column in found.description]
        kinds = [str(column[1]).partition("(")[0] for column in found.description]
        rows: list[list[Any]] = []
        room = MOST_EXPANDED
        while several := found.fetchmany(AT_ONCE):
            rows += [[_plain(value) for value in row] for row in several]
            room -= sum(len(v) for row in rows[-len(several) :] for v in row if isinstance(v, str))
            if room < 0:
                return {"error": "large"}
    return {"geo": json.loads(geo), "names": names, "kinds": kinds, "rows": rows}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; bytes in base64, and nothing of a nested one."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) < float("inf") else None
    return None if isinstance(value, list | dict | tuple) else str(value)


if __name__ == "__main__":
    main(*sys.argv[1:])

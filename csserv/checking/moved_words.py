"""What has moved, in words: counts with their largest change, and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from csserv.checking.changed_maps import MapChange
from csserv.checking.changed_numbers import Change

#: most rows of a table that a person is shown
SHOWN = 20

#: columns of a table for people → of the rows of all changes
COLUMNS = {
    "step": "time",
    "zone": "series",
    "operation": "operation",
    "was": "old",
    "is": "new",
    "change": "difference",
    "%": "percent",
    "units": "units",
    "why": "why",
    "from": "files",
}

MAP_COLUMNS = {
    "step": "time",
    "map": "file",
    "cells": "different",
    "of": "cells",
    "most at": "place",
    "was": "old",
    "is": "new",
    "change": "difference",
    "units": "units",
    "why": "why",
    "from": "files",
}


def counted(count: int, noun: str) -> str:
    """Write a count.

    >>> counted(1, "map"), counted(1200, "number")
    ('1 map', '1,200 numbers')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def numbers_tail(changes: Sequence[Change]) -> str:
    """Say by how much numbers have changed at most, unit by unit, and how many came or went."""
    said = []
    for units in dict.fromkeys(one.units for one in changes):
        known = [one for one in changes if one.units == units and one.difference is not None]
        if known:
            most = max(known, key=lambda one: abs(one.difference or 0.0))
            share = "" if most.percent is None else f" ({abs(most.percent):.2g} %)"
            said.append(f"{abs(most.difference or 0.0):.3g} {units}{share}")
    tail = f", by at most {' and '.join(said)}" if said else ""
    come = sum(one.old is None for one in changes)
    gone = sum(one.new is None for one in changes)
    tail += f"; {come:,} where none was before" if come else ""
    return tail + (f"; {gone:,} where none is any more" if gone else "")


def maps_tail(maps: Sequence[MapChange]) -> str:
    """Say by how much the cells of maps have changed at most."""
    known = [abs(one.difference) for one in maps if one.difference is not None]
    return f", by at most {max(known):.3g} {maps[0].units} in a cell" if known else ""


def change_row(one: Change) -> dict[str, Any]:
    """Return a number that has changed as a row; coordinates of dimensions have columns."""
    own = {"zone": one.zone, "zone_id": one.zone_id, **dict(one.select)}
    names = ("operation", "time", "old", "new", "difference", "percent", "units", "files", "why")
    return own | {name: getattr(one, name) for name in names}


def map_row(one: MapChange) -> dict[str, Any]:
    """Return a map that has changed as a row."""
    names = ("time", "file", "cells", "different", "lon", "lat", "old", "new", "difference")
    return {name: getattr(one, name) for name in (*names, "units", "files", "why")}


def table(changes: Sequence[Change | MapChange]) -> list[dict[str, str]]:
    """Write changes of one kind for people, of those as many as are shown."""
    maps = bool(changes) and isinstance(changes[0], MapChange)
    columns = MAP_COLUMNS if maps else COLUMNS
    if len({getattr(one, "operation", "") for one in changes}) < 2:
        columns = {key: name for key, name in columns.items() if name != "operation"}
    return [
        {key: _cell(name, getattr(one, name)) for key, name in columns.items()}
        for one in changes[:SHOWN]
    ]


def lines(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Write a table in columns."""
    if not rows:
        return
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(text.ljust(wide) for text, wide in zip(line, widths, strict=True)).rstrip()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name == "difference":
        return f"{value:+.3g}"
    if name == "percent":
        return f"{value:+.2g}"
    if name == "files":
        return value[0] if len(value) == 1 else f"{len(value)} files" if value else "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)

"""What a result says of the files it is made of, with a hash of each one's header."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header

#: name in JSON of the hash of what a header says and of the places of its chunks
HEADER = "header_sha256"


def describe_file(granule: Granule, header: Header) -> dict[str, Any]:
    """Return what a result says of a file it is made of: name, size, time, hash of its header."""
    return granule.describe(header) | {HEADER: header.sha256}


def moved_edges(headers: Iterable[Header]) -> list[dict[str, Any]]:
    """Return, of each axis whose edges were meant to be round, where they are and were put."""
    grids = {id(header.grid): header.grid for header in headers}  # thousands of files have the same
    found = dict.fromkeys(one for grid in grids.values() for one in grid.moved)
    return [asdict(one) for one in found]

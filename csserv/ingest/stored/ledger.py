"""The ledger of a dataset: which file of its provider each step came from, now and before."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from csserv.machine.written_whole import sync


@dataclass(frozen=True)
class Arrival:
    """One step that came from a provider.

    Attributes
    ----------
    start : of the step
    stamp : what the listing said of the version
    etag, modified : what the provider called the version
    sha256 : of the file as it came
    retrieved : when it came, UTC
    """

    start: datetime
    stream: str
    address: str
    stamp: str
    etag: str
    modified: str
    size: int
    sha256: str
    retrieved: datetime


class Ledger:
    """Lines of JSON, one an arrival; only ever added to. A line that is none is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, arrival: Arrival) -> None:
        """Add an arrival; on return it is on disk."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self._path.exists()
        with self._path.open("ab+") as file:
            torn = _ends_within_a_line(file)
            file.write(b"\n" * torn + written(arrival) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync(self._path.parent)

    def arrivals(self) -> list[Arrival]:
        """Return all arrivals, in the order in which they came."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [one for one in map(read_arrival, lines) if one is not None]

    def latest(self) -> dict[datetime, Arrival]:
        """Return the latest arrival of each step."""
        return {one.start: one for one in self.arrivals()}


def _ends_within_a_line(file: Any) -> bool:
    """Whether the last line is without its end, as one of a process that was killed."""
    if not file.tell():
        return False
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) != b"\n")


def written(arrival: Arrival) -> bytes:
    """Write an arrival as a line, without its end."""
    return orjson.dumps(asdict(arrival))


def read_arrival(line: bytes | str) -> Arrival | None:
    """Read a line; None if it is none."""
    names = [one.name for one in fields(Arrival)]
    try:
        read = orjson.loads(line)
        given = {name: read[name] for name in names}
        for name in ("start", "retrieved"):
            given[name] = datetime.fromisoformat(given[name])
        return Arrival(**given)
    except (ValueError, KeyError, TypeError):
        return None

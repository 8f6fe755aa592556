"""Machines that want to be left alone for a while: kept on disk, so that no other process asks."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from csserv.outputs.durable import replace_file

#: longest rest that is kept; no provider means a later day
LONGEST = timedelta(days=2)


@dataclass
class Resting:
    """Until when machines are to be left alone.

    Attributes
    ----------
    path : file of it; None keeps it in memory
    """

    path: Path | None = None
    _known: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def until(self, machine: str) -> datetime | None:
        """Return until when a machine rests; None if it may be asked."""
        now = datetime.now(UTC)
        end = max(filter(None, (self._known.get(machine), self._read().get(machine))), default=now)
        return end if now < end <= now + LONGEST else None

    def add(self, machine: str, seconds: float) -> datetime:
        """Leave a machine alone for so long; returns until when."""
        end = datetime.now(UTC) + min(timedelta(seconds=min(seconds, 1e6)), LONGEST)
        with self._lock:
            self._known[machine] = end
            if self.path:
                every = {**self._read(), machine: end}
                left = {one: to for one, to in every.items() if to > datetime.now(UTC)}
                self._write(self.path, left)
        return end

    def _read(self) -> dict[str, datetime]:
        try:
            read = orjson.loads(self.path.read_bytes()) if self.path else {}
            return {name: datetime.fromisoformat(text) for name, text in read.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    @staticmethod
    def _write(path: Path, left: dict[str, datetime]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, orjson.dumps({one: to.isoformat() for one, to in left.items()}))
        except OSError:
            return  # this process keeps it in mind

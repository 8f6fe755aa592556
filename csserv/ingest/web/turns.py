"""Turns at one provider: two requests go out no closer than it bears, whoever of this machine asks.

Providers count by the address that asks: several fetches at once, by workers and by hand, share it.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

#: a turn so far ahead is of a clock that was set back since [s]
LONGEST = 6 * 3600.0


@dataclass
class Turns:
    """When the next request may go out.

    Attributes
    ----------
    apart : least time from one to the next [s]
    path : file that all processes share; None where a process asks alone
    """

    apart: float = 0.0
    path: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _next: float = 0.0  #: the next free turn, where no file is shared [s since 1970]

    def take(self) -> float:
        """Take the next turn; return how long it is until then [s]."""
        return self._move(lambda now, turn: turn + self.apart)

    def put_off(self, seconds: float) -> None:
        """Let nobody ask for a while."""
        self._move(lambda now, turn: max(turn, now + seconds))

    def _move(self, later: Callable[[float, float], float]) -> float:
        """Move the next turn; return how long it was until the one before [s].

        Parameters
        ----------
        later : of now and of the next turn, returns the turn after it
        """
        with self._lock:
            if self.path is None or not self.apart:
                now = time.time()
                turn = max(now, self._next)
                self._next = later(now, turn)
                return turn - now
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                now = time.time()
                turn = max(now, _read(file))
                _write(file, later(now, turn))
                return turn - now


def _read(file: IO[bytes]) -> float:
    file.seek(0)
    try:
        known = float(file.read(64))
    except ValueError:  # new, or cut
        return 0.0
    return known if known < time.time() + LONGEST else 0.0


def _write(file: IO[bytes], moment: float) -> None:
    file.truncate(0)
    file.write(repr(moment).encode())
    file.flush()

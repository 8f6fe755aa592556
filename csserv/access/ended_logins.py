"""The logins that were ended by logging out, so that a copy of their cookie is worth nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csserv.access.records import Records


@dataclass(frozen=True)
class EndedLogin:
    """A login that was ended, by the hash of its cookie."""

    name: str
    ended: float  #: seconds since 1970


class EndedLogins:
    """The ended logins in ``ended_logins.json`` of the home folder, for all processes of it.

    Parameters
    ----------
    days : how long a cookie would be valid; older entries are dropped
    clock : seconds since 1970
    """

    def __init__(self, home: Path, days: float, clock: Callable[[], float] = time.time) -> None:
        self._records = Records(home / "ended_logins.json", "login", read_record)
        self._seconds = days * 86400
        self._clock = clock

    def end(self, cookie: str) -> None:
        """End the login of a cookie.

        Raises
        ------
        SettingsError : the file cannot be written
        """
        now, ended = self._clock(), _hash(cookie)
        self._records.change(
            lambda known: [
                *(one for one in known if one.name != ended and one.ended > now - self._seconds),
                EndedLogin(ended, now),
            ]
        )

    def has(self, cookie: str) -> bool:
        """Whether the login of a cookie was ended."""
        known = self._records.all()
        return bool(known) and _hash(cookie) in {one.name for one in known}


def read_record(plain: Mapping[str, Any]) -> EndedLogin:
    """Make an ended login of its JSON."""
    return EndedLogin(str(plain["name"]), float(plain["ended"]))


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "backslashreplace")).hexdigest()

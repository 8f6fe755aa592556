"""What a check found, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What a check found, in words, and what mends it."""

    check: str
    level: Level
    said: str
    mend: str = ""


def ok(check: str, said: str) -> Finding:
    """Say that all is well."""
    return Finding(check, Level.OK, said)


def warning(check: str, said: str, mend: str = "") -> Finding:
    """Say that it works, but not as it should."""
    return Finding(check, Level.WARNING, said, mend)


def problem(check: str, said: str, mend: str = "") -> Finding:
    """Say that it does not work."""
    return Finding(check, Level.PROBLEM, said, mend)

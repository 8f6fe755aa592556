"""The findings of a check: level, text, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One finding of a check.

    Attributes
    ----------
    check : name of the check
    said : the finding, as a sentence
    mend : what to do about it; empty where nothing is wrong
    """

    check: str
    level: Level
    said: str
    mend: str = ""


def ok(check: str, said: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(check, Level.OK, said)


def warning(check: str, said: str, mend: str = "") -> Finding:
    """Return a finding that something works, but not as it should."""
    return Finding(check, Level.WARNING, said, mend)


def problem(check: str, said: str, mend: str = "") -> Finding:
    """Return a finding that something does not work."""
    return Finding(check, Level.PROBLEM, said, mend)

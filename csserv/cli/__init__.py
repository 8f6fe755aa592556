"""The command line, one module for each group of commands."""

from __future__ import annotations

from csserv.cli import (
    datasets,
    doctor,
    launching,
    operating,
    optimising,
    requesting,
    serving,
    tokens,
    users,
)
from csserv.cli.group import main

__all__ = [
    "datasets",
    "doctor",
    "launching",
    "main",
    "operating",
    "optimising",
    "requesting",
    "serving",
    "tokens",
    "users",
]

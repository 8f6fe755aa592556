"""The command line: the service's verbs, and the ones that keep the machine up."""

from __future__ import annotations

from csserv.cli import (
    asking,
    datasets,
    doctor,
    launching,
    operating,
    optimising,
    serving,
    tokens,
    users,
)
from csserv.cli.group import main

__all__ = [
    "asking",
    "datasets",
    "doctor",
    "launching",
    "main",
    "operating",
    "optimising",
    "serving",
    "tokens",
    "users",
]

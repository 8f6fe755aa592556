"""The command line: the service's verbs, and the ones that keep the machine up."""

from __future__ import annotations

from csserv.cli import asking, doctor, launching, operating, optimising, serving, tokens
from csserv.cli.group import main

__all__ = ["asking", "doctor", "launching", "main", "operating", "optimising", "serving", "tokens"]

"""The command line, one module for each group of commands."""

from __future__ import annotations

from csserv.machine.collection_pause import load_for_good

with load_for_good():
    from csserv.cli.group import main

__all__ = ["main"]

"""Asking, in a terminal, what files that are added leave open; at most twice."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csserv.errors import UndecidedError

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.catalog.header_store.known_headers import Headers

#: questions that are asked at most
MOST = 2


def row_with_answers(
    data: Path,
    name: str,
    files: str,
    given: Mapping[str, Any],
    headers: Headers,
    known: dict[str, Any],
) -> dict[str, Any]:
    """Make a row as ``make_row`` does; in a terminal, ask for what is left open.

    Raises
    ------
    UndecidedError : something is left open, and nobody is there to be asked, or was asked twice
    """
    from csserv.catalog.adding import make_row

    told, asked = dict(given), 0
    while True:
        try:
            row = make_row(data, name, files, told, headers, known)
        except UndecidedError as error:
            if asked == MOST or not _is_terminal():
                raise
            told[error.field] = _choose(error)
            asked += 1
            continue
        if asked < MOST and _is_terminal() and not told.get("units") and _lacks_units(data, row):
            words = f"Units of {_first(row['variable'])}, such as mm/day (none)"
            told["units"] = click.prompt(words, default="", show_default=False, err=True)
            asked = MOST
            if told["units"]:
                continue
        return row


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _choose(open_question: UndecidedError) -> str:
    said = str(open_question).partition(";")[0]
    choices = click.Choice(open_question.choices)
    return str(click.prompt(f"{said}. Which one is meant?", type=choices, err=True))


def _lacks_units(data: Path, row: dict[str, Any]) -> bool:
    """Whether neither the row nor the first file says units."""
    from csserv.catalog import CatalogEntry

    entry = CatalogEntry.of("new", data, row)
    return not (entry.units or entry.granules[0].header().units)


def _first(variable: str | list[str]) -> str:
    return variable if isinstance(variable, str) else variable[0]

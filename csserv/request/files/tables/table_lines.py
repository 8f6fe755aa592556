"""Lines of a table, of whatever kind: a number each, and values."""

from __future__ import annotations

from collections.abc import Sequence

from csserv.request.files.tables.degrees import is_nothing
from csserv.request.plain_text import one_line

#: a line: its number in the file, from 1, or its label in a frame; and its values
Line = tuple[int | str, Sequence[object]]


def cell(values: Sequence[object], column: int) -> object:
    """Return a value of a line; None where the line ends before."""
    return values[column] if column < len(values) else None


def names_of(values: Sequence[object]) -> list[str]:
    """Return the values of a line as names of columns."""
    return [one_line("" if is_nothing(value) else value) for value in values]

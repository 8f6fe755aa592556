"""Tables of text: how their columns are separated, and which line is which."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from csserv.errors import InvalidAreaError
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.tables.heading import MOST_LINES, find_heading
from csserv.request.files.tables.point_tables import Table
from csserv.request.files.tables.table_lines import Line

#: separator → how it is called; that of a comma goes without saying
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": ""}

#: longest value of a table [characters]
LONGEST = 10_000_000

#: a first line that is in quotes as a whole
_IN_QUOTES = re.compile(r'"[^\r\n]*,[^\r\n]*"[ ;,]*[\r\n]')

#: a first line that tells spreadsheets the separator
_TOLD = re.compile(r'\s*"?sep=([^\w\s"]|\t)"?[ ;,\t]*[\r\n]+', re.IGNORECASE)


def read_text(text: str, file: str, most: int | None, choices: FileChoices) -> Table:
    """Read a table of text; its separator is the one by which a line names places.

    Parameters
    ----------
    most : how many lines to read below the header; None for all

    Raises
    ------
    InvalidAreaError : it is no table
    """
    csv.field_size_limit(LONGEST)
    count = None if most is None else most + MOST_LINES
    told = _TOLD.match(text)
    separators = [told[1]] if told else list(SEPARATORS)
    widths = {one: _width(text, one, choices) for one in separators}
    separator = max(separators, key=lambda one: widths[one])
    if not widths[separator]:
        if _IN_QUOTES.match(text) and _width(inner := _unquoted(text), ",", choices):
            return replace(read_text(inner, file, most, choices), said=", each line in quotes")
        if aligned := _aligned(text, file, count, choices):
            return aligned
        separator = _likeliest(text, separators, file)
    try:
        lines = list(islice(_lines(text, separator), bool(told), count))
    except csv.Error:
        raise InvalidAreaError(f"{file} cannot be read: it is no table of text") from None
    named = SEPARATORS.get(separator, separator)
    return Table(lines, f", separated by {named}" if named else "")


def _likeliest(text: str, separators: Sequence[str], file: str) -> str:
    """Return the separator that the first lines have most often, where none of them is a header.

    Raises
    ------
    InvalidAreaError : they have none
    """
    head = "".join(islice(io.StringIO(text[:20_000]), MOST_LINES))
    separator = max(separators, key=head.count)
    if not head.count(separator):
        raise InvalidAreaError(
            f"{file} is no table: its first line has one column alone; open it in a spreadsheet, "
            "and save it as CSV with a first line of names, as name,lon,lat"
        )
    return separator


def _lines(text: str, separator: str) -> Iterator[Line]:
    """Yield all lines but blank ones, each with the number of the line it begins on."""
    before = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for values in reader:
        if any(value.strip() for value in values):
            yield before + 1, values
        before = reader.line_num


def _width(text: str, separator: str, choices: FileChoices) -> int:
    """Return how many columns the header has if they are separated so; 0 if there is none."""
    try:
        first = list(islice(_lines(text, separator), MOST_LINES))
    except csv.Error:
        return 0
    heading = find_heading(first, choices)
    return len(heading.header) if heading else 0


def _unquoted(text: str) -> str:
    """Take each line out of its quotes, as programs write them that take a line for a value."""
    lines = (line.rstrip("; ,") for line in text.splitlines())
    plain = (re.sub(r'^"(.*)"$', r"\1", line).replace('""', '"') for line in lines)
    return "\n".join(plain)


def _at_wide_blanks(line: str) -> list[str]:
    return re.split(r"\s{2,}|\t", line)


def _at_blanks(line: str) -> list[str]:
    return next(csv.reader([line], delimiter=" ", skipinitialspace=True))


def _aligned(text: str, file: str, count: int | None, choices: FileChoices) -> Table | None:
    """Read a table whose columns are aligned by blanks; None where it is none.

    Raises
    ------
    InvalidAreaError : a line has more or fewer values than its header
    """
    every = enumerate(io.StringIO(text, newline=None), 1)
    plain = list(islice(((i, line.strip()) for i, line in every if line.strip()), count))
    uneven = None
    for split in (_at_wide_blanks, _at_blanks):
        try:
            lines = [(i, split(line)) for i, line in plain]
        except csv.Error:  # a line longer than allowed
            continue
        heading = find_heading(lines[:MOST_LINES], choices)
        if heading is None or len(heading.header) < 2 or not heading.lines:
            continue
        width = len(heading.header)
        below = {i for i, _ in heading.lines}
        uneven = next((i for i, values in lines if i in below and len(values) != width), None)
        if uneven is None:
            return Table(lines, ", separated by blanks")
    if uneven is not None:
        raise InvalidAreaError(
            f"{file}, line {uneven}: columns are aligned by blanks, and which value is of which "
            "column cannot be told; open it in a spreadsheet and save it as CSV"
        )
    return None

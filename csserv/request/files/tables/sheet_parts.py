"""What GDAL does not say of the sheets of a workbook: which are hidden, which numbers are times.

Spreadsheets take degrees, minutes and seconds that are typed as 36:49:12 for a time of 36 hours,
and keep it as a number of days.
"""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from xml.parsers import expat  # entities are refused before they are expanded

from csserv.errors import AreaTooLargeError

#: row, from 1, and column, from 0
Cell = tuple[int, int]

#: entries with the names of sheets, with where each is stored, and with formats of cells
BOOK, LINKS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"

#: formats that every workbook has: hours, minutes and seconds; minutes and seconds
HOURS, MINUTES = "hours", "minutes"

#: what cells hold that are true or false, and GDAL gives as 1 or 0 beside numbers
TRUTH = "truth"
TRUTHS = {"1": "TRUE", "1.0": "TRUE", "True": "TRUE", "0": "FALSE", "0.0": "FALSE"}
_OWN = {"46": HOURS, "45": MINUTES, "47": MINUTES}

#: a letter of a side that a format shows behind each number
_SIDE = re.compile(r'^[#0., ?]+(?:\\?°|"[^"]*)*?\\?([NSEW])"?(?:;|$)')

#: most cells of a sheet that hold times
MOST_TIMES = 200_000

#: a cell and its format; their attributes may come in any order
_CELL = re.compile(rb"<(?:\w{1,20}:)?c\s([^>]{1,300})>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_STYLE = re.compile(rb'\bs="(\d{1,5})"')
_TRUTH = re.compile(rb'\bt="b"')


@dataclass
class SheetParts:
    """Keeps of the entries of a workbook what is needed, as these come."""

    known: dict[str, bytes] = field(default_factory=dict)
    has_truths: bool = False

    def look(self, name: str, content: bytes) -> None:
        """Look at an entry."""
        if name in (BOOK, LINKS, STYLES):
            self.known[name] = content
        self.has_truths = self.has_truths or b't="b"' in content

    def hidden(self) -> set[str]:
        """Return the names of sheets that are hidden."""
        found = _elements(self.known.get(BOOK, b""), "sheet")
        return {one.get("name", "") for one in found if one.get("state", "visible") != "visible"}

    def times(self, entries: Iterable[tuple[str, bytes]], file: str) -> dict[str, dict[Cell, str]]:
        """Return the cells of each sheet that hold times or truths, and GDAL gives as numbers.

        Parameters
        ----------
        entries : name and content of all entries of the workbook

        Raises
        ------
        AreaTooLargeError : there are too many
        """
        sheets = self._sheets()
        styles = self.time_styles()
        found = {}
        for name, content in entries:
            if name in sheets:
                cells = dict(islice(_cells(content, styles), MOST_TIMES + 1))
                if len(cells) > MOST_TIMES:
                    raise AreaTooLargeError(
                        f"{file} has a sheet with more than {MOST_TIMES:,} times or truths"
                    )
                found[sheets[name]] = cells
        return found

    def _sheets(self) -> dict[str, str]:
        """Return the entry of each sheet → its name."""
        links = self.known.get(LINKS, b"")
        targets = {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", "")))
            for one in _elements(links, "Relationship")
        }
        found = {}
        for one in _elements(self.known.get(BOOK, b""), "sheet"):
            link = next((value for key, value in one.items() if key.endswith(":id")), "")
            found[targets.get(link, "").lstrip("/")] = one.get("name", "")
        return found

    def time_styles(self) -> dict[str, str]:
        """Return the formats of cells that are times, by their number."""
        content = self.known.get(STYLES, b"")
        formats = dict(_OWN)
        for one in _elements(content, "numFmt"):
            code = one.get("formatCode", "").casefold()
            if code.startswith(("[h", "[hh")):
                formats[one.get("numFmtId", "")] = HOURS
            elif code.startswith(("m", "[m")) and ":s" in code:
                formats[one.get("numFmtId", "")] = MINUTES
            elif side := _SIDE.search(one.get("formatCode", "")):
                formats[one.get("numFmtId", "")] = side[1]
        used = _elements(content, "xf", "cellXfs")
        numbers = enumerate(one.get("numFmtId", "") for one in used)
        return {str(i): formats[number] for i, number in numbers if number in formats}


def as_shown(value: object, kind: str) -> object:
    """Return a time as the workbook shows it, which is what was typed.

    >>> as_shown(1.5341666667, HOURS), as_shown("x", HOURS), as_shown(1, TRUTH)
    ('36:49:12', 'x', 'TRUE')
    """
    if kind == TRUTH:
        return TRUTHS.get(str(value), value)
    if kind not in (HOURS, MINUTES):
        return None if value is None else f"{value} {kind}"
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    else:
        try:
            seconds = float(str(value)) * 86400
        except ValueError:
            return value
    sign, seconds = "-" if seconds < 0 else "", round(abs(seconds), 3)
    rest = f"{seconds % 60:06.3f}".rstrip("0").rstrip(".")
    whole = int(seconds // 60)
    if kind == MINUTES:
        return f"{sign}{whole}:{rest}"
    return f"{sign}{whole // 60}:{whole % 60:02d}:{rest}"


def _cells(content: bytes, styles: Mapping[str, str]) -> Iterator[tuple[Cell, str]]:
    for cell in _CELL.finditer(content):
        place, style = _PLACE.search(cell[1]), _STYLE.search(cell[1])
        kind = styles.get(style[1].decode(), "") if style else ""
        kind = TRUTH if _TRUTH.search(cell[1]) else kind
        if place and kind:
            column = 0
            for letter in place[1].decode():
                column = column * 26 + ord(letter) - 64
            yield (int(place[2]), column - 1), kind


def _elements(content: bytes, wanted: str, inside: str = "") -> list[Mapping[str, str]]:
    """Return the attributes of all elements of a name; of those before the text breaks."""
    found: list[Mapping[str, str]] = []
    above: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        if plain == wanted and (not inside or inside in above):
            found.append(attributes)
        above.append(plain)

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: above.pop()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError):
        return found  # GDAL says what is wrong
    return found

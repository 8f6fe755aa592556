"""Checks KML from untrusted senders before GDAL reads it."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat  # entities are refused before they are expanded

from csserv.errors import AreaTooLargeError, InvalidAreaError

#: how deep elements may be nested, and how many there may be: each takes a kB of memory
DEEPEST, MOST_ELEMENTS = 64, 500_000


def check_kml(path: Path, file: str) -> None:
    """Check that a file is KML without a document type, and not nested too deeply.

    A document type can define entities, which may expand to gigabytes or read files of the server.

    Raises
    ------
    InvalidAreaError : it is not KML, has a document type, or is nested too deeply
    AreaTooLargeError : it has too many elements
    """
    try:
        with path.open("rb") as content:
            _Look(file).parser.ParseFile(content)
    except InvalidAreaError:
        raise
    except (expat.ExpatError, ValueError, LookupError):
        raise InvalidAreaError(f"{file} cannot be read: it is no XML, or damaged") from None


class _Look:
    """Counts depth and number of elements while a file is parsed."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._depth = self._count = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _refuse(self, *_: object) -> None:
        raise InvalidAreaError(f"{self._file} has a document type (DOCTYPE), which is not allowed")

    def _start(self, name: str, _: object) -> None:
        if not self._count and name.rpartition(":")[2] != "kml":
            raise InvalidAreaError(f"{self._file} is no KML: it begins with <{name[:50]}>")
        self._count += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidAreaError(f"{self._file} is nested more than {DEEPEST} deep")
        if self._count > MOST_ELEMENTS:
            raise AreaTooLargeError(f"{self._file} has more than {MOST_ELEMENTS:,} elements")

    def _end(self, _: str) -> None:
        self._depth -= 1

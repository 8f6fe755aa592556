"""Checks KML and GPX from untrusted senders before GDAL reads them; takes out what is no zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat  # entities are refused before they are expanded

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.notes import Note
from csserv.request.files.shapes.xml_coordinates import CHECKS

#: elements that hold no zones → one and several in words
LEFT_OUT = {
    **dict.fromkeys(("GroundOverlay", "ScreenOverlay", "PhotoOverlay"), ("image is", "images are")),
    "NetworkLink": ("link to another file is", "links to other files are"),
}

#: elements that may be there in place of zones → one and several in words
OTHERS = {
    **LEFT_OUT,
    **dict.fromkeys(("Track", "MultiTrack"), ("track is", "tracks are")),
    "Model": ("model in three dimensions is", "models in three dimensions are"),
}

#: first bytes of a text in UTF-16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

#: how deep elements may be nested, and how many there may be: each takes a kB of memory
DEEPEST, MOST_ELEMENTS = 64, 500_000

#: first elements, which are endings of names too
ROOTS = ("kml", "gpx")


@dataclass(frozen=True)
class CheckedKml:
    """A KML that has been checked, or its copy without what is left out, of which notes tell.

    Attributes
    ----------
    others : element that is no zone → how many there are
    """

    path: Path
    notes: tuple[Note, ...]
    others: Mapping[str, int]

    def without_zones(self, file: str) -> InvalidAreaError:
        """Return the error of a file that holds no shape: what it holds, and how to go on."""
        held = [f"{n:,} {OTHERS[one][n > 1].rpartition(' ')[0]}" for one, n in self.others.items()]
        how = "give polygons or points"
        if "NetworkLink" in self.others:
            how = "links are not followed: open it in Google Earth, and save what is shown as KML"
        has = f" but {' and '.join(held)}" if held else ""
        return InvalidAreaError(f"{file} holds no shape{has}; {how}")


def check_kml(path: Path, file: str, folder: Path) -> CheckedKml:
    """Check that a file is KML without a document type, not nested too deeply; and its coordinates.

    A document type can define entities, which may expand to gigabytes or read files of the server.

    Parameters
    ----------
    folder : for a copy without images, the frames of which GDAL would take for polygons

    Raises
    ------
    InvalidAreaError : it is not KML, has a document type, is nested too deeply, or has coordinates
        that are none
    AreaTooLargeError : it has too many elements
    """
    look = _looked_at(path, file, "KML")
    if look.spans:
        path = _without(path, look.spans, folder / "area.kml", file)
    return CheckedKml(path, look.notes, look.others)


def check_gpx(path: Path, file: str) -> None:
    """Check a GPX by the same rules.

    Raises
    ------
    InvalidAreaError, AreaTooLargeError : see ``check_kml``
    """
    _looked_at(path, file, "GPX")


def _looked_at(path: Path, file: str, kind: str) -> _Look:
    look = _Look(file, kind)
    try:
        with path.open("rb") as content:
            look.parser.ParseFile(content)
    except InvalidAreaError:
        raise
    except (expat.ExpatError, ValueError, LookupError):
        raise InvalidAreaError(f"{file} cannot be read: it is no XML, or damaged") from None
    return look


def _without(path: Path, spans: Sequence[tuple[int, int, str]], target: Path, file: str) -> Path:
    """Write a copy of a file without some elements, the place of whose last tag is known."""
    content = path.read_bytes()
    if content.startswith(_UTF16):
        raise InvalidAreaError(f"{file} holds images and is in UTF-16; save it in UTF-8")
    kept, place = [], 0
    for begin, last, name in spans:
        kept.append(content[place:begin])
        # an empty element, <NetworkLink/>, has no last tag: its end is the place behind it
        has_last = content.startswith(f"</{name}".encode(), last)
        place = content.index(b">", last) + 1 if has_last else last
    target.write_bytes(b"".join([*kept, content[place:]]))
    return target


class _Look:
    """Counts depth and number of elements while a file is parsed, and has coordinates checked."""

    def __init__(self, file: str, kind: str) -> None:
        self._file, self._kind = file, kind
        self._depth = self._count = 0
        self._begin, self._inside = 0, 0
        self.others: Counter[str] = Counter()
        self._check = CHECKS[kind](file)
        self.spans: list[tuple[int, int, str]] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text, self.parser.buffer_size = True, 1 << 16
        self.parser.CharacterDataHandler = self._check.text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _refuse(self, *_: object) -> None:
        raise InvalidAreaError(f"{self._file} has a document type (DOCTYPE), which is not allowed")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if not self._count and kind != self._kind.casefold():
            how = f"; name it .{kind}" if kind in ROOTS else ""
            raise InvalidAreaError(
                f"{self._file} is no {self._kind}: it begins with <{name[:50]}>{how}"
            )
        self._count += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidAreaError(f"{self._file} is nested more than {DEEPEST} deep")
        if kind in OTHERS and not self._inside:
            self.others[kind] += 1
        if kind in LEFT_OUT and not self._inside:
            self._begin, self._inside = self.parser.CurrentByteIndex, self._depth
        if not self._inside:
            self._check.start(kind, attributes)
        if self._count > MOST_ELEMENTS:
            raise AreaTooLargeError(f"{self._file} has more than {MOST_ELEMENTS:,} elements")

    def _end(self, name: str) -> None:
        if not self._inside:
            self._check.end(name.rpartition(":")[2])
        elif self._depth == self._inside:
            self.spans.append((self._begin, self.parser.CurrentByteIndex, name))
            self._inside = 0
        self._depth -= 1

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is left out, with its count."""
        return tuple(
            Note("zones", f"{count:,} {LEFT_OUT[kind][count > 1]} left out ({kind})")
            for kind, count in self.others.items()
            if kind in LEFT_OUT
        )

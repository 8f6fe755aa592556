"""The JSON file of a result: written and read a series at a time, as there may be ten thousand."""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from csserv.collection_pause import pause_collection
from csserv.errors import DamagedResultError

#: lists that most series have in common
SHARED = ("time", "valid_percent")

#: the lines around the series, where each stands on a line of its own: the first one is not as an
#: indented document has it, so that such, of other writers, are told apart
_FIRST, _LAST = b'  "series":[\n', b"  ]"

#: the last lines: the checksum of all bytes before them (CRC-32, as in a ZIP). An indented document
#: has a blank behind the colon, so that who formats it anew is told from damage
_SUM = b',\n  "checksum":"crc32 %08x"\n}'
_IS_SUM = re.compile(rb'  "checksum":"crc32 ([0-9a-f]{8})"\n?')


def write_document(path: Path, plain: Mapping[str, Any], series: Iterable[Any]) -> None:
    """Write a result; each member is indented but the series, which stand on a line each.

    11 million values in memory take 2 GB as Python objects, and 80 MB as an array.

    Parameters
    ----------
    plain : all members in their order, ``series`` among them with any value
    series : each is written before the next one is asked for
    """
    with path.open("wb") as file:
        total = 0
        for text in _texts(plain, series):
            file.write(text)
            total = zlib.crc32(text, total)
        file.write(_SUM % total)


def read_document(path: Path, with_series: bool = True) -> dict[str, Any]:
    """Read a result; series with the same times share one list of them, and so of shares of data.

    Parameters
    ----------
    with_series : whether to read the series; without, there are none

    Raises
    ------
    FileNotFoundError : there is no such file
    DamagedResultError : it is not as it was written
    """
    with path.open("rb") as file, pause_collection():  # all that is read stays
        series: list[dict[str, Any]] = []
        lines = _Lines(file)
        try:
            rest = b"".join(_without_series(lines, series if with_series else None))
            plain: dict[str, Any] = orjson.loads(rest)
        except ValueError as error:
            raise DamagedResultError(f"{path.name} is damaged: {error}") from None
    if lines.is_damaged:
        raise DamagedResultError(f"{path.name} is damaged: its checksum is that of other content")
    plain.pop("checksum", None)
    if series:
        plain["series"] = series
    return plain


def check_document(path: Path) -> None:
    """Compare a result with its checksum, if it has one.

    Raises
    ------
    FileNotFoundError : there is no such file
    DamagedResultError : it is not as it was written
    """
    with path.open("rb") as file:
        lines = _Lines(file)
        last = (b"", *deque(lines, maxlen=1))[-1]
    if lines.is_damaged or not last.endswith(b"}"):
        raise DamagedResultError(f"{path.name} is damaged; submit its request again")


class _Lines:
    """The lines of a document, and whether its checksum is theirs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.is_damaged = False

    def __iter__(self) -> Iterator[bytes]:
        total = before = 0
        held = b""
        for line in self._file:
            if found := _IS_SUM.fullmatch(line):
                self.is_damaged = int(found[1], 16) != zlib.crc32(held[:-2], before)
            before, held = total, line
            total = zlib.crc32(line, total)
            yield line


def _texts(plain: Mapping[str, Any], series: Iterable[Any]) -> Iterator[bytes]:
    """Yield the document without its last lines."""
    yield b"{\n"
    for number, (name, value) in enumerate(plain.items()):
        yield b",\n" * (number > 0)
        if name == "series":
            yield from _series_texts(series)
        else:
            yield _member(name, value)


def _member(name: str, value: Any) -> bytes:
    """Return a member as it stands in an indented object, without its braces."""
    return orjson.dumps({name: value}, option=orjson.OPT_INDENT_2)[2:-2]


def _series_texts(series: Iterable[Any]) -> Iterator[bytes]:
    yield _FIRST
    for number, one in enumerate(series):
        yield b",\n" * (number > 0)
        yield b"    " + orjson.dumps(one)
    yield b"\n" + _LAST


def _without_series(file: Iterable[bytes], series: list[dict[str, Any]] | None) -> Iterator[bytes]:
    """Yield all lines but those of series, which are read into a list."""
    inside, shared = False, _SharedLists()
    for line in file:
        if inside and not line.startswith(_LAST):
            if series is not None and (text := line.strip().removesuffix(b",")):
                series.append(shared.read(text))
            continue
        inside = line == _FIRST
        yield line


class _SharedLists:
    """Reads series; a list that is written as that of the first series is read once.

    Times and shares of data are four fifths of most files, and the same in most series.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, list[Any]]] = {}

    def read(self, text: bytes) -> dict[str, Any]:
        """Read a series of the text of its line."""
        found = {name: _list_in(text, name) for name in SHARED}
        same = [name for name in self._known if found[name] == self._known[name][0]]
        short = text
        for name in same:
            before, _, behind = short.partition(found[name])
            short = b'%b"%b":0%b' % (before, name.encode(), behind)
        one: dict[str, Any] = orjson.loads(short)
        if any(one.get(name) != 0 for name in same):  # it was a member of another one
            return dict(orjson.loads(text))
        one |= {name: self._known[name][1] for name in same}
        if not self._known:
            self._known = {
                name: (written, one[name])
                for name, written in found.items()
                if written and orjson.loads(b"{%b}" % written)[name] == one.get(name)
            }
        return one


def _list_in(text: bytes, name: str) -> bytes:
    """Return a list of plain values with its name, as written; empty where there is none."""
    # a quote within a text is written with a backslash, so that this is a name
    start = text.find(b'"%b":[' % name.encode())
    return text[start : text.index(b"]", start) + 1] if start >= 0 else b""

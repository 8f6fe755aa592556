"""The JSON file of a result: written and read a series at a time, as there may be ten thousand.

Of both forms, see ``csserv.outputs.document``; what is read is always of the first.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from csserv.errors import DamagedResultError
from csserv.machine.collection_pause import pause_collection
from csserv.outputs.document.compact_form import (
    COMPACT,
    VERSION,
    SharedParts,
    as_arrays,
    texts_of,
    version_of,
    whole,
)

#: lists that most series have in common
SHARED = ("time", "valid_percent")

#: members with an entry for each step: they stand on a line each
OF_STEPS = ("time", "intervals")

#: the lines around the series, where each stands on a line of its own: the first one is not as an
#: indented document has it, so that such, of other writers, are told apart
_FIRST, _LAST = b'  "series":[\n', b"  ]"

#: how the second line begins that tells the compact form
_COMPACT = b'  "%b": %d' % (VERSION.encode(), COMPACT)

#: the last lines: the checksum of all bytes before them (CRC-32, as in a ZIP). An indented document
#: has a blank behind the colon, so that who formats it anew is told from damage
_SUM = b',\n  "checksum":"crc32 %08x"\n}'
_IS_SUM = re.compile(rb'  "checksum":"crc32 ([0-9a-f]{8})"\n?')


def write_document(path: Path, plain: Mapping[str, Any], series: Iterable[Any]) -> None:
    """Write a result; members are indented, but series and lists of all steps stand on a line each.

    11 million values in memory take 2 GB as Python objects, and 80 MB as an array.

    Parameters
    ----------
    plain : all members in their order, ``series`` among them with any value; of ``version`` 2,
        what series share is left out of them
    series : each is written before the next one is asked for; numbers in lists or in arrays
    """
    if version_of(plain) == COMPACT:
        series = map(SharedParts.of(plain).shorten, series)
    with path.open("wb") as file:
        total = 0
        for text in _texts(plain, series):
            file.write(text)
            total = zlib.crc32(text, total)
        file.write(_SUM % total)


def read_document(path: Path, with_series: bool = True, arrays: bool = False) -> dict[str, Any]:
    """Read a result; series with the same times share one list of them, and so of shares of data.

    Parameters
    ----------
    with_series : whether to read the series; without, there are none
    arrays : whether the numbers of series become arrays, NaN where there is none, not lists: these
        take four times as much memory

    Raises
    ------
    FileNotFoundError : there is no such file
    DamagedResultError : it is not as it was written
    """
    reader = _Reader(path, with_series, arrays)
    with pause_collection():  # all that is read stays
        series = list(reader)
    plain = whole(reader.plain)
    plain.pop("checksum", None)
    return plain | {"series": series} if series else plain


def each_series(path: Path, arrays: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the series of a result one after the other; that it is damaged is told at its end.

    Parameters
    ----------
    arrays : see ``read_document``

    Raises
    ------
    FileNotFoundError, DamagedResultError : as ``read_document``
    """
    return iter(_Reader(path, True, arrays))


def is_compact(path: Path) -> bool:
    """Say whether a result is stored in the compact form, by its first lines.

    Raises
    ------
    FileNotFoundError : there is no such file
    """
    with path.open("rb") as file:
        return any(line.startswith(_COMPACT) for line in islice(file, 2))


def copy_whole(path: Path, target: Path) -> None:
    """Write a result of any form anew in the first one, a series at a time.

    Raises
    ------
    FileNotFoundError, DamagedResultError : as ``read_document``
    """
    plain = whole(read_document(path, with_series=False))
    write_document(target, plain, each_series(path))


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
    if name in OF_STEPS:  # a line for each of 14,610 days says no more
        return b'  "%b":%b' % (name.encode(), orjson.dumps(value))
    return orjson.dumps({name: value}, option=orjson.OPT_INDENT_2)[2:-2]


def _series_texts(series: Iterable[Any]) -> Iterator[bytes]:
    yield _FIRST
    before = b"    "
    for one in series:
        yield before + orjson.dumps(one, option=orjson.OPT_SERIALIZE_NUMPY)
        before = b",\n    "
    yield b"\n" + _LAST


class _Reader:
    """Reads a document: its series one by one, and at the end ``plain``, its other members."""

    def __init__(self, path: Path, with_series: bool, arrays: bool) -> None:
        self._path, self._with_series, self._arrays = path, with_series, arrays
        self.plain: dict[str, Any] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with self._path.open("rb") as file:
            lines = _Lines(file)
            try:
                yield from self._series(iter(lines))
            except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
                raise DamagedResultError(f"{self._path.name} is damaged: {error}") from None
            if lines.is_damaged:
                raise DamagedResultError(
                    f"{self._path.name} is damaged: its checksum is that of other content"
                )

    def _series(self, lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
        head: list[bytes] = []
        for line in lines:
            head.append(line)
            if line == _FIRST:
                break
        else:  # of other writers
            self.plain = orjson.loads(b"".join(head))
            every = self.plain.pop("series", [])
            yield from map(self._finish(self.plain), every if self._with_series else ())
            self.plain["series"] = []
            return
        plain = orjson.loads(b"".join([*head, b"]}"]))
        finish, known = self._finish(plain), _SharedLists()
        read = orjson.loads if version_of(plain) == COMPACT else known.read
        for line in lines:
            if line.startswith(_LAST):
                head.append(line)
                break
            if self._with_series and (text := line.strip().removesuffix(b",")):
                yield finish(read(text))
        self.plain = orjson.loads(b"".join([*head, *lines]))

    def _finish(self, plain: Mapping[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Return what turns a series as it is written into one of the first form."""
        if version_of(plain) == COMPACT:
            return partial(SharedParts.of(plain).restore, arrays=self._arrays)
        texts = texts_of(plain)
        return partial(as_arrays, texts=texts) if self._arrays else lambda one: one


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

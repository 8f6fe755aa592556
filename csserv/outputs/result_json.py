"""The JSON file of a result: written and read a series at a time, as there may be ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from csserv.collection_pause import pause_collection

#: lists that most series have in common
SHARED = ("time", "valid_percent")

#: the lines around the series, where each stands on a line of its own: the first one is not as an
#: indented document has it, so that such, of other writers, are told apart
_FIRST, _LAST = b'  "series":[\n', b"  ]"


def write_document(path: Path, plain: Mapping[str, Any], series: Iterable[Any]) -> None:
    """Write a result; each member is indented but the series, which stand on a line each.

    11 million values in memory take 2 GB as Python objects, and 80 MB as an array.

    Parameters
    ----------
    plain : all members in their order, ``series`` among them with any value
    series : each is written before the next one is asked for
    """
    with path.open("wb") as file:
        file.write(b"{\n")
        for number, (name, value) in enumerate(plain.items()):
            file.write(b",\n" * (number > 0))
            if name == "series":
                _write_series(file, series)
            else:
                file.write(_member(name, value))
        file.write(b"\n}")


def read_document(path: Path, with_series: bool = True) -> dict[str, Any]:
    """Read a result; series with the same times share one list of them, and so of shares of data.

    Parameters
    ----------
    with_series : whether to read the series; without, there are none

    Raises
    ------
    FileNotFoundError : there is no such file
    """
    with path.open("rb") as file, pause_collection():  # all that is read stays
        series: list[dict[str, Any]] = []
        rest = b"".join(_without_series(file, series if with_series else None))
    plain: dict[str, Any] = orjson.loads(rest)
    if series:
        plain["series"] = series
    return plain


def _member(name: str, value: Any) -> bytes:
    """Return a member as it stands in an indented object, without its braces."""
    return orjson.dumps({name: value}, option=orjson.OPT_INDENT_2)[2:-2]


def _write_series(file: BinaryIO, series: Iterable[Any]) -> None:
    file.write(_FIRST)
    for number, one in enumerate(series):
        file.write(b",\n" * (number > 0))
        file.write(b"    " + orjson.dumps(one))
    file.write(b"\n" + _LAST)


def _without_series(file: BinaryIO, series: list[dict[str, Any]] | None) -> Iterator[bytes]:
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

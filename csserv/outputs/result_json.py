"""The JSON file of a result: written and read a series at a time, as there may be ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

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
    """Read a result; series with the same times share one list of them.

    Parameters
    ----------
    with_series : whether to read the series; without, there are none

    Raises
    ------
    FileNotFoundError : there is no such file
    """
    with path.open("rb") as file:
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
    inside = False
    for line in file:
        if inside and not line.startswith(_LAST):
            if series is not None and (text := line.strip().removesuffix(b",")):
                series.append(_with_times_of(orjson.loads(text), series))
            continue
        inside = line == _FIRST
        yield line


def _with_times_of(one: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    """Let a series share the times of the first, which are half of what it takes."""
    if others and "time" in one and one["time"] == others[0].get("time"):
        one["time"] = others[0]["time"]
    return one

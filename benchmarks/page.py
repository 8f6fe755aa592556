"""The page of results: each benchmark writes its own part, and leaves the others as they are.

First of all stand the rows that miss their targets, of whatever part.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

#: title of the part that comes first
MISSED = "# What misses its target"

#: a row of a table that says so in its last column
_MISSES = re.compile(r"\|[^|]*(missed|met in \d+ of \d+)[^|]*\|$")


def put_part(page: Path, text: str) -> None:
    """Write a part in place of the one with the same title, or behind all others.

    Parameters
    ----------
    text : Markdown; its first line is the title, "# " and words
    """
    title = text.partition("\n")[0]
    every = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = {one.partition("\n")[0]: one.strip() for one in re.split(r"^(?=# )", every, flags=re.M)}
    parts.pop("", None)
    parts.pop(MISSED, None)
    parts[title] = text.strip()
    whole = [missed(parts.values()), *parts.values()]
    page.write_text("\n\n".join(whole) + "\n", encoding="utf-8")


def missed(parts: Iterable[str]) -> str:
    """Write the rows of all parts that miss a target, each below the head of its table."""
    found = [MISSED, "", "The other rows of each table stand below."]
    for part in parts:
        title, *lines = part.splitlines()
        rows = [*_missing(lines)]
        if rows:
            found += ["", f"**{title.removeprefix('# ')}**", *rows]
    return "\n".join(found)


def _missing(lines: Sequence[str]) -> Iterator[str]:
    """Yield rows that miss a target; before the first of a table, its head."""
    head: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith("| ---"):
            head = ["", *lines[number - 1 : number + 1]]
        elif _MISSES.search(line):
            yield from head
            yield line
            head = []


def machine(*packages: str) -> str:
    """Say where and with what this was measured; ``packages`` beside those that all need."""
    every = ("csserv", "numpy", "dask", "xarray", "netCDF4", *packages)
    versions = ", ".join(f"{name} {version(name)}" for name in every)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
        f"{psutil.cpu_count()} cores, Python {platform.python_version()}; {versions}."
    )

"""The page of results: each benchmark writes its own part, and leaves the others as they are."""

from __future__ import annotations

import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil


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
    parts[title] = text.strip()
    page.write_text("\n\n".join(parts.values()) + "\n", encoding="utf-8")


def machine(*packages: str) -> str:
    """Say where and with what this was measured; ``packages`` beside those that all need."""
    every = ("csserv", "numpy", "dask", "xarray", "netCDF4", *packages)
    versions = ", ".join(f"{name} {version(name)}" for name in every)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
        f"{psutil.cpu_count()} cores, Python {platform.python_version()}; {versions}."
    )

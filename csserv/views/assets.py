"""Scripts and style sheets of components, read from the files beside this one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


def script(*names: str) -> str:
    """Join scripts to one module: those that several components share, then its own."""
    return "".join(_text(f"{name}.js") for name in names)


def style(*names: str) -> list[str]:
    """Read style sheets."""
    return [_text(f"{name}.css") for name in names]


@cache
def _text(name: str) -> str:
    """Read a file, once: a page has a dozen parts that share a sheet."""
    return (HERE / name).read_text(encoding="utf-8")

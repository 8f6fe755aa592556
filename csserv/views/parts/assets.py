"""Scripts and style sheets of components, which lie in the rooms of ``csserv.views``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

VIEWS = Path(__file__).parent.parent


def script(*names: str) -> str:
    """Join scripts to one module, e.g. ``script("parts/dom", "parts/fold")``: shared ones first."""
    return "".join(_text(f"{name}.js") for name in names)


def style(*names: str) -> list[str]:
    """Read style sheets, e.g. ``style("parts/base", "parts/fold")``."""
    return [_text(f"{name}.css") for name in names]


@cache
def _text(name: str) -> str:
    """Read a file, once: a page has a dozen parts that share a sheet."""
    return (VIEWS / name).read_text(encoding="utf-8")

"""Reading of the scripts and style sheets of components, which lie in ``csserv.views``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

VIEWS = Path(__file__).parent.parent


def script(*names: str) -> str:
    """Join scripts into one module, shared ones first: ``script("parts/dom", "parts/fold")``."""
    return "".join(_text(f"{name}.js") for name in names)


def style(*names: str) -> list[str]:
    """Read style sheets: ``style("parts/base", "parts/fold")``."""
    return [_text(f"{name}.css") for name in names]


@cache
def _text(name: str) -> str:
    """Read a file, once: a dozen components of a page share a sheet."""
    return (VIEWS / name).read_text(encoding="utf-8")

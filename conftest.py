"""How tests are found without reading what has none."""

from __future__ import annotations

import gc
from pathlib import Path

PACKAGE = Path(__file__).parent / "csserv"

# what is imported while tests are found all stays: there is no garbage to look for
gc.disable()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out modules without a doctest: to import them all takes seconds, in each process."""
    if collection_path.suffix != ".py" or PACKAGE not in collection_path.parents:
        return None
    return ">>>" not in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_finish() -> None:
    """Look for garbage again, but not among what was imported."""
    gc.freeze()
    gc.enable()

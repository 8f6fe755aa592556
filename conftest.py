"""Which files are searched for tests: modules without an example need not be."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent / "csserv"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a module of the package without a doctest: to look into all took a fifth."""
    if collection_path.suffix != ".py" or not collection_path.is_relative_to(PACKAGE):
        return None
    return b">>> " not in collection_path.read_bytes() or None

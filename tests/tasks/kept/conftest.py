from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.kept.rain_files import write_archive


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write all files, and wait until they may be believed not to change unnoticed."""
    return write_archive(tmp_path_factory.mktemp("kept"))

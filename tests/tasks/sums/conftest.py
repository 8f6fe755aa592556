from __future__ import annotations

from pathlib import Path

import pytest

from csserv import Settings
from tests.tasks.kept.rain_files import settings_of, write_archive
from tests.tasks.sums.summed_files import make


@pytest.fixture(scope="session")
def rain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write files of two months each, in two versions; wait until they may be believed."""
    return write_archive(tmp_path_factory.mktemp("sums"))


@pytest.fixture(scope="module")
def summed(rain: Path) -> Settings:
    """Settings of these files, of which all sums are there."""
    own = settings_of(rain)
    for kind in ("monthly", "dekad", "pentad"):
        make(own, kind)
    return own

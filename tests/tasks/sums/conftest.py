from __future__ import annotations

import time
from pathlib import Path

import pytest

from csserv import Settings
from tests.tasks.kept.rain_files import FILES, choose, settings_of, write_file
from tests.tasks.sums.summed_files import make


@pytest.fixture(scope="session")
def rain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write files of two months each, in two versions; wait until they may be believed."""
    folder = tmp_path_factory.mktemp("sums")
    for year, month in FILES:
        for seed in (0, 1):
            write_file(folder / "all" / f"rain_{year}{month:02}_{seed}.nc", year, month, seed)
        choose(folder, year, month, 0)
    text = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain_*.nc"\nunits = "mm/day"\n'
    (folder / "own.toml").write_text(text)
    time.sleep(2.1)
    return folder


@pytest.fixture(scope="module")
def summed(rain: Path) -> Settings:
    """Settings of these files, of which all sums are there."""
    own = settings_of(rain)
    for kind in ("monthly", "dekad", "pentad"):
        make(own, kind)
    return own

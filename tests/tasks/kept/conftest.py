from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.tasks.kept.rain_files import FILES, choose, write_file


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write all files, and wait until they may be believed not to change unnoticed."""
    folder = tmp_path_factory.mktemp("kept")
    for year, month in FILES:
        for seed in (0, 1):
            write_file(folder / "all" / f"rain_{year}{month:02}_{seed}.nc", year, month, seed)
        choose(folder, year, month, 0)
    text = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain_*.nc"\nunits = "mm/day"\n'
    (folder / "own.toml").write_text(text)
    time.sleep(2.1)
    return folder

"""Files are looked at while others are put in their place."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from csserv.catalog import Granule
from csserv.catalog.header_store.known_headers import Headers
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.rewrite import rewrite
from csserv.catalog.rewrite.scratch import ChunkShape
from tests.catalog.rewrite.test_rewrite import FIELD, parted
from tests.files import LAT, LON, Layout, write_granule


def look(folder: Path, pattern: str) -> list[Path]:
    return list(Headers().look(folder, pattern, lambda path: Granule(path, "rain")))


def test_hidden_files_are_no_data(tmp_path: Path):
    for name in (".a.nc", ".old/b.nc", "c.nc"):
        write_granule(tmp_path / name, FIELD[:1], LAT, LON)
    assert [path.name for path in look(tmp_path, "**/*.nc")] == ["c.nc"]


@pytest.mark.slow
def test_either_the_old_files_are_seen_or_the_new_one(tmp_path: Path):
    parts = parted(tmp_path, Layout())
    granules = [Granule(path, "rain") for path in parts]
    rewrite(granules, tmp_path / ".made.nc", ChunkShape(7, 6, 8), Recipe(), lambda share: None)
    contents = [path.read_bytes() for path in parts]
    stop = threading.Event()

    def swap_to_and_fro() -> None:
        while not stop.is_set():
            (tmp_path / ".made.nc").rename(tmp_path / "made.nc")
            for path in parts:
                path.unlink()
            for path, content in zip(parts, contents, strict=True):
                draft = path.with_name(f".{path.name}")
                draft.write_bytes(content)
                draft.rename(path)
            (tmp_path / "made.nc").rename(tmp_path / ".made.nc")

    swapping = threading.Thread(target=swap_to_and_fro)
    swapping.start()
    try:
        for _ in range(10):
            seen = look(tmp_path, "*.nc")
            assert {path.name for path in seen} >= {"made.nc"} or len(seen) == 3
    finally:
        stop.set()
        swapping.join()

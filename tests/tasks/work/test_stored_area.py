"""A stored area is read only if it is what was stored: a moved corner would change all numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from csserv import Area
from csserv.errors import InvalidAreaError, TaskFailedError
from csserv.outputs import Result
from csserv.request import Zone
from csserv.tasks.log.on_disk.area_files import AreaFiles
from csserv.tasks.work.worker_calls import _stored_area


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    area = Area.from_box(34, 1, 35, 2)
    (tmp_path / "areas").mkdir()
    files = AreaFiles(tmp_path / "areas")
    with files.draft(area) as draft:
        files.store(draft)
    files.sync()
    return tmp_path / "areas" / f"{area.sha256}.geojson"


def test_area_that_is_whole_is_read_by_all(stored: Path):
    assert _stored_area(stored).sha256 == stored.stem
    assert opened(stored).area.sha256 == stored.stem


def test_each_flipped_bit_is_refused_by_all(stored: Path):
    raw = stored.read_bytes()
    for place in range(0, len(raw), 3):
        stored.write_bytes(raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :])
        with pytest.raises(TaskFailedError, match="is damaged; submit the request again"):
            _stored_area(stored)
        with pytest.raises(InvalidAreaError, match="is damaged; give the zones"):
            _ = opened(stored).area


def test_area_that_is_large_is_made_once_and_its_file_read_each_time(tmp_path: Path):
    far = [Zone(str(n), f"{n} {'z' * 90}", shapely.Point(n / 9, 1)) for n in range(900)]
    large, small = Area(tuple(far), "large"), Area(tuple(far[:1]), "small")
    (tmp_path / "areas").mkdir()
    files = AreaFiles(tmp_path / "areas")
    for area in (large, small):
        with files.draft(area) as draft:
            files.store(draft)
    found = files.read(large.sha256)
    assert [found.sha256, files.read(small.sha256).sha256] == [large.sha256, small.sha256]
    assert files.read(large.sha256) is found
    path = tmp_path / "areas" / f"{large.sha256}.geojson"
    path.write_bytes(path.read_bytes().replace(b"z", b"y", 1))
    with pytest.raises(TaskFailedError, match="is damaged"):
        files.read(large.sha256)


def opened(stored: Path) -> Result:
    """A result of the area, of which only the request is there."""
    folder = stored.parent.parent / "results" / "t"
    folder.mkdir(parents=True, exist_ok=True)
    plain = {"request": {"area_sha256": stored.stem}, "series": []}
    (folder / "t.json").write_text(json.dumps(plain))
    return Result(folder)

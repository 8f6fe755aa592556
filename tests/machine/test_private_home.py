"""The home folder is its owner's alone, unless the owner has opened it to a group."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from csserv.machine.private_home import hide_as_home, make_home, open_to_others
from csserv.tasks.log.task_log import TaskLog


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_private_and_its_parents_are_not(tmp_path: Path):
    TaskLog(tmp_path / "a" / "home")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "home")) == (0o755, 0o700)


def test_a_home_that_exists_stays_as_it_is(tmp_path: Path):
    (tmp_path / "home").mkdir()
    make_home(tmp_path / "home")
    assert mode(tmp_path / "home") == 0o755
    assert open_to_others(tmp_path / "home")


@pytest.mark.parametrize(
    ("home", "file"), [(0o700, 0o600), (0o770, 0o660), (0o750, 0o640), (0o755, 0o644)]
)
def test_files_are_as_open_as_the_home(tmp_path: Path, home: int, file: int):
    os.umask(0o002 if home == 0o770 else 0o022)
    tmp_path.chmod(home)
    hide_as_home(tmp_path)
    (tmp_path / "file").touch()
    assert mode(tmp_path / "file") == file


def test_files_beside_a_home_that_is_not_there_yet_are_private(tmp_path: Path):
    hide_as_home(tmp_path / "home")
    (tmp_path / "file").touch()
    assert mode(tmp_path / "file") == 0o600

"""Who waits for files of a folder is woken when one changes, by whatever means."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from csserv.machine.folder_watch import FolderWatch, told_of_changes

#: nobody waits longer [s]
LONG = 60.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of changes")


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def replace(path: Path) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(b"new")
    draft.rename(path)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[FolderWatch]:
    (tmp_path / "log").write_bytes(b"")
    with FolderWatch(tmp_path, ("log",)) as watch:
        yield watch


@pytest.mark.parametrize("change", [append, replace])
def test_a_change_before_or_during_the_wait_ends_it(
    tmp_path: Path, watch: FolderWatch, change: Callable[[Path], None]
):
    assert watch.is_told
    change(tmp_path / "log")
    assert watch.wait(LONG)
    changing = threading.Timer(0.1, change, [tmp_path / "log"])
    changing.start()
    assert watch.wait(LONG)
    changing.join()


def test_a_change_is_told_once_and_other_files_are_none_of_ours(tmp_path: Path, watch: FolderWatch):
    append(tmp_path / "log")
    assert watch.wait(LONG)
    append(tmp_path / "another")
    replace(tmp_path / "a third")
    assert not watch.wait(0.05)


def test_more_changes_than_are_counted_are_told_all_the_same(tmp_path: Path, watch: FolderWatch):
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    names = [os.fspath(tmp_path / name) for name in "ab"]
    handles = [os.open(name, os.O_CREAT | os.O_WRONLY) for name in names]
    for number in range(most + 2):  # in turn: the same twice is told once
        os.pwrite(handles[number % 2], b"x", 0)
    append(tmp_path / "log")  # is lost
    for handle in handles:
        os.close(handle)
    assert watch.wait(LONG)


def test_a_function_is_called_after_changes_as_long_as_it_is_wanted(tmp_path: Path):
    told = threading.Event()
    with told_of_changes(lambda: FolderWatch(tmp_path, ("log",)), told.set):
        while not told.wait(0.05):  # the thread may not watch yet
            append(tmp_path / "log")
    assert told.is_set()


def test_where_nothing_is_told_the_time_passes(tmp_path: Path):
    with FolderWatch(tmp_path / "none", ("log",)) as watch:
        assert not watch.is_told
        assert not watch.wait(0.01)


def test_a_closed_one_leaves_no_file_open(tmp_path: Path):
    before = psutil.Process().num_fds()
    for _ in range(3):
        FolderWatch(tmp_path, ("log",)).close()
    assert psutil.Process().num_fds() == before

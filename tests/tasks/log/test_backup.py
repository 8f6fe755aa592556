"""Backups: one moment of a living home, each byte checked, and nothing written over."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from csserv.access.favourites import Favourite, Favourites
from csserv.errors import DamagedLogError, TaskLogError
from csserv.tasks.log.repair.backup import back_up
from csserv.tasks.log.repair.restore import check_backup, restore
from csserv.tasks.log.task import TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from tests.tasks.log.test_damage import cut, home_of
from tests.tasks.log.test_repair import write_result
from tests.tasks.log.test_task_log import REQUEST, add


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of ten tasks: three archived, one with a result."""
    log = TaskLog(home_of(tmp_path / "home"))
    for number in range(3):
        log.cancel(f"t{number}")
    log.archive_finished(keep=0)
    task = log.claim(60)
    assert task is not None
    write_result(log.home, task)
    log.succeed(task, 365)
    (log.home / "tokens.json").write_text("{}")
    Favourites(log.home, "anna").add(Favourite.of("area", "Lake", "?area=KEN"))
    return log.home


def test_restored_home_is_as_it_was(home: Path, tmp_path: Path):
    back_up(home, tmp_path / "b.tar")
    other = tmp_path / "other"
    restore(tmp_path / "b.tar", other)
    log, before = TaskLog(other), TaskLog(home)
    assert log.find(TaskFilter()) == before.find(TaskFilter())
    assert [task.state for task in log.all()].count(TaskState.SUCCEEDED) == 1
    assert log.area(log.get("t5").request) == REQUEST.area
    for folder in ("results", "areas"):
        names = {path.relative_to(home) for path in (home / folder).rglob("*")}
        assert names == {path.relative_to(other) for path in (other / folder).rglob("*")}
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    assert (other / "tokens.json").stat().st_mode & 0o077 == 0
    assert Favourites(other, "anna").find("area", "Lake").query == "?area=KEN"
    add(log, "new")


def test_results_may_be_left_out(home: Path, tmp_path: Path):
    saved = back_up(home, tmp_path / "b.tar", with_results=False)
    assert not any(name.startswith("results/") for name in saved.files)


def test_backup_is_one_moment_while_tasks_are_submitted_and_archived(home: Path, tmp_path: Path):
    stop = threading.Event()
    log = TaskLog(home)
    acknowledged: list[str] = []

    def work() -> None:
        number = 0
        while not stop.is_set():
            add(log, f"n{number}")
            acknowledged.append(f"n{number}")
            if number % 2:
                log.cancel(f"n{number}")
            if number % 9 == 0:
                log.archive_finished(keep=0)
            number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(6):
            before = list(acknowledged)
            back_up(home, tmp_path / "b.tar")
            after = len(acknowledged) + 1
            other = tmp_path / f"other{number}"
            restore(tmp_path / "b.tar", other)
            found = [task.id for task in TaskLog(other).find(TaskFilter(), 0, 99999)]
            assert len(found) == len(set(found))
            assert (
                set(before)
                <= set(found)
                <= {f"t{i}" for i in range(10)} | {f"n{i}" for i in range(after)}
            )
    finally:
        stop.set()
        thread.join()


def test_each_damaged_backup_is_refused_before_anything_is_written(home: Path, tmp_path: Path):
    source = tmp_path / "b.tar"
    back_up(home, source)
    whole = source.read_bytes()
    manifest = check_backup(source)
    assert manifest["files"]
    places = [500, 600, len(whole) // 2 - 300]
    broken = [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in places]
    broken += [whole[: len(whole) // 2], whole[:-12000], b"", b"no tar" * 1000]
    for text in broken:
        source.write_bytes(text)
        other = tmp_path / "other"
        with pytest.raises(TaskLogError, match=r"backup|damaged"):
            restore(source, other)
        assert not other.exists()


def test_home_that_is_not_empty_is_refused_or_kept(home: Path, tmp_path: Path):
    back_up(home, tmp_path / "b.tar")
    add(TaskLog(home), "later")
    with pytest.raises(TaskLogError, match="not empty"):
        restore(tmp_path / "b.tar", home)
    assert TaskLog(home).get("later")
    restore(tmp_path / "b.tar", home, replaces=True)
    assert len(TaskLog(home).find(TaskFilter())) == 10
    (kept,) = home.glob("replaced-*")
    assert TaskLog(kept).get("later")


def test_home_in_use_is_not_restored(home: Path, tmp_path: Path):
    back_up(home, tmp_path / "b.tar")
    server = TaskLog(home, threaded=True)
    with pytest.raises(TaskLogError, match="a server"):
        restore(tmp_path / "b.tar", home, replaces=True)
    assert len(server.find(TaskFilter())) == 10


def test_damaged_log_is_not_backed_up_as_if_it_were_whole(home: Path, tmp_path: Path):
    cut(home / "task_log.json")
    with pytest.raises(DamagedLogError):
        back_up(home, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()

"""Archives: found by an index that can always be made anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from tinydb import TinyDB, where

from csserv.errors import TaskError
from csserv.tasks.log.archived.archive import Archive
from csserv.tasks.log.task import TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from tests.tasks.log.test_task_log import add


@pytest.fixture
def log(tmp_path: Path) -> TaskLog:
    """A log of 31 tasks, 20 of them archived, one open."""
    log = TaskLog(tmp_path)
    for i in range(30):
        add(log, f"t{i}")
        log.cancel(f"t{i}")
    add(log, "open")
    assert log.archive_finished(keep=10) == 20
    return log


def test_finished_tasks_move_to_archives_and_are_found_there(log: TaskLog):
    assert log.archive_finished(keep=10) == 0
    assert len(log.all()) == 11
    assert log.get("t0").state is TaskState.CANCELLED
    (path,) = (log.home / "archive").glob("*.json")
    with TinyDB(path, access_mode="r") as db:
        assert [one["id"] for one in db] == [f"t{i}" for i in range(20)]


def test_index_is_made_anew_when_it_is_lost_or_damaged(log: TaskLog):
    index = log.home / "archive" / "index.sqlite"
    for spoil in (index.unlink, lambda: index.write_bytes(b"no database" * 1000)):
        spoil()
        assert TaskLog(log.home).get("t7").id == "t7"
    log.archive_finished(keep=0)
    assert TaskLog(log.home).get("t29").id == "t29"


def test_writer_killed_before_the_index_was_written_doubles_nothing(log: TaskLog):
    archive = log.home / "archive"
    index = (archive / "index.sqlite").read_bytes()
    tasks = [log.get(f"t{i}").to_dict() for i in range(20, 30)]
    Archive(archive).add(tasks)
    (archive / "index.sqlite").write_bytes(index)  # as if killed after the file was written
    assert log.archive_finished(keep=0) == 10
    (path,) = archive.glob("*.json")
    with TinyDB(path, access_mode="r") as db:
        assert sorted(one["id"] for one in db) == sorted(f"t{i}" for i in range(30))
    assert log.get("t25").id == "t25"


def test_archive_of_an_older_version_is_indexed(tmp_path: Path, log: TaskLog):
    tasks = [log.get(f"t{i}").to_dict() for i in range(3)]
    home = tmp_path / "other"
    (home / "archive").mkdir(parents=True)
    (home / "task_log.json").write_text('{"_default": {}}')
    with TinyDB(home / "archive" / "task_log-2026-01.json", indent=2) as db:
        db.insert_multiple(tasks)
    assert TaskLog(home).get("t2").id == "t2"
    assert TaskLog(home).find(TaskFilter(), 0, 9) == [log.get(f"t{i}") for i in (2, 1, 0)]


def test_month_goes_on_in_a_further_file(log: TaskLog, tmp_path: Path):
    folder = tmp_path / "small"
    folder.mkdir()
    archive = Archive(folder, file_size=1000)
    for first in (0, 10):
        archive.add([log.get(f"t{i}").to_dict() for i in range(first, first + 10)])
    assert len(list(folder.glob("task_log-*.json"))) == 2
    for path in folder.glob("task_log-*.json"):
        with TinyDB(path, access_mode="r") as db:
            assert len(db) == 10
    found = [archive.get(f"t{i}") for i in range(20)]
    assert [one and one["id"] for one in found] == [f"t{i}" for i in range(20)]


def test_archive_file_that_somebody_removed_is_no_error(log: TaskLog):
    for path in (log.home / "archive").glob("*.json"):
        path.unlink()
    assert len(log.find(TaskFilter())) == 11


def test_a_record_that_was_lost_and_found_again_is_archived_again(log: TaskLog):
    (path,) = (log.home / "archive").glob("*.json")
    lost = [task for task in log.find(TaskFilter(), 0, 99) if task.state.is_final][-1]
    with TinyDB(path) as db:
        db.remove(where("id") == lost.id)
    with pytest.raises(TaskError):
        log.get(lost.id)
    with log._db.transaction() as table:  # as a repair does it, that has found its result
        table.insert(lost.to_dict())
    assert log.archive_finished(keep=0) >= 1
    assert TaskLog(log.home).get(lost.id) == lost


@pytest.mark.parametrize("is_met_by_a_reader", [False, True])
def test_what_somebody_has_edited_by_plain_tinydb_counts_and_nothing_is_set_aside(
    log: TaskLog, is_met_by_a_reader: bool
):
    (path,) = (log.home / "archive").glob("*.json")
    with TinyDB(path) as db:
        db.update({"client": "somebody with a long name"}, where("id") == "t3")
    if is_met_by_a_reader:  # who has looked at the index just before
        with log._db.transaction():
            log._archived.ask(lambda archive: archive.mend(path.name))
    for one in (log, TaskLog(log.home)):
        found = {task.id: task for task in one.find(TaskFilter(), count=100)}
        assert found.keys() == {"open", *(f"t{i}" for i in range(30))}
        assert found["t3"].client == "somebody with a long name"
        assert one.get("t19").state is TaskState.CANCELLED
        assert (one.set_aside, one.troubles()) == ([], [])
    assert log.archive_finished(keep=0) == 10
    assert len(TaskLog(log.home).find(TaskFilter(), count=100)) == 31

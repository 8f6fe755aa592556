"""A failed read is no empty state: what cannot be read is kept, told, and never written over."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from tinydb import TinyDB

from csserv.errors import (
    DamagedLogError,
    InvalidRequestError,
    TaskFailedError,
    TaskLogError,
    TooManyRequestsError,
)
from csserv.request import Options
from csserv.tasks.log.on_disk.journal import journal_line
from csserv.tasks.log.on_disk.mark import LENGTH
from csserv.tasks.log.on_disk.sealed import SCHEMA, seal
from csserv.tasks.log.storage import REWRITE_LIMIT
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from tests.tasks.log.test_task_log import REQUEST, add

Spoil = Callable[[Path], object]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def flip(path: Path, place: int = -400, bit: int = 4) -> None:
    raw = bytearray(path.read_bytes())
    raw[place % len(raw)] ^= bit
    path.write_bytes(raw)


def be_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def be_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def be_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


#: what happens to a file → how
WAYS: dict[str, Spoil] = {
    "its end is cut": cut,
    "a bit flips": flip,
    "a bit of its first letter flips": lambda path: flip(path, 0),
    "a bit of its last letter flips": lambda path: flip(path, -1),
    "it is empty": lambda path: path.write_bytes(b""),
    "it is all zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "zeros follow it": lambda path: path.write_bytes(path.read_bytes() + bytes(512)),
    "it is JSON of something else": lambda path: path.write_bytes(b'{"_default":{"1":{"a":2}}}'),
    "it is a list": lambda path: path.write_bytes(b"[]"),
    "it is an empty object": lambda path: path.write_bytes(b"{}"),
    "its text is broken": lambda path: path.write_bytes(path.read_bytes()[:99] + b"\xff\xfe"),
    "it is gone": Path.unlink,
    "it is a folder": be_folder,
    "it is a pipe": be_pipe,
    "it is a link to itself": be_loop,
}


def home_of(folder: Path, tasks: int = 10) -> Path:
    log = TaskLog(folder)
    for number in range(tasks):
        add(log, f"t{number}")
    return folder


@pytest.mark.parametrize("way", WAYS)
def test_log_that_cannot_be_read_is_refused_each_time_and_never_written_over(
    tmp_path: Path, way: str
):
    home = home_of(tmp_path)
    whole = (home / "task_log.json").read_bytes()
    WAYS[way](home / "task_log.json")
    log = TaskLog(home, threaded=True)
    for _ in range(2):
        for ask in (log.all, lambda: add(log, "new"), lambda: log.claim(9), log.checkpoint):
            with pytest.raises(TaskLogError, match="task_log"):
                ask()
    with pytest.raises(TaskLogError):
        TaskLog(home).all()
    if (home / "task_log.json").is_file():
        assert (home / "task_log.json").read_bytes() != whole
        with pytest.raises(DamagedLogError, match="run: csserv repair"):
            log.all()
        (copy,) = (home / "damaged").iterdir()
        assert copy.read_bytes() == (home / "task_log.json").read_bytes()


def test_log_whose_older_tasks_turn_up_is_not_begun_anew(tmp_path: Path):
    older = home_of(tmp_path / "older")
    TaskLog(older).claim(9)
    for number in range(10):
        TaskLog(older).cancel(f"t{number}")
    TaskLog(older).archive_finished(keep=0)
    log = TaskLog(tmp_path / "home")
    assert log.all() == []  # so far there is nothing
    (archived,) = (older / "archive").glob("task_log-*.json")
    archived.rename(tmp_path / "home" / "archive" / archived.name)
    with pytest.raises(DamagedLogError, match="has its older tasks"):
        add(log, "new")
    with pytest.raises(DamagedLogError, match="has its older tasks"):
        log.all()


@pytest.mark.parametrize("way", [way for way in WAYS if "link" not in way])  # such may pass
def test_process_that_knows_the_log_writes_it_anew_with_all_that_was_acknowledged(
    tmp_path: Path, way: str
):
    home = home_of(tmp_path)
    log = TaskLog(home)
    log.all()
    path = home / "task_log.json"
    path.with_suffix(".new").write_bytes(path.read_bytes())
    path.with_suffix(".new").replace(path)  # so that it is read again
    WAYS[way](path)
    add(log, "new")
    assert {task.id for task in TaskLog(home).all()} == {f"t{i}" for i in range(10)} | {"new"}


@pytest.mark.parametrize("way", [way for way in WAYS if "link" not in way])
def test_process_that_only_reads_puts_right_what_was_damaged_where_it_lies(
    tmp_path: Path, way: str
):
    home = home_of(tmp_path)
    known = TaskLog(home)
    assert len(known.all()) == 10
    with pytest.raises(TooManyRequestsError):  # before anything has changed: all stays known
        known.add(replace(known.get("t0"), id="one too many"), REQUEST.area, max_open=1)
    WAYS[way](home / "task_log.json")
    with pytest.raises(TaskLogError):
        TaskLog(home).all()
    assert len(known.all()) == 10
    assert len(TaskLog(home).all()) == 10


def large(home: Path) -> TaskLog:
    """A log with a journal of ten lines; it folds the journal when nobody holds it."""
    log = TaskLog(home)
    add(log, "first")
    tasks = [log.get("first").to_dict() | {"id": f"old{i}"} for i in range(400)]
    with log._db.transaction() as table:
        table.insert_multiple(tasks)
    assert (home / "task_log.json").stat().st_size > REWRITE_LIMIT
    for number in range(10):
        add(log, f"t{number}")
    assert (home / "task_log.journal").read_bytes().count(b"\n") == 10
    return log


def copied(home: Path, folder: Path) -> Path:
    """The same files, as a process finds them that never saw them."""
    folder.mkdir()
    (folder / "archive").mkdir()
    for path in home.glob("task_log.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("way", [way for way in WAYS if "link" not in way])
def test_log_is_put_right_also_after_a_claim_that_was_not_on_disk_yet(tmp_path: Path, way: str):
    runner = large(tmp_path)
    reader = TaskLog(tmp_path)
    reader.all()
    claimed = runner.claim(9)  # its line does not wait for the disk
    assert claimed is not None
    WAYS[way](tmp_path / "task_log.json")
    for log in (runner, reader):
        assert len(log.all()) == 411
    assert TaskLog(tmp_path).get(claimed.id).state == "running"


@pytest.mark.parametrize("left", [0, 1, 400])
@pytest.mark.parametrize("tasks", [1, 300])  # so many are no line: the file is written anew
def test_journal_that_is_cut_while_somebody_writes_loses_nothing(
    tmp_path: Path, left: int, tasks: int
):
    log = large(tmp_path)
    with log.together():
        for number in range(tasks):
            add(log, f"new {number}")
        os.truncate(tmp_path / "task_log.journal", left)
    assert len(TaskLog(tmp_path).all()) == len(log.all()) == 411 + tasks


def test_journal_that_is_removed_while_somebody_writes_loses_nothing(tmp_path: Path):
    log = large(tmp_path)
    with log.together():
        add(log, "new")
        (tmp_path / "task_log.journal").unlink()
    assert len(TaskLog(tmp_path).all()) == len(log.all()) == 412


@pytest.mark.parametrize("way", [way for way in WAYS if "link" not in way])
def test_who_knows_the_file_puts_it_right_with_all_lines_of_its_journal(tmp_path: Path, way: str):
    runner = large(tmp_path)
    reader = TaskLog(tmp_path)
    reader.all()
    add(runner, "later")
    claimed = runner.claim(9)
    assert claimed is not None
    WAYS[way](tmp_path / "task_log.json")
    assert len(reader.all()) == 412
    assert len(runner.all()) == 412
    assert TaskLog(tmp_path).get(claimed.id).state == "running"


def test_each_flipped_bit_of_the_journal_is_told(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    size = (home / "task_log.journal").stat().st_size
    for number, place in enumerate(range(3, size, size // 40)):
        other = copied(home, tmp_path / f"copy{number}")
        flip(other / "task_log.journal", place, 1 << number % 8)
        with pytest.raises(DamagedLogError, match="journal"):
            TaskLog(other).all()
    assert {f"t{i}" for i in range(10)} <= {task.id for task in log.all()}


def test_journal_that_lost_lines_or_is_gone_is_told(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    lines = (home / "task_log.journal").read_bytes().splitlines(keepends=True)
    shorter: dict[str, Spoil] = {
        "a line": lambda path: path.write_bytes(b"".join(lines[:-1])),
        "half a line": lambda path: path.write_bytes(b"".join(lines)[:-30]),
        "all": lambda path: path.write_bytes(b""),
        "the file": Path.unlink,
    }
    for number, spoil in enumerate(shorter.values()):
        other = copied(home, tmp_path / f"copy{number}")
        spoil(other / "task_log.journal")
        with pytest.raises(DamagedLogError, match="lost lines"):
            TaskLog(other).all()
    assert len(log.all()) == 411


def test_line_that_was_not_acknowledged_is_dropped_as_after_any_crash(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    torn = journal_line({"_default": {"999": log.get("t9").to_dict() | {"id": "torn"}}})
    for number, tail in enumerate((torn[:50], torn[:50] + bytes(4000), bytes(4096))):
        other = copied(home, tmp_path / f"copy{number}")
        with (other / "task_log.journal").open("ab") as file:
            file.write(tail)
        found = TaskLog(other)
        assert len(found.all()) == len(log.all()) == 411
        add(found, "next")
        assert TaskLog(other).get("next").id == "next"


def test_mark_older_than_the_log_or_unreadable_raises_no_alarm(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    marks = [b"", bytes(LENGTH), b"x" * LENGTH, (home / "task_log.lock").read_bytes()]
    add(log, "later")
    for number, mark in enumerate(marks):
        other = copied(home, tmp_path / f"copy{number}")
        (other / "task_log.lock").write_bytes(mark)
        assert TaskLog(other).get("later").id == "later"


def test_file_of_an_older_version_is_read_and_gets_checksums(tmp_path: Path):
    home = home_of(tmp_path)
    tables = orjson.loads((home / "task_log.json").read_bytes())
    old = orjson.dumps({"_default": tables["_default"]})
    (home / "task_log.json").write_bytes(old)
    log = TaskLog(home)
    assert len(log.all()) == 10
    add(log, "new")
    assert b'"_csserv"' in (home / "task_log.json").read_bytes()


def test_what_an_older_version_or_plain_tinydb_wrote_in_between_is_read(tmp_path: Path):
    home = home_of(tmp_path)
    tables = orjson.loads((home / "task_log.json").read_bytes())
    tables["_default"]["11"] = tables["_default"]["1"] | {"id": "by an older one"}
    (home / "task_log.json").write_bytes(orjson.dumps(tables))  # with checksums that are no more
    assert len(TaskLog(home).all()) == 11
    with TinyDB(home / "task_log.json") as db:
        db.remove(doc_ids=[11])
    assert len(TaskLog(home).all()) == 10


def test_fields_of_a_newer_version_are_kept(tmp_path: Path):
    home = home_of(tmp_path, 2)
    tables = orjson.loads((home / "task_log.json").read_bytes())
    for record in tables["_default"].values():
        record["colour"] = "blue"
        record["request"]["resolution"] = 3
    (home / "task_log.json").write_bytes(seal({"_default": tables["_default"]})[0])
    log = TaskLog(home)
    log.claim(9)
    log.cancel("t0")
    assert log.archive_finished(keep=0) == 1
    add(log, "new")
    for path in (home / "task_log.json", *(home / "archive").glob("*.json")):
        with TinyDB(path, access_mode="r") as db:
            old = [one for one in db if one["id"] != "new"]
        assert [(one["colour"], one["request"]["resolution"]) for one in old] == [("blue", 3)]
    assert TaskLog(home).find(TaskFilter())[-1].id == "t0"


def test_request_with_options_of_a_newer_version_is_shown_but_not_computed(tmp_path: Path):
    home = home_of(tmp_path, 1)
    tables = orjson.loads((home / "task_log.json").read_bytes())
    tables["_default"]["1"]["request"]["options"] = {"time_step": "monthly", "colour": "blue"}
    (home / "task_log.json").write_bytes(seal({"_default": tables["_default"]})[0])
    (task,) = TaskLog(home).all()
    assert "monthly" in task.request.file_stem
    assert Options.as_known({"weighting": "newest"}) == Options()
    with pytest.raises(InvalidRequestError, match="colour among its options"):
        Options.from_dict(task.request.options)


def test_schema_and_state_of_a_newer_version_are_refused_in_words(tmp_path: Path):
    home = home_of(tmp_path, 2)
    text = (home / "task_log.json").read_bytes()
    tables = orjson.loads(text)
    newer = text.replace(b'"schema":%d' % SCHEMA, b'"schema":%d' % (SCHEMA + 8))
    front = newer[:-12]
    (home / "task_log.json").write_bytes(b'%b%08x"}}}' % (front, zlib.crc32(front)))
    with pytest.raises(TaskLogError, match="newer csserv"):
        TaskLog(home).all()
    assert b'"schema":9' in (home / "task_log.json").read_bytes()
    tables["_default"]["1"]["state"] = "paused"
    (home / "task_log.json").write_bytes(seal({"_default": tables["_default"]})[0])
    with pytest.raises(TaskLogError, match="'paused'"):
        TaskLog(home).all()


@pytest.fixture
def archived(tmp_path: Path) -> TaskLog:
    """A log of 30 finished tasks, 20 of them archived."""
    log = TaskLog(home_of(tmp_path, 30))
    for number in range(30):
        log.cancel(f"t{number}")
    assert log.archive_finished(keep=10) == 20
    return log


@pytest.mark.parametrize("way", WAYS)
def test_damaged_archive_is_set_aside_and_the_log_goes_on_with_what_is_whole(
    archived: TaskLog, way: str
):
    (path,) = (archived.home / "archive").glob("*.json")
    text = path.read_bytes()
    WAYS[way](path)
    log = TaskLog(archived.home)
    found = {task.id for task in log.find(TaskFilter(), 0, 99)}
    assert found >= {f"t{i}" for i in range(20, 30)}
    if found != {f"t{i}" for i in range(30)}:
        assert log.set_aside or log.troubles()
        lost = next(f"t{i}" for i in range(20) if f"t{i}" not in found)
        with pytest.raises(TaskLogError, match="repair"):
            log.get(lost)
    add(log, "new")
    log.cancel("new")
    log.archive_finished(keep=0)
    assert {task.id for task in TaskLog(log.home).find(TaskFilter(), 0, 99)} == found | {"new"}
    assert way not in ("a bit flips", "its end is cut") or len(found) > 28, text


@pytest.mark.parametrize("way", [*WAYS, "it is another database"])
def test_damaged_index_is_made_anew(archived: TaskLog, way: str):
    index = archived.home / "archive" / "index.sqlite"
    if way in WAYS:
        WAYS[way](index)
    else:
        index.unlink()
        sqlite3.connect(index).execute("CREATE TABLE tasks (a, b)").connection.close()
    found = TaskLog(archived.home).find(TaskFilter(), 0, 99)
    assert {task.id for task in found} == {f"t{i}" for i in range(30)}


def test_each_flipped_bit_of_the_index_changes_no_list(archived: TaskLog):
    index = archived.home / "archive" / "index.sqlite"
    size = index.stat().st_size
    for number, place in enumerate(range(7, size, size // 25)):
        flip(index, place, 1 << number % 8)
        log = TaskLog(archived.home)
        assert len(log.find(TaskFilter(), 0, 99)) == 30
        assert log.get("t7").id == "t7"


@pytest.mark.parametrize("way", WAYS)
def test_damaged_area_fails_its_task_in_words_and_the_next_request_mends_it(
    tmp_path: Path, way: str
):
    log = TaskLog(home_of(tmp_path, 1))
    (path,) = (tmp_path / "areas").iterdir()
    WAYS[way](path)
    task: Task = log.get("t0")
    with pytest.raises(TaskFailedError, match="stored area"):
        log.area(task.request)
    add(log, "again")
    assert log.area(task.request) == REQUEST.area

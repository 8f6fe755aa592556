"""Repairs: nothing that any file tells of is lost or doubled, however often they are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from csserv.errors import TaskLogError
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.on_disk.set_aside import pending
from csserv.tasks.log.repair.evidence import Evidence
from csserv.tasks.log.repair.losses import find_losses
from csserv.tasks.log.repair.repairing import plan_repair, repair
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from tests.tasks.log.test_damage import WAYS, copied, cut, flip, home_of, large
from tests.tasks.log.test_task_log import add

NAMES = {f"t{i}" for i in range(10)}


def ids(home: Path) -> list[str]:
    return sorted(task.id for task in TaskLog(home).find(TaskFilter(), 0, 9999))


def write_result(home: Path, task: Task) -> None:
    """What a runner leaves of a task that succeeded."""
    folder = home / "results" / task.id
    folder.mkdir(parents=True)
    asked = task.request
    plain = {
        "id": task.id,
        "request": {
            "dataset": asked.dataset,
            "operation": asked.operation,
            "period": asked.period,
            "area": asked.area_title,
            "area_sha256": asked.area,
            "fingerprint": asked.fingerprint,
        },
        "series": [],
        "provenance": {
            "granules": [{"file": "a.nc"}],
            "steps_read": 365,
            "started": "2026-10-01T00:00:00.000Z",
            "finished": "2026-10-01T00:01:00.000Z",
        },
    }
    (folder / f"{task.id}.json").write_text(json.dumps(plain))


def test_whole_home_needs_no_repair(tmp_path: Path):
    home = home_of(tmp_path)
    plan = plan_repair(home)
    assert not plan.is_needed, plan
    assert not plan_repair(TaskLog(tmp_path / "new").home).is_needed


@pytest.mark.parametrize("way", WAYS)
def test_every_task_that_a_file_tells_of_is_found(tmp_path: Path, way: str):
    home = home_of(tmp_path)
    for number in range(3):
        task = TaskLog(home).claim(60)
        assert task is not None
        write_result(home, task)
        assert number or TaskLog(home).succeed(task, 365)
    WAYS[way](home / "task_log.json")
    before = sorted(path.name for path in home.iterdir())
    plan = plan_repair(home)
    assert plan.is_needed
    assert sorted(path.name for path in home.iterdir()) == before
    assert repair(home).said == plan.said
    left = set(ids(home))
    assert left >= {"t0", "t1", "t2"}  # by their results
    if way in ("its end is cut", "a bit flips", "zeros follow it") or "letter" in way:
        assert left == NAMES
    assert left == NAMES or plan.missing or not (home / "task_log.json").stat().st_size > 9999
    states = {task.id: task.state for task in TaskLog(home).all()}
    assert {states[f"t{i}"] for i in range(3)} == {TaskState.SUCCEEDED}
    assert not plan_repair(home).is_needed
    assert not repair(home).is_needed
    assert set(ids(home)) == left


def test_any_one_flipped_bit_of_the_log_loses_nothing(tmp_path: Path):
    home = home_of(tmp_path / "home")
    whole = {task.id: task for task in TaskLog(home).all()}
    size = (home / "task_log.json").stat().st_size
    for number, place in enumerate(range(0, size, size // 60)):
        other = copied(home, tmp_path / f"copy{number}")
        flip(other / "task_log.json", place, 1 << number % 8)
        repair(other)
        assert {task.id: task for task in TaskLog(other).all()} == whole


def test_any_one_flipped_bit_of_the_journal_loses_nothing(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    log.cancel("t3")
    whole = {task.id: task for task in log.all()}
    journal = (home / "task_log.journal").read_bytes()
    last = len(journal) - len(journal.splitlines(keepends=True)[-1])  # the line that cancels
    places = [*range(0, len(journal), len(journal) // 25), *range(last, last + 8)]
    for number, place in enumerate(places):
        other = copied(home, tmp_path / f"copy{number}")
        flip(other / "task_log.journal", place, 1 << number % 8)
        assert repair(other).is_needed
        assert {task.id: task for task in TaskLog(other).all()} == whole, place


def test_only_the_damaged_line_is_lost(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    other = copied(home, tmp_path / "copy")
    lines = (other / "task_log.journal").read_bytes().splitlines(keepends=True)
    lines[4] = bytes(len(lines[4]) - 1) + b"\n"
    (other / "task_log.journal").write_bytes(b"".join(lines))
    assert repair(other).missing
    assert set(ids(other)) == {task.id for task in log.all()} - {"t4"}


def test_archive_is_found_again_in_what_was_set_aside_and_in_results(tmp_path: Path):
    log = TaskLog(home_of(tmp_path))
    for number in range(10):
        log.cancel(f"t{number}")
    log.archive_finished(keep=0)
    (path,) = (tmp_path / "archive").glob("*.json")
    path.write_bytes(path.read_bytes()[:-700])
    assert len(log.find(TaskFilter())) < 10
    assert log.set_aside
    repair(tmp_path)
    found = {task.id: task.state for task in TaskLog(tmp_path).find(TaskFilter())}
    assert found.keys() >= NAMES - {"t9"}
    assert not pending(tmp_path)
    assert list((tmp_path / "damaged" / "settled").glob("task_log-*"))


def test_index_that_is_gone_too_is_made_anew(tmp_path: Path):
    log = TaskLog(home_of(tmp_path))
    log.cancel("t3")
    log.archive_finished(keep=0)
    (tmp_path / "archive" / "index.sqlite").unlink()
    cut(tmp_path / "task_log.json")
    repair(tmp_path)
    assert ids(tmp_path) == sorted(NAMES)


def test_what_cannot_be_found_is_named(tmp_path: Path):
    """By what is left of it: an id in a cut record, a result, a row of the index, an area."""
    home = home_of(tmp_path / "home")
    log = TaskLog(home)
    for number in range(4):
        log.cancel(f"t{number}")
    log.archive_finished(keep=0)
    log.checkpoint()
    raw = (home / "task_log.json").read_bytes()
    start = raw.index(b'"t7"')
    broken = raw[: start + 30] + b"#" * 300 + raw[start + 330 :]  # its request cannot be read
    (home / "task_log.json").write_bytes(broken)
    (archived,) = (home / "archive").glob("*.json")
    archived.write_bytes(archived.read_bytes().partition(b'"t3"')[0])  # and nothing of the last
    (home / "results" / "t-done").mkdir(parents=True)
    (home / "results" / "t-done" / "t-done.json").write_text("{half of it")
    (home / "areas" / f"{'a' * 64}.geojson").write_text('{"title": "Lake Chad"}')
    missing = "\n".join(plan_repair(home).missing)
    assert "task t7: of its record in task_log.json, only the id can be read" in missing
    assert "task t3 of rain, which ended on 20" in missing
    assert "task t-done: its result cannot be read, and no record tells of it" in missing
    assert "a task that asked for Lake Chad: no record has its area (areas/aaaa" in missing
    assert not [one for one in NAMES - {"t3", "t7"} if f"task {one} " in missing + " "]
    repair(home)
    assert set(ids(home)) == NAMES - {"t3", "t7"}
    (report,) = (home / "damaged" / "settled").glob("repair.*.txt")
    assert missing in report.read_text()
    assert not plan_repair(home).missing  # it is told once


def test_what_cannot_be_read_now_is_not_called_lost(tmp_path: Path):
    log = TaskLog(home_of(tmp_path))
    log.cancel("t3")
    log.archive_finished(keep=0)
    (archived,) = (tmp_path / "archive").glob("*.json")
    known = {task.id: task.to_dict() for task in log.all()}
    for is_away in (False, True):
        file = Evidence(f"archive/{archived.name}", damage="cannot be read", is_away=is_away)
        told = " ".join(find_losses(tmp_path, [file], known))
        assert ("task t3 of rain" in told) is not is_away


def test_change_of_a_task_that_cannot_be_read_is_named(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    log.cancel("t3")
    journal = home / "task_log.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    place = lines[-1].index(b'"request"')
    lines[-1] = lines[-1][:place] + b"#" * 200 + lines[-1][place + 200 :]
    journal.write_bytes(b"".join(lines))
    missing = repair(home).missing
    assert "a change of task t3 in task_log.journal: it is queued as far as is known" in missing


def test_repair_waits_for_nobody_and_works_beside_nobody(tmp_path: Path):
    home = home_of(tmp_path)
    cut(home / "task_log.json")
    text = (home / "task_log.json").read_bytes()
    server = TaskLog(home, threaded=True)
    with pytest.raises(TaskLogError, match="a server"):
        repair(home)
    del server
    lock = FileLock(home / "runner.lock")
    assert lock.try_acquire()
    with pytest.raises(TaskLogError, match="a runner"):
        repair(home)
    lock.close()
    assert (home / "task_log.json").read_bytes() == text
    repair(home)
    assert set(ids(home)) == NAMES


REPAIRING = (
    "import sys; from pathlib import Path; from csserv.tasks.log.repair.repairing import repair"
)


@pytest.mark.slow
def test_repair_that_is_killed_is_done_by_the_next_one(tmp_path: Path):
    home = tmp_path / "home"
    log = large(home)
    whole = sorted(task.id for task in log.all())
    for number in range(8):
        other = copied(home, tmp_path / f"copy{number}")
        flip(other / "task_log.journal", 900)
        command = [sys.executable, "-c", REPAIRING, str(other)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(0.004 * number)
            os.kill(process.pid, signal.SIGKILL)
        repair(other)
        assert ids(other) == whole
        add(TaskLog(other), "new")


def test_log_of_a_newer_version_is_not_repaired(tmp_path: Path):
    home = home_of(tmp_path)
    text = (home / "task_log.json").read_bytes()
    front = text[:-12].replace(b'"schema":1', b'"schema":9')
    (home / "task_log.json").write_bytes(b'%b%08x"}}}' % (front, zlib.crc32(front)))
    with pytest.raises(TaskLogError, match="newer csserv"):
        repair(home)

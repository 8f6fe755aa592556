"""The task log: nothing is lost, nothing is doubled, the first ending wins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tinydb import TinyDB

from csserv.errors import TaskError, TaskNotFoundError
from csserv.request import Area, Period, Request
from csserv.tasks.lock import FileLock
from csserv.tasks.log import TaskLog
from csserv.tasks.task import TaskState

REQUEST = Request("rain", "mean", Area.from_box(30, 0, 32, 2), Period.parse("2019"))

WRITER = """
import sys
from pathlib import Path
from tests.tasks.test_log import REQUEST
from csserv.tasks.log import TaskLog

log = TaskLog(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    log.add(f"{sys.argv[2]}-{i}", REQUEST, 3)
    print(f"{sys.argv[2]}-{i}", flush=True)
"""


@pytest.fixture
def log(tmp_path: Path) -> TaskLog:
    return TaskLog(tmp_path)


def write(home: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(home), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_eight_processes_submit_500_tasks_and_none_is_lost_or_doubled(tmp_path: Path):
    counts = [63, 63, 63, 63, 62, 62, 62, 62]
    writers = [write(tmp_path, f"w{i}", count) for i, count in enumerate(counts)]
    acknowledged = {line for writer in writers for line in writer.communicate()[0].split()}
    with TinyDB(tmp_path / "task_log.json", access_mode="r") as db:
        ids = [document["id"] for document in db]
    assert len(ids) == 500
    assert set(ids) == acknowledged


def test_acknowledged_tasks_outlive_a_killed_writer(tmp_path: Path):
    for attempt in range(5):
        writer = write(tmp_path, f"k{attempt}", 500)
        assert writer.stdout is not None
        said = [writer.stdout.readline().strip() for _ in range(3 + attempt)]
        os.kill(writer.pid, signal.SIGKILL)
        said += writer.communicate()[0].split()[:-1]
        known = {task.id for task in TaskLog(tmp_path).all()}
        assert set(said) <= known
        assert len(known) < 500 * (attempt + 1)


def test_same_id_again_changes_nothing(log: TaskLog):
    first = log.add("a", REQUEST, 3)
    log.claim(60)
    assert log.add("a", REQUEST, 3).state is TaskState.RUNNING
    assert len(log.all()) == 1
    assert log.get("a").submitted == first.submitted


def test_tasks_are_claimed_once_and_oldest_first(log: TaskLog):
    for name in "abc":
        log.add(name, REQUEST, 3)
        time.sleep(0.002)
    claimed = [task.id for _ in range(3) if (task := log.claim(60))]
    assert claimed == ["a", "b", "c"]
    assert log.claim(60) is None


def test_first_ending_wins(log: TaskLog):
    log.add("a", REQUEST, 3)
    task = log.claim(60)
    assert task is not None
    assert log.cancel("a").state is TaskState.CANCELLED
    assert log.succeed(task, 5).state is TaskState.CANCELLED
    assert log.fail(task, "late").error is None


def test_only_the_present_attempt_may_end_a_task(log: TaskLog):
    log.add("a", REQUEST, 3)
    first = log.claim(60)
    assert first is not None
    log.give_back(first, "its worker died")
    second = log.claim(60)
    assert second is not None
    assert log.succeed(first, 5).state is TaskState.RUNNING
    assert log.succeed(second, 5).state is TaskState.SUCCEEDED


def test_task_fails_with_its_reason_when_its_attempts_are_used_up(log: TaskLog):
    log.add("a", REQUEST, 2)
    for state in (TaskState.QUEUED, TaskState.FAILED):
        task = log.claim(60)
        assert task is not None
        assert log.give_back(task, "a worker died").state is state
    assert log.get("a").error == "a worker died (attempt 2 of 2)"


def test_lease_that_ran_out_queues_the_task_again(log: TaskLog):
    log.add("a", REQUEST, 3)
    log.add("b", REQUEST, 3)
    assert log.claim(-1)
    assert log.claim(60)
    assert log.give_back_all("its lease ran out", before=time.time()) == 1
    assert [task.state for task in log.all()] == [TaskState.QUEUED, TaskState.RUNNING]


def test_progress_never_falls_and_renews_the_lease(log: TaskLog):
    log.add("a", REQUEST, 3)
    log.claim(1)
    before = log.get("a").lease_until
    assert [t.done for t in log.note({"a": (5, 10)}, 60)] == [5]
    assert [t.done for t in log.note({"a": (3, 10)}, 60)] == [5]
    after = log.get("a")
    assert after.progress == 0.5
    assert before is not None
    assert after.lease_until is not None
    assert after.lease_until > before


def test_finished_tasks_move_to_archives_and_are_found_there(log: TaskLog):
    for i in range(30):
        log.add(f"t{i}", REQUEST, 3)
        log.cancel(f"t{i}")
    log.add("open", REQUEST, 3)
    assert log.sweep(keep=10) == 20
    assert log.sweep(keep=10) == 0
    assert len(log.all()) == 11
    assert len(log.all(archived=True)) == 31
    assert log.get("t0").state is TaskState.CANCELLED
    archives = list((log.home / "archive").glob("*.json"))
    assert archives
    with TinyDB(archives[0], access_mode="r") as db:
        assert len(db) == 20


def test_area_is_stored_once_beside_the_log(log: TaskLog):
    log.add("a", REQUEST, 3)
    task = log.add("b", REQUEST, 3)
    assert len(list((log.home / "areas").iterdir())) == 1
    assert log.area(task.request).sha256 == REQUEST.area.sha256


def test_unknown_task_is_named(log: TaskLog):
    with pytest.raises(TaskNotFoundError, match="nobody"):
        log.get("nobody")


def test_error_in_a_transaction_writes_nothing(log: TaskLog):
    log.add("a", REQUEST, 3)
    with pytest.raises(TaskError, match="cannot go"):
        log.get("a").move_to(TaskState.SUCCEEDED)
    before = log.path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        remove_and_fail(log)
    assert log.path.read_bytes() == before
    assert [task.id for task in log.all()] == ["a"]


def remove_and_fail(log: TaskLog) -> None:
    with log._db.transaction() as table:
        table.remove(doc_ids=[1])
        _ = 1 / 0


def test_lock_is_freed_when_its_holder_is_killed(tmp_path: Path):
    code = (
        "import sys,time; from pathlib import Path; from csserv.tasks.lock import FileLock;"
        "lock = FileLock(Path(sys.argv[1])); print(lock.try_acquire(), flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "True"
    lock = FileLock(tmp_path / "lock")
    assert not lock.try_acquire()
    holder.kill()
    holder.communicate()
    assert lock.try_acquire()
    lock.close()

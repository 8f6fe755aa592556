"""The task log: nothing is lost, nothing is doubled, the first ending wins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from csserv.errors import (
    InvalidRequestError,
    TaskError,
    TaskExpiredError,
    TaskLogError,
    TaskNotFoundError,
    TooManyRequestsError,
)
from csserv.request import Area, Period, Request
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog

REQUEST = Request("rain", "mean", Area.from_box(30, 0, 32, 2), Period.parse("2019"))

WRITER = """
import sys
from pathlib import Path
from tests.tasks.log.test_task_log import REQUEST, add
from csserv.tasks.log.task_log import TaskLog

log = TaskLog(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    add(log, f"{sys.argv[2]}-{i}")
    print(f"{sys.argv[2]}-{i}", flush=True)
"""


@pytest.fixture
def log(tmp_path: Path) -> TaskLog:
    return TaskLog(tmp_path)


def add(log: TaskLog, name: str, request: Request = REQUEST, **given: Any) -> Task:
    """Queue a task under a name that is easy to read."""
    task = replace(Task.of(RequestRecord.of(request), given.pop("attempts", 3), **given), id=name)
    return log.add(task, request.area)


def write(home: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(home), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_eight_processes_submit_500_tasks_and_none_is_lost_or_doubled(tmp_path: Path):
    counts = [63, 63, 63, 63, 62, 62, 62, 62]
    writers = [write(tmp_path, f"w{i}", count) for i, count in enumerate(counts)]
    acknowledged = {line for writer in writers for line in writer.communicate()[0].split()}
    with TinyDB(tmp_path / "task_log.json", access_mode="r") as db:
        ids = [document["id"] for document in db]
    assert len(ids) == 500
    assert set(ids) == acknowledged


EAGER = """
import sys
from pathlib import Path
from tests.tasks.log.test_task_log import REQUEST
from csserv.errors import TooManyRequestsError
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.log.task import RequestRecord, Task

log = TaskLog(Path(sys.argv[1]))
for _ in range(20):
    try:
        log.add(Task.of(RequestRecord.of(REQUEST), 3, "anna"), REQUEST.area, 25)
        print("added")
    except TooManyRequestsError:
        pass
"""


@pytest.mark.slow
def test_several_submitters_at_once_do_not_pass_the_limit_together(log: TaskLog, tmp_path: Path):
    command = [sys.executable, "-c", EAGER, str(tmp_path)]
    eager = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    added = sum(one.communicate()[0].count("added") for one in eager)
    assert (added, len(log.open_ids())) == (25, 25)


def test_limit_counts_unfinished_tasks_of_one_client(log: TaskLog):
    def submit(client: str, task_id: str = "") -> Task:
        task = Task.of(RequestRecord.of(REQUEST), 3, client, task_id=task_id)
        return log.add(task, REQUEST.area, 2)

    first = submit("anna")
    submit("anna")
    submit("ben")
    with pytest.raises(TooManyRequestsError, match=r"'anna' has 2 unfinished .* at most 2") as told:
        submit("anna")
    assert told.value.retry_after > 0
    assert submit("anna", first.id) == first  # asked again, not more
    log.cancel(first.id)
    submit("anna")


@pytest.mark.slow
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
    first = add(log, "a")
    log.claim(60)
    assert add(log, "a").state is TaskState.RUNNING
    assert len(log.all()) == 1
    assert log.get("a").submitted == first.submitted


def test_tasks_are_claimed_once_and_oldest_first(log: TaskLog):
    for name in "abc":
        add(log, name)
        time.sleep(0.002)
    claimed = [task.id for _ in range(3) if (task := log.claim(60))]
    assert claimed == ["a", "b", "c"]
    assert log.claim(60) is None


def test_tasks_of_a_dataset_that_is_avoided_stay_queued(log: TaskLog):
    add(log, "a")
    dataset = log.get("a").request.dataset
    assert log.claim(60, without={dataset}) is None
    assert log.get("a").state is TaskState.QUEUED
    task = log.claim(60, without={"another"})
    assert task is not None


def test_first_ending_wins(log: TaskLog):
    add(log, "a")
    task = log.claim(60)
    assert task is not None
    assert log.cancel("a").state is TaskState.CANCELLED
    assert log.succeed(task, 5).state is TaskState.CANCELLED
    assert log.fail(task, "late").error is None


def test_only_the_present_attempt_may_end_a_task(log: TaskLog):
    add(log, "a")
    first = log.claim(60)
    assert first is not None
    log.requeue(first, "its worker died")
    second = log.claim(60)
    assert second is not None
    assert log.succeed(first, 5).state is TaskState.RUNNING
    assert log.succeed(second, 5).state is TaskState.SUCCEEDED


def test_task_fails_with_its_reason_when_its_attempts_are_used_up(log: TaskLog):
    add(log, "a", attempts=2)
    for state in (TaskState.QUEUED, TaskState.FAILED):
        task = log.claim(60)
        assert task is not None
        assert log.requeue(task, "a worker died").state is state
    assert log.get("a").error == "a worker died (attempt 2 of 2)"


def test_attempt_that_the_server_is_to_blame_for_does_not_count(log: TaskLog):
    add(log, "a", attempts=1)
    for _ in range(3):
        task = log.claim(60)
        assert task is not None
        assert log.requeue(task, "the runner stopped", counts=False).state is TaskState.QUEUED
    task = log.claim(60)
    assert task is not None
    assert task.attempt == 4
    assert log.requeue(task, "a worker died").state is TaskState.FAILED


def test_lease_that_ran_out_queues_the_task_again_unless_it_runs(log: TaskLog):
    for name in "abc":
        add(log, name)
    assert [task.id for _ in "ab" if (task := log.claim(-1))] == ["a", "b"]
    assert log.claim(60)
    assert [task.id for task in log.requeue_all("late", {"a"}, before=time.time())] == ["b"]
    states = [task.state for task in log.all()]
    assert states == [TaskState.RUNNING, TaskState.QUEUED, TaskState.RUNNING]


def test_runner_that_starts_gives_everything_back(log: TaskLog):
    for name in "abc":
        add(log, name)
    log.claim(60)
    log.claim(60)
    assert len(log.requeue_all("its runner stopped")) == 2
    assert {task.state for task in log.all()} == {TaskState.QUEUED}


def test_claims_go_by_priority_then_by_fewest_running_then_by_age(log: TaskLog):
    add(log, "anna 1", client="anna")
    add(log, "anna 2", client="anna")
    add(log, "ben 1", client="ben")
    add(log, "anna 3", client="anna")
    add(log, "urgent", client="anna", priority=1)
    add(log, "at night", client="carl", priority=-1)
    claimed = [task.id for _ in range(6) if (task := log.claim(60))]
    # after "urgent" anna has one running, so ben is first; then one each, anna's is older
    assert claimed == ["urgent", "ben 1", "anna 1", "anna 2", "anna 3", "at night"]


def test_claims_at_once_are_those_one_after_the_other_up_to_the_first_that_does_not_fit(
    log: TaskLog,
):
    for name, client in (("anna 1", "anna"), ("anna 2", "anna"), ("ben 1", "ben"), ("b 2", "ben")):
        add(log, name, client=client)
    asked: list[str] = []

    def fits(task: Task) -> bool:
        asked.append(task.id)
        return len(asked) < 3

    assert [task.id for task in log.claim_all(60, fits)] == ["anna 1", "ben 1"]
    assert asked == ["anna 1", "ben 1", "anna 2"]
    assert [task.id for task in TaskLog(log.home).all() if task.state is TaskState.QUEUED] == [
        "anna 2",
        "b 2",
    ]
    assert log.claim_all(60, lambda task: False) == []


def test_a_claim_that_a_power_cut_undoes_leaves_the_task_queued_and_no_damage(log: TaskLog):
    for number in range(40):  # more than is written anew each time
        add(log, f"{number}")
    journal = log.path.with_suffix(".journal")
    log.checkpoint()
    add(log, "the last")
    size = journal.stat().st_size
    assert log.claim(60)
    assert journal.stat().st_size > size
    assert log.get("0").state is TaskState.RUNNING
    with journal.open("r+b") as file:
        file.truncate(size)
    after = TaskLog(log.home)
    assert after.get("0").state is TaskState.QUEUED
    assert after.get("the last").state is TaskState.QUEUED


def test_changes_that_are_made_together_are_made_all_or_not_at_all(log: TaskLog):
    first, second = add(log, "a"), add(log, "b")
    with log.together():
        log.cancel(first.id)
        log.cancel(second.id)
    other = TaskLog(log.home)
    assert {task.state for task in other.all()} == {TaskState.CANCELLED}
    third, fourth = add(log, "c"), add(log, "d")
    with suppress(ZeroDivisionError), log.together():
        log.cancel(third.id)
        log.cancel(fourth.id)
        raise ZeroDivisionError
    for seen in (log, other):
        assert {seen.get(one).state for one in "cd"} == {TaskState.QUEUED}


@pytest.mark.parametrize(
    ("given", "said"), [({"priority": 11}, "-10 to 10"), ({"task_id": "mine"}, "'mine' is no UUID")]
)
def test_submission_that_makes_no_sense_is_refused(given: dict[str, Any], said: str):
    with pytest.raises(InvalidRequestError, match=said):
        Task.of(RequestRecord.of(REQUEST), 3, **given)


@pytest.mark.parametrize("given", [None, 5, b"a", ["a"], {"a"}, Path("a")])
def test_what_is_no_id_is_said_to_be_none(log: TaskLog, given: Any):
    kind = type(given).__name__
    for ask in (log.get, log.cancel, log.delete):
        with pytest.raises(InvalidRequestError, match=f"{kind}.* neither a task nor the id"):
            ask(given)


@pytest.mark.parametrize("given", ["", "b", "\0", "\ud800", "a" * 10_000])
def test_text_that_is_no_id_is_that_of_no_task(log: TaskLog, given: str):
    with pytest.raises(TaskNotFoundError, match="no task '"):
        log.get(given)


def test_id_of_another_request_is_refused(log: TaskLog):
    add(log, "a")
    with pytest.raises(InvalidRequestError, match="another request"):
        add(log, "a", Request("rain", "max", REQUEST.area, REQUEST.period))


def test_archived_id_again_changes_nothing(log: TaskLog):
    add(log, "a")
    log.cancel("a")
    assert log.archive_finished(keep=0) == 1
    assert add(log, "a").state is TaskState.CANCELLED
    assert log.all() == []


def test_progress_never_falls_and_renews_the_lease(log: TaskLog):
    add(log, "a")
    log.claim(1)
    before = log.get("a").lease_until
    assert [t.done for t in log.write_progress({"a": (5, 10)}, 60)] == [5]
    assert [t.done for t in log.write_progress({"a": (3, 10)}, 60)] == [5]
    after = log.get("a")
    assert after.progress == 0.5
    assert before is not None
    assert after.lease_until is not None
    assert after.lease_until > before


def test_area_is_stored_once_beside_the_log(log: TaskLog):
    add(log, "a")
    task = add(log, "b")
    assert len(list((log.home / "areas").iterdir())) == 1
    assert log.area(task.request).sha256 == REQUEST.area.sha256


def test_unknown_task_is_named(log: TaskLog):
    with pytest.raises(TaskNotFoundError, match="nobody"):
        log.get("nobody")


def test_tasks_are_listed_newest_first_by_page_whether_archived_or_not(log: TaskLog):
    for i in range(30):
        add(log, f"t{i:02}", client="anna" if i % 2 else "ben")
        log.cancel(f"t{i:02}")
        if i == 19:
            assert log.archive_finished(keep=0) == 20
        time.sleep(0.002)
    names = [f"t{i:02}" for i in reversed(range(30))]
    everyone = TaskFilter()
    assert [task.id for task in log.find(everyone, 0, 7)] == names[:7]
    assert [task.id for task in log.find(everyone, 7, 7)] == names[7:14]
    assert [task.id for task in log.find(everyone, 28, 7)] == names[28:]
    assert len(log.find(TaskFilter(client="anna"))) == 15
    assert log.find(TaskFilter(dataset="snow")) == []
    assert log.find(TaskFilter(state=TaskState.QUEUED)) == []
    since = log.get("t10").submitted
    assert [task.id for task in log.find(TaskFilter(since=since))] == names[:20]
    with pytest.raises(InvalidRequestError, match="'last week' is no moment"):
        TaskFilter(since="last week")


def test_archived_tasks_stand_among_open_ones_by_when_they_were_submitted(log: TaskLog):
    names = [f"t{i:02}" for i in range(12)]
    for name in names:
        add(log, name)
        time.sleep(0.002)
    for name in names[1::2]:
        log.cancel(name)
    assert log.archive_finished(keep=0) == 6
    names.reverse()
    for first in range(13):
        for count in range(1, 13):
            found = [task.id for task in log.find(TaskFilter(), first, count)]
            assert found == names[first : first + count]


def test_since_is_compared_in_utc():
    assert TaskFilter(since="2026-03-01T02:00+02:00").since == "2026-03-01T00:00:00"
    assert TaskFilter(since="2026-03-01").since == "2026-03-01T00:00:00"


def test_dropped_tasks_say_when_they_ended_and_their_areas_go(log: TaskLog):
    add(log, "old")
    log.cancel("old")
    kept = Request("rain", "mean", Area.from_box(0, 0, 1, 1), REQUEST.period)
    add(log, "open", kept)
    assert log.delete_before("2000-01-01") == 0
    assert log.delete_before("9999-01-01") == 1
    with pytest.raises(TaskExpiredError, match="task old ended on 20"):
        log.get("old")
    assert log.get("open").state is TaskState.QUEUED
    assert [path.stem for path in (log.home / "areas").iterdir()] == [kept.area.sha256]
    assert not list((log.home / "archive").glob("*.json"))


def test_error_in_a_transaction_writes_nothing(log: TaskLog):
    add(log, "a")
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
        "import sys,time; from pathlib import Path; from csserv.tasks.log.lock import FileLock;"
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


def test_lock_is_lost_when_its_file_is_no_longer_there(tmp_path: Path):
    lock_file = tmp_path / "home" / "a.lock"
    lock_file.parent.mkdir()
    lock = FileLock(lock_file)
    assert lock.try_acquire()
    assert not lock.is_lost()
    lock_file.parent.rename(tmp_path / "moved")
    assert lock.is_lost()
    lock_file.parent.mkdir()
    assert FileLock(lock_file).try_acquire()
    assert lock.is_lost()
    lock.close()


@pytest.mark.slow
def test_hot_file_stays_small_however_many_tasks_come(log: TaskLog):
    for round_ in range(8):
        for i in range(150):
            add(log, f"{round_}-{i}")
            log.cancel(f"{round_}-{i}")
        log.archive_finished()
        assert log.path.stat().st_size < 500_000
    assert len(log.find(TaskFilter(), 0, 2000)) == 1200
    assert log.get("0-0").state is TaskState.CANCELLED


HOLD = (
    "import sys,time; from pathlib import Path; from csserv.tasks.log.lock import FileLock;"
    "FileLock(Path(sys.argv[1])).__enter__(); print('held', flush=True); time.sleep(60)"
)


def test_nobody_waits_for_ever_for_a_lock_and_who_holds_it_is_named(
    log: TaskLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("csserv.tasks.log.lock.LONGEST_WAIT", 0.2)
    words = [sys.executable, "-c", HOLD, str(log.home / "task_log.lock")]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        for _ in range(2):
            said = rf"task_log\.lock: process {other.pid} has held it for 0.2 s"
            with pytest.raises(TaskLogError, match=said):
                add(log, "a")
        assert log.all() == []
        other.kill()
    for thread in threading.enumerate():
        if thread.name == "csserv-lock":
            thread.join()
    add(log, "a")
    assert log.get("a").state is TaskState.QUEUED
    with FileLock(log.home / "task_log.lock"):  # it was let go
        pass


def test_who_waits_for_a_lock_gets_it(tmp_path: Path):
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    taken = threading.Event()

    def take() -> None:
        with second:
            taken.set()

    waiting = threading.Thread(target=take)
    with first:
        waiting.start()
        assert not taken.wait(0.1)
    assert taken.wait(60)
    waiting.join()
    assert first.is_free()

"""One runner leads; one that hangs is followed by another, and writes nothing any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from csserv.errors import LeadershipLostError
from csserv.machine.patience import Silence
from csserv.request import Area
from csserv.tasks.log.leader import LENGTH, NAME, Leader, read_leader
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.repair.alone import alone
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.leadership import Leadership, is_led, lead, runner_state

LIMIT = 60.0
BOX = Area.from_box(0, 0, 1, 1)


@pytest.fixture
def log(tmp_path: Path) -> TaskLog:
    return TaskLog(tmp_path / "home")


def now(log: TaskLog) -> Leadership | None:
    """Lead, if that is possible at once."""
    return lead(log, LIMIT, lambda: True, lambda: None)


def led(log: TaskLog) -> Leadership:
    found = now(log)
    assert found is not None
    return found


def hang(log: TaskLog) -> Leader:
    """Let the last sign of life of the leader be one of long ago."""
    leader = read_leader(log.home)
    assert leader is not None
    late = replace(leader, beat=leader.beat - 2 * LIMIT)
    late.write(FileLock(log.home / NAME))
    return late


def queue(log: TaskLog, name: str) -> None:
    record = RequestRecord("rain", "mean", "2019", "0" * 64, "box", 1, "1" * 64)
    log.add(Task(name, record, "2026-01-01T00:00:00.000Z"), BOX)


def test_one_leads_and_the_next_has_a_greater_number(log: TaskLog):
    first = led(log)
    assert is_led(log.home)
    assert now(log) is None
    first.close()
    assert not is_led(log.home)
    second = led(log)
    assert second.number == first.number + 1
    second.close()


def test_who_hangs_leads_no_more_and_may_not_write(log: TaskLog):
    queue(log, "a")
    other = TaskLog(log.home)
    old = led(log)
    task = log.claim(60)
    assert task is not None
    hang(log)
    state = runner_state(log.home)
    assert (state.leads, state.stalled) == (False, True)
    assert "no sign of life for 12" in state.troubles[0]
    new = led(other)
    assert new.number == old.number + 1
    assert old.is_lost()
    assert not old.is_homeless()
    old.beat()  # it wakes up
    queue(other, "b")
    assert is_led(log.home)
    changes = (
        lambda: log.claim(60),
        lambda: log.succeed(task, 1),
        lambda: log.requeue(task, "it hung"),
        lambda: log.write_progress({"a": (1, 2)}, 60),
        log.checkpoint,
    )
    for change in changes:
        with pytest.raises(LeadershipLostError, match="another runner leads"):
            change()
    assert other.get("a").state is TaskState.RUNNING
    assert other.succeed(task, 1).state is TaskState.SUCCEEDED
    old.close()
    assert is_led(log.home)
    new.close()


def test_who_led_once_may_write_as_anybody(log: TaskLog):
    led(log).close()
    led(TaskLog(log.home)).close()
    queue(log, "a")
    assert log.cancel("a").state is TaskState.CANCELLED


def test_a_leader_whose_loop_lives_keeps_the_lead(log: TaskLog):
    first = led(log)
    hang(log)
    first._leader = replace(first._leader, beat=0.0)
    first.beat([Silence("chirps/x.nc", 70.0)])
    assert now(TaskLog(log.home)) is None
    state = runner_state(log.home)
    assert state.leads
    assert state.troubles == ["chirps/x.nc has not answered for 70 s"]
    first.close()
    assert runner_state(log.home).troubles == []


def test_a_record_keeps_its_length_however_many_files_are_silent(log: TaskLog):
    first = led(log)
    first._leader = replace(first._leader, beat=0.0)
    first.beat([Silence(f"{number}" * 500, 70.0) for number in range(50)])
    assert (log.home / NAME).stat().st_size == LENGTH
    assert len(runner_state(log.home).silent) == 8
    first.close()


def test_nobody_takes_over_from_a_repair(log: TaskLog):
    led(log).close()
    hang(log)
    with alone(log.home):
        assert now(TaskLog(log.home)) is None
    assert led(log).number == 2


def test_a_lock_without_a_record_is_that_of_a_leader(log: TaskLog):
    old = FileLock(log.home / NAME)  # of an earlier version
    assert old.try_acquire()
    assert is_led(log.home)
    assert now(log) is None
    old.close()


HANGS = """
import sys, time
from pathlib import Path
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.leadership import lead
log = TaskLog(Path(sys.argv[1]))
leadership = lead(log, 5, lambda: False, lambda: None)
with log._db.transaction():
    print("leads", flush=True)
    time.sleep(600)
"""


@pytest.mark.slow
def test_who_hangs_while_it_holds_the_log_is_ended(log: TaskLog):
    words = [sys.executable, "-c", HANGS, str(log.home)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as old:
        assert old.stdout
        assert old.stdout.readline() == b"leads\n"
        os.kill(old.pid, signal.SIGSTOP)
        end = time.monotonic() + 60
        new = lead(log, LIMIT, lambda: time.monotonic() > end, lambda: None)
        assert new is not None
        assert new.number == 2
        assert old.wait() == -signal.SIGKILL
    queue(log, "a")
    assert psutil.Process().pid == read_leader(log.home).pid  # type: ignore[union-attr]
    new.close()

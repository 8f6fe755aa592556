"""What goes after its time, and what never does."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
import time_machine

from csserv import Service, Settings
from csserv.errors import TaskExpiredError
from csserv.request import Area, Period, Request
from csserv.tasks.log.retention import Retention
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_log import TaskLog

REQUEST = Request("rain", "mean", Area.from_box(30, 0, 32, 2), Period.parse("2019-01"))
NOW = datetime.datetime.now(datetime.UTC)


def claimed(log: TaskLog) -> Task:
    task = log.add(Task.of(RequestRecord.of(REQUEST), 3), REQUEST.area)
    found = log.claim(60)
    assert found is not None
    assert found.id == task.id
    return found


def with_result(log: TaskLog, task: Task, days: float) -> Path:
    """Put a result there that is so old."""
    folder = log.home / "results" / task.id
    folder.mkdir(parents=True)
    (folder / f"{task.id}.json").write_text("{}")
    moment = (NOW - datetime.timedelta(days=days)).timestamp()
    os.utime(folder, (moment, moment))
    return folder


def succeeded(log: TaskLog, days: float) -> Path:
    with time_machine.travel(NOW - datetime.timedelta(days=days)):
        task = claimed(log)
        log.succeed(task, 1)
    return with_result(log, task, days)


@pytest.fixture
def log(tmp_path: Path) -> TaskLog:
    return TaskLog(tmp_path)


def test_results_go_after_their_time_and_say_so_when_asked_for(settings: Settings):
    log = TaskLog(settings.home)
    old, young = succeeded(log, 91), succeeded(log, 89)
    Retention(log, keep_days=90).clean_up({})
    assert not old.exists()
    assert young.exists()
    with Service(settings, starts_runner=False) as service:
        assert service.result(young.name).path.exists()
        with pytest.raises(TaskExpiredError, match=r"ended on .* no longer kept"):
            service.result(old.name)


def test_result_that_is_gone_before_its_record_says_so(settings: Settings):
    log = TaskLog(settings.home)
    folder = succeeded(log, 1)
    (folder / f"{folder.name}.json").unlink()
    folder.rmdir()
    with (
        Service(settings, starts_runner=False) as service,
        pytest.raises(TaskExpiredError, match=r"CSSERV_KEEP_DAYS is 90 days.*submit the request"),
    ):
        service.result(folder.name)


def test_nothing_goes_where_everything_is_kept(log: TaskLog):
    old = succeeded(log, 4000)
    Retention(log, keep_days=0).clean_up({})
    assert old.exists()
    assert log.get(old.name).state is TaskState.SUCCEEDED


def test_running_and_queued_tasks_stay_however_old(log: TaskLog):
    with time_machine.travel(NOW - datetime.timedelta(days=400)):
        task = claimed(log)
        waiting = log.add(Task.of(RequestRecord.of(REQUEST), 3), REQUEST.area)
    folder = with_result(log, task, 400)
    work = log.home / "work" / f"{task.id}.1"
    work.mkdir(parents=True)
    Retention(log, keep_days=90).clean_up({task.id})
    assert folder.exists()
    assert work.exists()
    assert log.get(task.id).state is TaskState.RUNNING
    assert log.get(waiting.id).state is TaskState.QUEUED
    assert log.area(task.request).sha256 == REQUEST.area.sha256


def test_result_of_a_cancelled_task_goes(log: TaskLog):
    task = claimed(log)
    log.cancel(task.id)
    folder = with_result(log, task, 0)
    Retention(log, keep_days=90).clean_up({})
    assert not folder.exists()


def test_folder_of_nobody_is_left_alone(log: TaskLog):
    folder = log.home / "results" / "my own notes"
    folder.mkdir(parents=True)
    Retention(log, keep_days=90).clean_up({})
    assert folder.exists()


def test_what_dead_attempts_left_goes(log: TaskLog):
    (log.home / "work" / "dead.1" / "parts").mkdir(parents=True)
    Retention(log, keep_days=90).clean_up({})
    assert not list((log.home / "work").iterdir())


def test_task_whose_result_is_whole_has_succeeded_though_its_runner_died(log: TaskLog):
    done, undone = claimed(log), claimed(log)
    log.write_progress({done.id: (31, 31), undone.id: (3, 31)}, 60)
    with_result(log, done, 0)
    states = {task.id: task.state for task in Retention(log, keep_days=90).recover()}
    assert states == {done.id: TaskState.SUCCEEDED, undone.id: TaskState.QUEUED}
    assert log.get(done.id).progress == 1


def test_task_whose_runner_died_before_any_progress_was_noted_has_the_steps_of_its_result(
    log: TaskLog,
):
    task = claimed(log)
    path = with_result(log, task, 0) / f"{task.id}.json"
    path.write_text('{"provenance": {"steps_read": 31}}')
    (found,) = Retention(log, keep_days=90).recover()
    assert (found.state, found.done, found.total) == (TaskState.SUCCEEDED, 31, 31)

"""The sums of a runner's work: they last, never fall, and nobody fails by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.tasks.log.task import TaskState
from csserv.tasks.run.failure_reasons import FAILURE_REASONS, OTHER, failure_reason
from csserv.tasks.run.observer import WorkObserver, note_start
from csserv.tasks.run.work_figures import BOUNDS, NAME, Durations, WorkFigures
from tests.tasks.log.test_figures import a_task

#: messages as the runner writes them → the kind that they are of
SAID = {
    "a worker went over its memory limit (2048 MiB) while it worked on rain_1.nc": "worker_memory",
    "a worker died while it worked on the weights, 3 times": "worker_died",
    "its lease ran out (attempt 3 of 3)": "lease_ended",
    "its runner stopped": "runner_stopped",
    "the scheduler was lost": "scheduler_lost",
    "no space left on the disk of /srv/home/work": "disk_full",
    "rain/rain_1.nc has not answered for 60 s; its disk may be away": "file_silent",
    "rain_1.nc hangs: no progress for 300 s, 2 times": "call_hung",
    "rain_1.nc is gone (attempt 3 of 3)": "file_gone",
    "rain had 3 files for 2019 when this was submitted, and has 2 now: b.nc is gone": "file_gone",
    "rain_1.nc changes while it is read": "file_changed",
    "rain_1.nc has changed since the request was planned": "file_changed",
    "cannot read rain_1.nc: NetCDF: HDF error": "file_unreadable",
    "the stored area cannot be read: No such file or directory": "area_damaged",
    "ZeroDivisionError: division by zero": "program_error",
    "something that nobody has thought of": OTHER,
    "": OTHER,
}


@pytest.mark.parametrize("said", SAID)
def test_messages_are_of_the_kind_that_they_tell(said: str):
    assert failure_reason(said) == SAID[said]


def test_there_is_a_message_of_each_kind():
    assert set(SAID.values()) == {*FAILURE_REASONS, OTHER}


@given(st.text())
def test_no_message_makes_a_kind_of_its_own(said: str):
    assert failure_reason(said) in {*FAILURE_REASONS, OTHER}


@given(st.lists(st.floats(0, 1e5)))
def test_classes_of_durations_hold_all_that_are_no_longer(seconds: list[float]):
    durations = Durations()
    for one in seconds:
        durations.add(one)
    expected = [sum(one <= bound for one in seconds) for bound in BOUNDS] + [len(seconds)]
    assert [count for _, count in durations.up_to()] == expected
    assert durations.sum == pytest.approx(sum(seconds))


def test_what_is_written_is_read(tmp_path: Path):
    figures = WorkFigures(pid=7, written=1.5, idle=1, bytes_read=3.0)
    figures.failures["disk_full"] += 2
    figures.calls["assemble"] = Durations()
    figures.calls["assemble"].add(3.0)
    figures.write(tmp_path)
    assert WorkFigures.read(tmp_path) == figures
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"pid": 1}', b"\x00" * 100])
def test_figures_that_cannot_be_read_begin_anew(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    assert WorkFigures.read(tmp_path) == WorkFigures()


def test_sums_go_on_where_the_last_runner_ended(tmp_path: Path):
    for _ in range(2):
        note_start(tmp_path)
        observer = WorkObserver(tmp_path)
        aside = {"name of a": "has other code"}
        observer.workers_seen(["a", "b"], ["b", "gone"], aside, {"name of a": 1000})
        observer.task_claimed(a_task("good", "running", "11:58", attempt=1))
        observer.task_left(a_task("good", "succeeded", "11:58", "11:59"))
        observer.task_left(a_task("bad", "failed", "11:58", "11:59", error="its runner stopped"))
        observer.task_left(a_task("again", "queued", error="a worker died"))
        observer.write_if_due()
    found = WorkFigures.read(tmp_path)
    assert (found.idle, found.busy, found.set_aside) == (1, 1, 1)
    assert found.ended == {TaskState.SUCCEEDED: 2, TaskState.FAILED: 2}
    assert found.failures == {"runner_stopped": 2}
    assert found.retries == {"worker_died": 2}
    assert (found.runs.sum, found.waits.sum) == (120.0, 2 * 58 * 60.0)


def test_runner_that_starts_has_no_workers_yet(tmp_path: Path):
    WorkFigures(idle=2, busy=1, bytes_read=5.0).write(tmp_path)
    note_start(tmp_path)
    found = WorkFigures.read(tmp_path)
    assert (found.idle, found.busy, found.bytes_read) == (0, 0, 5.0)
    assert found.written > 0


def test_full_disk_does_not_stop_the_runner(tmp_path: Path):
    observer = WorkObserver(tmp_path / "no such folder")
    observer.workers_seen(["a"], [], {}, {})
    observer.write_if_due()
    observer.close()

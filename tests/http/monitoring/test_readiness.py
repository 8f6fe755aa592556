"""Whether a server is ready, and why not: each check on a home that is made so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from csserv import Service, Settings
from csserv.http.monitoring.readiness import READINESS, free_space, reasons
from csserv.tasks.log.leader import read_leader
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.leadership import lead
from csserv.tasks.run.work_figures import WorkFigures
from tests.tasks.log.test_damage import cut, home_of


@contextmanager
def led(home: Path, **figures: float) -> Iterator[None]:
    """Lead the log of a home, with such figures of its work."""
    leadership = lead(TaskLog(home), 60.0, lambda: True, lambda: None)
    assert leadership
    WorkFigures(**figures).write(home)  # type: ignore[arg-type]
    yield
    leadership.close()


def test_nobody_leads(service: Service):
    assert {"leader", "workers"} <= set(reasons(service)) <= {"leader", "workers", "disk"}


def test_runner_with_a_worker_is_ready(service: Service):
    with led(service.settings.home, idle=1, written=time.time()):
        assert set(reasons(service)) <= {"disk"}


def test_runner_without_workers(service: Service):
    with led(service.settings.home, written=time.time()):
        assert reasons(service)["workers"] == "the runner has no worker (yet)"


def test_runner_that_stands_still_is_stalled_and_not_missing(service: Service):
    home = service.settings.home
    with led(home, idle=1):
        lock = FileLock(home / "runner.lock")
        found = read_leader(home)
        assert found
        replace(found, beat=found.beat - 90).write(lock)
        assert "no sign of life for 90 s" in reasons(service)["stalled"]
        assert "leader" not in reasons(service)


def test_damaged_log_is_told_by_its_check_and_the_others_still_run(tmp_path: Path):
    home = home_of(tmp_path / "home")
    with Service(Settings(home=home, data=tmp_path), starts_runner=False) as service:
        cut(home / "task_log.json")
        found = reasons(service)
    assert "csserv repair" in found["log"]
    assert "leader" in found


def test_little_room_is_told_with_its_limit():
    assert free_space(5 * 2**30) == ""
    assert free_space(2**29) == "0.50 GiB are free, less than 1 GiB"


def test_checks_say_nothing_where_all_is_well():
    assert list(READINESS) == ["leader", "workers", "stalled", "disk", "log"]

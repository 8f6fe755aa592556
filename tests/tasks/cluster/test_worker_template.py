"""Workers are forked of a process that has read their code; any of them may be killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from csserv import Area, Service, Settings, Task, TaskState
from csserv.tasks.cluster.worker_template import METHOD
from tests.processes import (
    CSSERV,
    Supervisor,
    environment,
    eventually,
    has_ended,
    is_worker,
)

BOX = Area.from_box(30, 0, 32, 2)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(METHOD != "forkserver", reason="each worker reads for itself here"),
]


@pytest.fixture
def processes(tmp_path: Path, settings: Settings) -> Iterator[Supervisor]:
    """A runner with two workers of its own; nothing outlives it."""
    own = environment({"home": settings.home, "data": settings.data, "workers": 2})
    own |= {"CSSERV_CATALOG": str(settings.catalog)}
    with Supervisor(own, tmp_path / "logs", restarts=False) as processes:
        processes.start("runner", [*CSSERV, "run"])
        eventually((settings.home / "scheduler").exists, what="no runner is ready")
        yield processes
    eventually(lambda: not processes.orphans(), what=f"left: {processes.orphans()}")


def two_workers(processes: Supervisor) -> tuple[psutil.Process, psutil.Process]:
    """Wait until there are two, neither of them ended and not yet collected."""
    found: list[psutil.Process] = []

    def look() -> bool:
        found[:] = filter(is_alive, processes.workers("runner"))
        return len(found) == 2

    eventually(look, what="there are not two workers")
    return found[0], found[1]


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.Error):  # it may have ended meanwhile
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def template(processes: Supervisor) -> psutil.Process:
    """Find the process that workers are forked of."""
    children = processes.children("runner", "multiprocessing.forkserver")
    (found,) = (one for one in children if not is_worker(one))
    return found


def answered(service: Service) -> Task:
    task = service.wait(service.submit("rain", "mean", area=BOX, period="2019-01"))
    assert task.state is TaskState.SUCCEEDED, task
    return task


def test_workers_are_forked_while_nothing_can_be_torn(processes: Supervisor):
    first, second = two_workers(processes)
    parent = template(processes)
    assert first.ppid() == second.ppid() == parent.pid
    assert parent.num_threads() == 1
    assert {one.fd for one in parent.open_files()} <= {1, 2}  # where its lines go


def test_killed_worker_is_replaced_and_leaves_nothing(processes: Supervisor, service: Service):
    parent = template(processes)
    for number in (signal.SIGKILL, signal.SIGTERM):
        answered(service)  # the runner and its workers know each other
        first, second = two_workers(processes)
        first.send_signal(number)
        eventually(lambda one=first: not one.is_running(), what="it was not collected")
        assert second in two_workers(processes)
    assert answered(service).attempt == 1
    assert template(processes) == parent


def test_workers_end_with_what_they_were_forked_of_and_others_come(
    processes: Supervisor, service: Service
):
    answered(service)
    before = two_workers(processes)
    parent = template(processes)
    parent.kill()
    for one in before:
        eventually(lambda one=one: has_ended(one), what="a worker without nanny goes on")
    assert not set(two_workers(processes)) & set(before)
    assert answered(service).state is TaskState.SUCCEEDED
    assert template(processes) != parent


def test_killed_runner_takes_all_of_them_along(processes: Supervisor):
    two_workers(processes)
    processes.kill("runner")
    eventually(lambda: not processes.orphans(), what="something outlives the runner")

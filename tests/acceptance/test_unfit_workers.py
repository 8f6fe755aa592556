"""Workers that cannot do what others can: they are set aside and named, and no task pays for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import csserv
from csserv import Settings, Task, TaskState
from csserv.doctor import CHECKS
from tests import test_cli as cli
from tests.acceptance.server import Server, started
from tests.processes import CSSERV, eventually
from tests.slow_disk import LONG, SlowDisk

#: of blocks and of proofs [s]
DEADLINE = 4.0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Server]:
    settings = Settings(home=tmp_path_factory.mktemp("unfit") / "home", data=sample)
    deadline = {"CSSERV_BLOCK_DEADLINE": f"{DEADLINE}"}
    with started(settings, workers=0, CSSERV_SMALL_REQUEST="0", **deadline) as server:
        server.service.estimate(*LONG)  # reads the headers of its files, as long as that is quick
        yield server


@pytest.fixture
def server(shared: Server) -> Iterator[Server]:
    """A scheduler and a runner without workers; what a test starts ends with it."""
    with shared.for_a_test(workers=0):
        yield shared


def start_in_mounts_of_its_own(server: Server, name: str, mount: str) -> None:
    """Start a worker that sees other files: ``mount`` is a command that none but it notices."""
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"no mounts of its own here: {probe.stderr.decode().strip()}")
    worker = [*CSSERV, "start-worker", "--scheduler", server.address, "--name", name]
    words = ["unshare", "--mount", "sh", "-c", f"cd / && {mount} && exec {' '.join(worker)}"]
    server.processes.start(name, words)


def fifo_over(folder: Path, file: Path) -> str:
    """A command that puts a file in place whose opening does not end."""
    fifo = folder / "hangs"
    os.mkfifo(fifo)
    return f"mount --bind {fifo} {file}"


def set_aside(server: Server) -> dict[str, str]:
    return {one.uuid: one.set_aside for one in server.service.workers() if one.set_aside}


def month(server: Server, number: int) -> Task:
    return server.service.submit("chirps", "mean", "Kenya", f"2019-{number:02}")


def told_by_doctor(server: Server) -> str:
    own = server.settings.model_copy(update={"scheduler": server.address})
    return "\n".join(one.said for one in CHECKS["workers"](own))


def test_a_worker_without_the_data_costs_no_attempt_and_tasks_wait_for_one_that_has_them(
    server: Server,
):
    start_in_mounts_of_its_own(server, "blind", f"mount -t tmpfs tmpfs {server.settings.data}")
    eventually(lambda: server.has_workers("blind"))
    tasks = [month(server, number) for number in (1, 2, 3, 4)]
    eventually(lambda: server.service.task(tasks[0]).error)
    waiting = server.service.task(tasks[0])
    assert waiting.state is TaskState.RUNNING
    said = r"waits, as all workers are set aside: blind does not see the data: \S+ is gone"
    assert re.fullmatch(said, str(waiting.error))
    assert "blind is set aside: chirps: does not see the data" in told_by_doctor(server)
    assert "all workers are set aside (1): tasks may wait" in told_by_doctor(server)
    server.start_worker("good", "--name", "good")
    assert {server.ends(task).attempt for task in tasks} == {1}
    assert "chirps: does not see the data" in set_aside(server)["blind"]
    listed = cli.call(server.settings, "workers").stdout
    assert "aside" in listed
    assert "does not see the data" in listed


def test_a_worker_of_another_release_gets_nothing(server: Server, tmp_path: Path):
    package = Path(csserv.__file__).parent
    copy = tmp_path / "csserv"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "zonal" / "statistics.py").open("a") as file:
        file.write("# another release\n")
    words = ["start-worker", "--scheduler", server.address, "--name", "other"]
    command = ["env", "-C", str(tmp_path), f"PYTHONPATH={tmp_path}", *CSSERV, *words]
    server.processes.start("other", command)
    eventually(lambda: server.has_workers("other"))
    task = month(server, 5)
    eventually(lambda: "other" in set_aside(server))
    assert set_aside(server) == {"other": "runs other code of csserv than the runner"}
    server.start_worker("good", "--name", "good")
    assert server.ends(task).attempt == 1


def test_a_file_that_hangs_on_one_worker_is_read_by_another(server: Server, tmp_path: Path):
    file = sorted((server.settings.data / "chirps").glob("*201908*"))[0]
    start_in_mounts_of_its_own(server, "hung", fifo_over(tmp_path, file))
    server.start_worker("good", "--name", "good")
    eventually(lambda: server.has_workers("hung", "good"))
    tasks = [month(server, 8) for _ in range(6)]  # each of both is given one
    assert {server.ends(task).attempt for task in tasks} == {1}
    eventually(
        lambda: f"{file.name} hangs: no progress for 4 s" in set_aside(server).get("hung", "")
    )


def test_a_file_that_hangs_wherever_it_is_read_fails_the_task_by_name(
    server: Server, tmp_path: Path
):
    file = sorted((server.settings.data / "chirps").glob("*201909*"))[0]
    start_in_mounts_of_its_own(server, "hung", fifo_over(tmp_path, file))
    eventually(lambda: server.has_workers("hung"))
    task = server.service.submit("chirps", "mean", "Kenya", "2019-08/2019-10")
    failed = server.ends(task, TaskState.FAILED)
    said = rf"{re.escape(file.name)} hangs: no progress for \d+ s, 2 times"
    assert re.fullmatch(said, str(failed.error))  # at least 4 s, longer where all is slow
    assert server.ends(month(server, 1)).attempt == 1


def test_a_worker_that_stands_still_is_replaced_and_its_block_done_by_another(
    server: Server, slow_disk: SlowDisk
):
    for name in ("first", "second"):
        server.start_worker(name, "--name", name)
    eventually(lambda: server.has_workers("first", "second"))
    task = server.service.submit(*LONG)
    server.until_running(task, 20)
    stopped = server.worker_process("first")
    stopped.suspend()
    slow_disk.end()
    assert server.ends(task).attempt == 1
    eventually(lambda: not stopped.is_running(), what="it was not replaced")
    eventually(lambda: server.has_workers("first", "second"))

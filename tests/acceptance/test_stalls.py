"""Nothing waits for ever: a file that does not answer, a leader that hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import requests

from csserv import Settings, Task
from csserv.errors import SilentFileError
from csserv.tasks.log.leader import read_leader
from tests.acceptance.server import Server, started
from tests.files import LAT, LON, write_granule
from tests.processes import CSSERV, eventually, free_port, suspend
from tests.silent import silent
from tests.slow_disk import LONG, SlowDisk

pytestmark = pytest.mark.slow

ROW = '[{0}]\ntitle = "Rain"\nvariable = "rain"\nfiles = "{0}/*.nc"\nunits = "mm/day"\n'

#: how long the processes of these tests wait for a file, and for a leader [s]
SHORT = {"CSSERV_FILE_TIMEOUT": "2", "CSSERV_LEASE_SECONDS": "5"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Server]:
    """A server of three small datasets."""
    folder = tmp_path_factory.mktemp("stalls")
    values = np.ones((31, len(LAT), len(LON)))
    for name in ("here", "away"):
        write_granule(folder / "data" / name / "x.nc", values, LAT, LON)
    (folder / "data" / "slow").symlink_to(sample / "slow")
    catalog = folder / "own.toml"
    catalog.write_text("".join(map(ROW.format, ("here", "away", "slow"))))
    settings = Settings(home=folder / "home", data=folder / "data", catalog=catalog, file_timeout=2)
    with started(settings, 1, **SHORT) as server:
        server.until_whole(1)
        server.service.estimate(*LONG)  # reads the headers of its files, as long as that is quick
        yield server


def submitted(server: Server, dataset: str) -> Task:
    return server.service.submit(dataset, "mean", "Kenya", "2019-01")


def number(server: Server) -> int:
    """Of the latest leadership."""
    found = read_leader(server.settings.home)
    assert found is not None
    return found.number


def changed(server: Server) -> Path:
    """Touch a file, so that its header is read anew."""
    path = server.settings.data / "away" / "x.nc"
    os.utime(path)
    return path


def test_a_silent_file_holds_up_its_own_task_and_not_the_end_of_the_runner(server: Server):
    server.processes.end("runner")
    away, here = submitted(server, "away"), submitted(server, "here")
    with silent(changed(server)):
        server.start_runner()
        eventually(lambda: "away/x.nc has not" in (server.service.task(away).error or ""))
        waiting = server.service.task(away)  # for the file: that costs it no attempt
        assert waiting.attempts - waiting.attempt >= server.settings.attempts - 1
        server.ends(here)
        with pytest.raises(SilentFileError, match=r"away/x\.nc has not answered"):
            submitted(server, "away")
        assert "away/x.nc" in server.service.runner_state().troubles[0]
        process = server.processes.running["runner"]
        server.processes.end("runner")
        assert process.returncode == 0
    server.start_runner()
    ended = server.ends(away)
    assert ended.attempt > 1
    assert ended.attempts - ended.attempt >= server.settings.attempts - 1


def test_callers_are_told_of_a_silent_file_and_the_server_ends_all_the_same(server: Server):
    port = free_port()
    url = f"http://127.0.0.1:{port}/api/v1"
    server.processes.start("api", [*CSSERV, "serve", "--api-only", "--port", str(port)])

    def health() -> str:
        with suppress(requests.ConnectionError):
            return str(requests.get(f"{url}/health", timeout=60).json()["status"])
        return ""

    eventually(lambda: health() == "ok")
    asked = {"dataset": "away", "operation": "mean", "area": "Kenya", "period": "2019-01"}
    with silent(changed(server)):
        answer = requests.post(f"{url}/tasks", json=asked, timeout=60)
        assert answer.status_code == 503
        assert "away/x.nc has not answered" in answer.json()["detail"]
        assert health() == "stalled"
        process = server.processes.running["api"]
        server.processes.end("api")
        assert process.returncode == 0


def test_a_leader_that_stands_still_is_followed_and_stands_by_once_it_goes_on(
    server: Server, slow_disk: SlowDisk
):
    before = number(server)
    task = server.service.submit(*LONG)
    server.until_running(task, 20)
    stopped = server.processes.running["runner"]
    suspend(stopped.pid, server.settings.home)
    try:
        server.start_runner("runner 2")
        eventually(lambda: number(server) == before + 1)
        slow_disk.end()
        assert server.ends(task).attempt == 2
        assert number(server) == before + 1
    finally:
        os.kill(stopped.pid, signal.SIGCONT)
    eventually(lambda: "another one leads" in server.processes.said("runner"))
    eventually(lambda: server.processes.said("runner").rstrip().endswith("standing by"))
    server.ends(submitted(server, "here"))
    assert number(server) == before + 1
    server.processes.end("runner 2")
    eventually(lambda: number(server) == before + 2)
    server.ends(submitted(server, "here"))

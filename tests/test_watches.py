"""Whoever waits for a task is told what keeps it, and when it goes on."""

from __future__ import annotations

import queue
import socket
import subprocess
from pathlib import Path

from csserv.cli.watches import scheduler_watch, stall_watch
from csserv.machine.patience import Silence
from csserv.tasks.cluster.listening import is_answered
from csserv.tasks.run.leadership import RunnerState
from tests.processes import CSSERV, environment, free_port


def listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def test_it_says_so_once_when_none_answers_and_once_when_one_does():
    port, said = free_port(), queue.Queue[str]()
    address = f"tcp://127.0.0.1:{port}"
    assert not is_answered(address)
    with scheduler_watch(address, said.put, interval=0.02):
        assert said.get(timeout=60) == (
            f"no dask scheduler answers at {address}: the task waits for one"
        )
        with listen(port):
            assert is_answered(address)
            assert said.get(timeout=60) == f"a dask scheduler answers at {address} again"
        assert "no dask scheduler" in said.get(timeout=60)
    assert said.empty()


def test_a_runner_that_starts_its_own_workers_has_none_to_look_for():
    said = queue.Queue[str]()
    with scheduler_watch(None, said.put, interval=0.001):
        pass
    assert said.empty()


def test_addresses_that_cannot_be_are_not_answered():
    for address in ("tcp://127.0.0.1:99999", "tcp://no.such.host.invalid:1", "", "tcp://:x"):
        assert not is_answered(address, timeout=1.0)


def test_a_worker_says_in_a_line_that_it_waits_for_its_scheduler(tmp_path: Path):
    address = f"tcp://127.0.0.1:{free_port()}"
    command = [*CSSERV, "start-worker", "--scheduler", address]
    own = environment({"home": tmp_path})
    with subprocess.Popen(command, env=own, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line == f"no dask scheduler answers at {address} yet; waiting for one\n"
        process.terminate()


def test_it_says_so_once_when_something_stands_still_and_once_when_it_goes_on():
    seconds = iter(range(6, 1000))
    states: list[RunnerState] = []
    said = queue.Queue[str]()

    def look() -> RunnerState:
        if states:
            return states[0]
        files = (Silence("chirps/x.nc", float(next(seconds))),)
        return RunnerState(True, 1, 0.0, stalled=False, silent=files)

    with stall_watch(look, said.put, interval=0.01):
        assert said.get(timeout=60) == "waiting: chirps/x.nc has not answered for 6 s"
        while next(seconds) < 20:
            continue
        states.append(RunnerState(False, 1, 70.0, stalled=True))
        both = {said.get(timeout=60), said.get(timeout=60)}
        assert both == {
            "waiting: the runner has given no sign of life for 70 s",
            "chirps/x.nc answers again, or is no longer waited for",
        }
    assert said.empty()

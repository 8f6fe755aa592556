"""Whoever waits for a task is told that no scheduler answers, and when one does again."""

from __future__ import annotations

import queue
import socket
import subprocess
from pathlib import Path

from csserv.cli.scheduler_watch import scheduler_watch
from csserv.tasks.cluster.listening import is_answered
from tests.processes import CSSERV, environment, free_port


def listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def test_it_says_so_once_when_none_answers_and_once_when_one_does():
    port, said = free_port(), queue.Queue[str]()
    address = f"tcp://127.0.0.1:{port}"
    assert not is_answered(address)
    with scheduler_watch(address, said.put, interval=0.02):
        assert said.get(timeout=30) == (
            f"no dask scheduler answers at {address}: the task waits for one"
        )
        with listen(port):
            assert is_answered(address)
            assert said.get(timeout=30) == f"a dask scheduler answers at {address} again"
        assert "no dask scheduler" in said.get(timeout=30)
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

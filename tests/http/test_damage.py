"""A damaged log over HTTP and on the command line: told in words each time, never an empty list."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import requests

from csserv.errors import TaskLogError
from csserv.tasks.log.repair.repairing import repair
from csserv.tasks.log.task_log import TaskLog
from tests.processes import CSSERV, Supervisor, environment, eventually, free_port
from tests.tasks.log.test_damage import cut, home_of


@pytest.mark.slow
def test_damaged_log_is_told_by_every_face_until_it_is_repaired(tmp_path: Path):
    home = home_of(tmp_path / "home")
    log = home / "task_log.json"
    cut(log)
    damaged = log.read_bytes()
    variables = environment({"home": home, "data": tmp_path})
    port = free_port()
    with Supervisor(variables, tmp_path / "output") as processes:
        processes.start("serve", [*CSSERV, "serve", "--api-only", "--port", str(port)])
        eventually(lambda: "serves" in processes.said("serve"), what="it does not serve")
        address = f"http://127.0.0.1:{port}/api/v1/tasks"
        for _ in range(2):
            for method, path in (("GET", ""), ("GET", "/t0"), ("DELETE", "/t0")):
                answer = requests.request(method, f"{address}{path}", timeout=60)
                assert answer.status_code == 503, answer.text
                assert answer.json()["type"] == "urn:csserv:damaged-log"
                assert "csserv repair" in answer.json()["detail"]
                assert str(home) not in answer.text
        with pytest.raises(TaskLogError, match="stop it first"):
            repair(home)
    for command in ("tasks", "run"):
        done = subprocess.run(
            [*CSSERV, command], env=variables, text=True, capture_output=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("Error: the task log is damaged")
    assert log.read_bytes() == damaged
    repair(home)
    assert {task.id for task in TaskLog(home).all()} == {f"t{i}" for i in range(10)}

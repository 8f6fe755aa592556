"""The doctor finds what is wrong, names it, and says what mends it."""

from __future__ import annotations

import json
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from csserv import Service, Settings
from csserv.doctor import CHECKS, Finding, Level, examine
from csserv.doctor.machine import file_system, room
from csserv.tasks.lock import FileLock
from csserv.tasks.security import make_certificates
from tests.processes import CSSERV, Supervisor, environment, eventually, free_port


def found(settings: Settings, name: str) -> list[Finding]:
    return dict(examine(settings))[name]


def bad(settings: Settings) -> dict[str, str]:
    """Checks with a problem → what they said."""
    return {
        one.check: f"{one.said}; {one.mend}"
        for _, findings in examine(settings)
        for one in findings
        if one.level is Level.PROBLEM
    }


def test_sound_installation_has_no_problem(settings: Settings):
    assert bad(settings) == {}
    assert [name for name, _ in examine(settings)] == list(CHECKS)
    assert not list(settings.home.glob(".doctor*"))


def test_home_that_cannot_be_written_is_a_problem(settings: Settings, tmp_path: Path):
    (tmp_path / "file").write_text("")
    wrong = settings.model_copy(update={"home": tmp_path / "file" / "home"})
    assert "set CSSERV_HOME" in bad(wrong)["folders"]


def test_missing_data_folder_is_a_problem(settings: Settings, tmp_path: Path):
    wrong = settings.model_copy(update={"data": tmp_path / "nowhere"})
    assert "csserv sample-data" in bad(wrong)["folders"]


def test_broken_granule_is_named(settings: Settings):
    path = settings.data / "rain" / "rain_2.nc"
    path.write_bytes(path.read_bytes()[:1000])
    assert "rain_2.nc" in bad(settings)["datasets"]


def test_tasks_that_nobody_runs_are_a_problem(service: Service, settings: Settings):
    assert found(settings, "task log")[-1].level is Level.WARNING
    service.submit("rain", "mean", service.area("Kenya"), "2019-01")
    assert "start one: csserv run" in bad(settings)["task log"]
    leader = FileLock(settings.home / "runner.lock")
    assert leader.try_acquire()
    assert bad(settings) == {}
    leader.close()


def test_certificates_are_looked_at(settings: Settings, tmp_path: Path):
    make_certificates(tmp_path / "tls", [])
    secure = settings.model_copy(update={"tls": tmp_path / "tls"})
    assert bad(secure) == {}
    (tmp_path / "tls" / "key.pem").chmod(0o644)
    assert "chmod 600" in bad(secure)["TLS"]
    (tmp_path / "tls" / "key.pem").unlink()
    assert "csserv certificates" in bad(secure)["TLS"]
    wrong = secure.model_copy(update={"scheduler": "tcp://127.0.0.1:1"})
    assert "not tcp://127.0.0.1:1" in bad(wrong)["TLS"]


def test_open_port_without_tls_is_warned_about(settings: Settings):
    open_one = settings.model_copy(update={"scheduler": "tcp://10.1.2.3:8786"})
    (finding,) = list(CHECKS["TLS"](open_one))
    assert (finding.level, "can run code" in finding.said) == (Level.WARNING, True)


def test_scheduler_that_does_not_answer_is_a_problem(settings: Settings):
    address = f"tcp://127.0.0.1:{free_port()}"
    gone = settings.model_copy(update={"scheduler": address})
    assert f"no dask scheduler answers at {address}" in bad(gone)["workers"]


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[tuple[Settings, Supervisor]]:
    own = environment({"home": settings.home, "data": settings.data})
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    with Supervisor(own, tmp_path / "logs") as processes:
        processes.start("scheduler", [*CSSERV, "start-scheduler", "--port", str(port)])
        eventually(lambda: "Scheduler at" in processes.said("scheduler"))
        yield settings.model_copy(update={"scheduler": address}), processes


def test_workers_are_counted_and_their_folders_looked_at(
    server: tuple[Settings, Supervisor], tmp_path: Path
):
    settings, processes = server
    assert "csserv start-worker" in bad(settings)["workers"]
    command = [*CSSERV, "start-worker", "--scheduler", str(settings.scheduler)]
    processes.start("worker", command)
    eventually(lambda: not bad(settings), what=str(bad(settings)))
    assert "1 workers, same versions, same folders" in found(settings, "workers")[-1].said


def test_worker_that_does_not_see_the_data_is_named(server: tuple[Settings, Supervisor]):
    settings, processes = server
    command = [*CSSERV, "start-worker", "--scheduler", str(settings.scheduler)]
    hide = f"mount -t tmpfs tmpfs {settings.data.parent} && exec {' '.join(command)}"
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"no mounts of its own here: {probe.stderr.decode().strip()}")
    processes.start("worker", ["unshare", "--mount", "sh", "-c", f"cd /; {hide}"])
    eventually(lambda: "tcp://127.0.0.1" in bad(settings).get("workers", ""))
    assert f"cannot use {settings.data}" in bad(settings)["workers"]


Partition = namedtuple("Partition", "mountpoint fstype")


def test_file_system_is_that_of_the_nearest_mount_point():
    partitions = [Partition("/", "ext4"), Partition("/srv", "nfs4"), Partition("/srv/a", "xfs")]
    assert file_system(Path("/srv/home"), partitions) == "nfs4"
    assert file_system(Path("/srv/a/home"), partitions) == "xfs"
    assert file_system(Path("/srvice"), partitions) == "ext4"


@pytest.mark.parametrize(
    ("free", "level"), [(2**29, Level.PROBLEM), (3 * 2**30, Level.WARNING), (2**34, Level.OK)]
)
def test_little_room_is_told(free: int, level: Level):
    assert room(free).level is level


def test_command_prints_lines_and_exits_with_1_on_a_problem(settings: Settings):
    own = environment({"home": settings.home, "data": settings.data})
    done = subprocess.run([*CSSERV, "doctor"], env=own, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("0 problems")
    own["CSSERV_DATA"] = str(settings.data / "nowhere")
    done = subprocess.run(
        [*CSSERV, "doctor", "--json"], env=own, text=True, capture_output=True, check=False
    )
    assert done.returncode == 1
    levels = {one["check"]: one["level"] for one in json.loads(done.stdout)}
    assert levels["folders"] == "problem"

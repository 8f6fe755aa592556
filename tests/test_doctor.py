"""The doctor finds what is wrong, names it, and says what mends it."""

from __future__ import annotations

import json
import socket
import socketserver
import subprocess
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from csserv import Service, Settings
from csserv.cli import main
from csserv.doctor import CHECKS, Finding, Level, examine
from csserv.doctor.machine_checks import (
    file_system_of,
    free_inodes,
    free_space,
    is_network_file_system,
)
from csserv.machine.patience import Silence
from csserv.settings import as_variables
from csserv.tasks.cluster.security import make_certificates
from csserv.tasks.log.leader import NAME, Leader, read_leader
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.leadership import lead
from tests.files import LAT, LON, write_granule
from tests.processes import CSSERV, Supervisor, environment, eventually, free_port
from tests.silent import silent


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
    said = bad(wrong)
    assert "set CSSERV_HOME" in said["folders"]
    assert set(said) == {"folders", "task log"}
    assert not any("Error" in text for text in said.values())


def test_missing_data_folder_is_a_problem(settings: Settings, tmp_path: Path):
    wrong = settings.model_copy(update={"data": tmp_path / "nowhere"})
    assert "csserv sample-data" in bad(wrong)["folders"]
    (tmp_path / "file").write_text("")
    wrong = settings.model_copy(update={"data": tmp_path / "file"})
    assert "csserv sample-data" in bad(wrong)["folders"]


def test_broken_granule_is_named(settings: Settings):
    path = settings.data / "rain" / "rain_2.nc"
    whole = path.read_bytes()
    for length in (0, 1000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "rain_2.nc" in bad(settings)["datasets"]


def test_marks_that_are_not_told_are_warned_about_with_the_field_that_mends_it(settings: Settings):
    assert [one.level for one in found(settings, "numbers")] == [Level.OK]
    field = np.ones((2, 16, 20))
    field[1, 0, 0] = -9999
    write_granule(settings.data / "rain" / "rain_3.nc", field, LAT, LON, days=np.array([59, 60]))
    warned, counted = found(settings, "numbers")
    assert (warned.level, counted.level) == (Level.WARNING, Level.OK)
    assert warned.said.startswith("rain: rain is -9999 in 0.2 % of the cells checked")
    assert "missing = [-9999]" in warned.mend
    assert settings.catalog
    settings.catalog.write_text(settings.catalog.read_text() + "missing = -9999\n")
    assert [one.level for one in found(settings, "numbers")] == [Level.OK]


def test_what_was_found_before_a_failure_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    def check(settings: Settings) -> Iterator[Finding]:
        yield Finding("odd", Level.OK, "first")
        raise RuntimeError("oh")

    monkeypatch.setitem(CHECKS, "odd", check)
    assert [one.said for one in found(settings, "odd")] == ["first", "RuntimeError: oh"]


def test_tasks_that_nobody_runs_are_a_problem(service: Service, settings: Settings):
    assert found(settings, "task log")[-1].level is Level.WARNING
    service.submit("rain", "mean", service.area("Kenya"), "2019-01")
    assert "start one: csserv run" in bad(settings)["task log"]
    leader = FileLock(settings.home / "runner.lock")
    assert leader.try_acquire()
    assert bad(settings) == {}
    leader.close()


def test_what_stands_still_is_a_problem_and_named(settings: Settings):
    with suppress_beats(TaskLog(settings.home)) as late:
        assert "has given no sign of life for 1" in bad(settings)["task log"]
        replace(late, beat=time.monotonic(), silent=(Silence("rain/x.nc", 70.0),)).write(
            FileLock(settings.home / NAME)
        )
        assert "the runner waits: rain/x.nc has not answered for 70 s" in bad(settings)["task log"]
    with silent(settings.data / "rain" / "rain_1.nc"):
        own = settings.model_copy(update={"file_timeout": 1.0})
        assert "rain/rain_1.nc has not answered" in bad(own)["datasets"]


@contextmanager
def suppress_beats(log: TaskLog) -> Iterator[Leader]:
    """Lead a log, with a last sign of life of long ago."""
    leadership = lead(log, 60.0, lambda: True, lambda: None)
    leader = read_leader(log.home)
    assert leadership
    assert leader
    late = replace(leader, beat=leader.beat - 100.0)
    late.write(FileLock(log.home / NAME))
    yield late
    leadership.close()


@pytest.mark.slow
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


@pytest.mark.parametrize("address", ["tcp://[::1]:8786", "127.0.0.1:8786", "tcp://localhost:1"])
def test_scheduler_without_tls_is_open_to_all_accounts_of_the_machine(
    settings: Settings, address: str
):
    (finding,) = list(CHECKS["TLS"](settings.model_copy(update={"scheduler": address})))
    assert (finding.level, "all accounts" in finding.said) == (Level.WARNING, True)


def test_home_that_everybody_can_look_into_is_told(settings: Settings):
    settings.home.mkdir(exist_ok=True)
    settings.home.chmod(0o755)
    found = {one.said: one.mend for one in CHECKS["folders"](settings)}
    (remedy,) = [remedy for said, remedy in found.items() if "look into" in said]
    assert remedy == f"chmod -R o= {settings.home}"
    settings.home.chmod(0o750)
    assert not any("look into" in one.said for one in CHECKS["folders"](settings))


def test_tls_address_without_certificates_is_a_problem(settings: Settings):
    lacking = settings.model_copy(update={"scheduler": f"tls://127.0.0.1:{free_port()}"})
    assert "set CSSERV_TLS" in bad(lacking)["TLS"]


@pytest.mark.slow
def test_scheduler_that_does_not_answer_is_told(settings: Settings):
    address = f"tcp://127.0.0.1:{free_port()}"
    gone = settings.model_copy(update={"scheduler": address})
    (finding,) = list(CHECKS["workers"](gone))
    assert f"no dask scheduler answers at {address}" in finding.said
    assert "csserv start-scheduler" in finding.mend


@pytest.mark.slow
def test_scheduler_that_accepts_but_is_silent_is_told(settings: Settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        (finding,) = list(CHECKS["workers"](settings.model_copy(update={"scheduler": address})))
    assert f"no dask scheduler answers at {address}" in finding.said


class WebServer(socketserver.BaseRequestHandler):
    """Answers whatever it hears as a web server would."""

    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def test_web_server_is_not_taken_for_a_scheduler(settings: Settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), WebServer) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        address = f"tcp://127.0.0.1:{other.server_address[1]}"
        wrong = settings.model_copy(update={"scheduler": address})
        assert "is no dask scheduler" in bad(wrong)["workers"]
        other.shutdown()


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[tuple[Settings, Supervisor]]:
    own = environment({"home": settings.home, "data": settings.data})
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    with Supervisor(own, tmp_path / "logs") as processes:
        processes.start("scheduler", [*CSSERV, "start-scheduler", "--port", str(port)])
        eventually(lambda: "Scheduler at" in processes.said("scheduler"))
        yield settings.model_copy(update={"scheduler": address}), processes


@pytest.mark.slow
def test_workers_are_counted_and_their_folders_looked_at(
    server: tuple[Settings, Supervisor], tmp_path: Path
):
    settings, processes = server
    assert "csserv start-worker" in bad(settings)["workers"]
    command = [*CSSERV, "start-worker", "--scheduler", str(settings.scheduler)]
    processes.start("worker", command)
    eventually(lambda: not bad(settings), what=str(bad(settings)))
    assert "1 workers, same versions, same folders" in found(settings, "workers")[-1].said


@pytest.mark.slow
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
    assert file_system_of(Path("/srv/home"), partitions) == "nfs4"
    assert file_system_of(Path("/srv/a/home"), partitions) == "xfs"
    assert file_system_of(Path("/srvice"), partitions) == "ext4"
    assert file_system_of(Path("relative"), partitions) == ""


def test_file_system_that_was_mounted_over_another_counts():
    partitions = [Partition("/", "ext4"), Partition("/srv", "autofs"), Partition("/srv", "nfs4")]
    assert file_system_of(Path("/srv/home"), partitions) == "nfs4"


def test_disk_of_a_linked_home_is_where_the_link_leads(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    partitions = [Partition("/", "ext4"), Partition(str((tmp_path / "far").resolve()), "nfs4")]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: partitions)
    linked = settings.model_copy(update={"home": tmp_path / "near"})
    assert "nfs4" in bad(linked)["disk"]
    linked = settings.model_copy(update={"data": tmp_path / "near"})
    assert "disk" not in bad(linked)
    assert any("nfs4: good for data" in one.said for one in found(linked, "disk"))


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "lustre", "ceph"])
def test_remote_file_systems_are_known(kind: str):
    assert is_network_file_system(kind)
    assert not any(
        is_network_file_system(local)
        for local in ("ext4", "xfs", "overlay", "tmpfs", "fuseblk", "")
    )


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [
        (2**29, 2**34, Level.PROBLEM),
        (3 * 2**30, 2**34, Level.WARNING),
        (2**34, 2**35, Level.OK),
        (2**34, 2**39, Level.WARNING),  # 3 %
    ],
)
def test_little_room_is_told(free: int, total: int, level: Level):
    assert free_space(free, total).level is level


@pytest.mark.parametrize(
    ("free", "total", "levels"),
    [(0, 100, [Level.PROBLEM]), (4, 100, [Level.WARNING]), (5, 100, []), (0, 0, [])],
)
def test_few_inodes_are_told(free: int, total: int, levels: list[Level]):
    assert [one.level for one in free_inodes(free, total)] == levels


def test_command_prints_lines_and_exits_with_1_on_a_problem(settings: Settings):
    def call(*words: str, **changes: object) -> Result:
        own = as_variables(settings.model_copy(update=changes))
        return CliRunner(env=own).invoke(main, ["doctor", *words])

    done = call()
    assert done.exit_code == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("0 problems")
    done = call("--json", data=settings.data / "nowhere")
    assert done.exit_code == 1
    levels = {one["check"]: one["level"] for one in json.loads(done.stdout)}
    assert levels["folders"] == "problem"


def test_damaged_files_of_a_home_are_named_with_what_mends_them(
    service: Service, settings: Settings
):
    task = service.submit("rain", "mean", service.area("Kenya"), "2019-01")
    assert found(settings, "damage")[0].level is Level.OK
    log = settings.home / "task_log.json"
    (area,) = (settings.home / "areas").iterdir()
    folder = settings.home / "results" / task.id
    folder.mkdir(parents=True)
    (folder / f"{task.id}.json").write_text("{")
    area.write_bytes(area.read_bytes()[:-1])
    (settings.home / "tokens.json").write_text("")
    log.write_bytes(log.read_bytes()[:-9])
    said = [f"{one.said}; {one.mend}" for one in found(settings, "damage")]
    named = ("task_log.json", "areas/", "results/", "tokens.json")
    assert all(any(name in one for one in said) for name in named), said
    assert any("csserv repair" in one for one in said)
    assert "csserv repair" in bad(settings)["task log"]

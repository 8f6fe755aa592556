"""The doctor names who can reach what, and logs that cannot be written."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from csserv import Settings
from csserv.doctor import CHECKS, Level
from csserv.doctor.finding import Finding
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.leadership import lead
from tests.tasks.log.test_task_log import add


def found(settings: Settings, check: str, **changes: object) -> list[Finding]:
    return list(CHECKS[check](settings.model_copy(update=changes)))


def said(findings: list[Finding], level: Level) -> str:
    return "; ".join(one.said for one in findings if one.level is level)


def test_secrets_that_others_can_read_are_named(settings: Settings):
    home = settings.home
    (home / "own-tls").mkdir(parents=True)
    for name in ("tokens.json", "own-tls/ca-key.pem", "task_log.json"):
        (home / name).write_text("{}")
        (home / name).chmod(0o644)
    home.chmod(0o700)  # nobody comes to them
    assert found(settings, "secrets")[0].level is Level.OK
    home.chmod(0o755)
    (home / "own-tls").chmod(0o755)
    told = found(settings, "secrets")
    assert {one.mend for one in told} == {
        f"chmod 600 {home / name}" for name in ("tokens.json", "own-tls/ca-key.pem")
    }
    (home / "own-tls").chmod(0o700)
    assert [one.mend for one in found(settings, "secrets")] == [f"chmod 600 {home}/tokens.json"]


def test_own_cluster_without_tls_is_a_problem(settings: Settings):
    log = TaskLog(settings.home)
    assert found(settings, "own cluster") == []
    leadership = lead(log, 60.0, lambda: True, lambda: None)
    assert leadership
    assert found(settings, "own cluster") == []  # it has no workers yet
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        for scheme, level in (("tcp", Level.PROBLEM), ("tls", Level.OK)):
            (settings.home / "scheduler").write_text(f"{scheme}://{address}")
            assert [one.level for one in found(settings, "own cluster")] == [level]
    leadership.close()


def test_server_that_lets_anybody_in_is_warned_about(settings: Settings):
    assert found(settings, "callers")[0].level is Level.OK
    told = found(settings, "callers", access="open", origins="*")
    assert "CSSERV_ACCESS=open" in said(told, Level.WARNING)
    assert "CSSERV_ORIGINS=*" in said(told, Level.WARNING)
    assert found(settings, "callers", origins="https://a.org")[0].level is Level.OK


@pytest.mark.parametrize("wrong", ["folder", "file/below", "folder/../file/below"])
def test_log_file_that_cannot_be_is_a_problem(settings: Settings, tmp_path: Path, wrong: str):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    told = found(settings, "log files", log_file=tmp_path / wrong)
    assert wrong in said(told, Level.PROBLEM)
    assert "CSSERV_LOG_FILE" in told[0].mend


def test_log_file_is_looked_at_and_not_made(settings: Settings, tmp_path: Path):
    path = tmp_path / "logs" / "csserv.log"
    assert found(settings, "log files", log_file=path)[0].level is Level.OK
    assert not path.parent.exists()


def test_large_log_of_a_home_is_told(settings: Settings):
    settings.home.mkdir()
    with (settings.home / "runner.log").open("wb") as file:
        file.truncate(2 * 2**30)
    assert "2.1 GB" in said(found(settings, "log files"), Level.WARNING)


def test_damaged_index_is_named_with_what_mends_it(settings: Settings):
    log = TaskLog(settings.home)
    for number in range(30):
        add(log, f"t{number}")
        log.cancel(f"t{number}")
    log.archive_finished(keep=0)
    (settings.home / "archive" / "index.sqlite").write_bytes(b"no database" * 1000)
    (told,) = found(settings, "damage")
    assert (told.level, "archive/index.sqlite" in told.said) == (Level.PROBLEM, True)
    assert "csserv repair" in told.mend

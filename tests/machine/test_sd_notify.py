"""Systemd is told what it waits for, and nobody else is bothered."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from csserv.machine.sd_notify import notify


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_states_reach_the_socket(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shown = str(tmp_path / "s") if kind == "path" else f"@{tmp_path.name}-{id(tmp_path)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(shown.replace("@", "\0", 1) if kind == "abstract" else shown)
        monkeypatch.setenv("NOTIFY_SOCKET", shown)
        for state in ("READY=1", "WATCHDOG=1"):
            notify(state)
            assert systemd.recv(64) == state.encode()


@pytest.mark.parametrize("given", ["", "/no/such/socket", "vsock:2:1"])
def test_without_a_socket_nothing_happens(given: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFY_SOCKET", given)
    notify("READY=1")

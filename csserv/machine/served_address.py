"""Where the server of a home is found: it says so in a file, for commands of the same machine."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import psutil

from csserv.machine.written_whole import written_whole

NAME = "serving.json"

#: addresses that mean all of a machine → one of them
OF_ALL = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # as it was asked

#: a process's beginning is told this exactly, at least [s]
SAME = 1.0


def web_address(host: str, port: int) -> str:
    """Write the address of a server of this machine.

    >>> web_address("0.0.0.0", 5006), web_address("::1", 80)
    ('http://127.0.0.1:5006', 'http://[::1]:80')
    """
    name = OF_ALL.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def tell_address(home: Path, address: str) -> None:
    """Say where the server is that this process is; of several, the last one is told."""
    own = psutil.Process()
    said = {"address": address, "pid": own.pid, "began": own.create_time()}
    with suppress(OSError), written_whole(home / NAME, private=True, synced=False) as draft:
        draft.write_text(json.dumps(said), encoding="utf-8")


def forget_address(home: Path) -> None:
    """Remove what this process has said, as it ends."""
    if _said(home).get("pid") == os.getpid():
        (home / NAME).unlink(missing_ok=True)


def served_address(home: Path) -> str | None:
    """Return the address of the server of a home; None where none lives that has said it."""
    said = _said(home)
    try:
        began = psutil.Process(said["pid"]).create_time()
        return str(said["address"]) if abs(began - said["began"]) < SAME else None
    except (KeyError, TypeError, ValueError, psutil.Error):
        return None


def _said(home: Path) -> dict[str, object]:
    try:
        found = json.loads((home / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

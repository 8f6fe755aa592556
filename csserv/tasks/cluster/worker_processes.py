"""Starts workers on this machine, as processes that are nobody's children."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from distributed.utils import get_ip

from csserv.settings import Settings, as_variables
from csserv.tasks.cluster.security import check_binding, is_loopback

#: starts a program and ends, so that the program outlives whoever asked for it, and leaves him no
#: dead child to bury
DETACH = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"


def start_workers(settings: Settings, scheduler: str, names: Iterable[str]) -> None:
    """Start a worker for each name; each ends when its scheduler does.

    What they say goes to ``workers.log`` of the home folder.

    Raises
    ------
    SettingsError : the scheduler is on another machine, and there is no TLS between
    """
    host = _own_address(scheduler)
    is_encrypted = scheduler.startswith("tls:")
    check_binding(host, settings.tls if is_encrypted else None, insecure=False)
    variables = os.environ | as_variables(settings) | {"CSSERV_SCHEDULER": scheduler}
    if not is_encrypted:  # a runner's own workers speak plainly, on this machine only
        variables.pop("CSSERV_TLS", None)
    for command in _commands(host, names):
        with log_of_workers(settings).open("ab") as output:
            subprocess.run(
                [sys.executable, "-S", "-c", DETACH, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=variables,
                check=True,
            )


def log_of_workers(settings: Settings) -> Path:
    """Return the file that has what started workers say."""
    return settings.home / "workers.log"


def is_here(host: str, scheduler: str) -> bool:
    """Whether a worker's address is that of this machine, as a scheduler sees it."""
    return host == _own_address(scheduler)


def _commands(host: str, names: Iterable[str]) -> Iterator[list[str]]:
    for name in names:
        words = ["start-worker", "--name", name, "--host", host]
        yield [sys.executable, "-m", "csserv", *words]


def _own_address(scheduler: str) -> str:
    """Address of this machine that a scheduler can reach."""
    host = urlsplit(scheduler).hostname or ""
    return "127.0.0.1" if is_loopback(host) else str(get_ip(host))

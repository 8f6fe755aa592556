"""Starts workers on this machine, as processes that outlive the one that starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from distributed.utils import get_ip

from csserv.settings import Settings, as_variables
from csserv.tasks.cluster.listening import check_binding, is_loopback
from csserv.tasks.cluster.security import find_certificates

#: starts a program and exits, so that the program is not a child of the process that asked for it:
#: it outlives that process, and leaves it no zombie
DETACH = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"


def start_workers(settings: Settings, scheduler: str, names: Iterable[str]) -> None:
    """Start a worker for each name; each one ends when its scheduler does.

    Their output goes to ``workers.log`` in the home folder.

    Raises
    ------
    SettingsError : the scheduler is on another machine, and there is no TLS
    """
    host = _own_address(scheduler)
    is_encrypted = scheduler.startswith("tls:")
    tls = find_certificates(settings.tls, settings.home, scheduler) if is_encrypted else None
    check_binding(host, tls, insecure=False)
    log = {"CSSERV_LOG_FILE": str(worker_log_path(settings))}
    variables = os.environ | log | as_variables(settings) | {"CSSERV_SCHEDULER": scheduler}
    variables.pop("CSSERV_TLS", None)
    if tls is not None:
        variables["CSSERV_TLS"] = str(tls)
    for command in _commands(host, names):
        with worker_log_path(settings).open("ab") as output:
            subprocess.run(
                [sys.executable, "-S", "-c", DETACH, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=variables,
                check=True,
            )


def worker_log_path(settings: Settings) -> Path:
    """Return the path of the log file of started workers."""
    return settings.home / "workers.log"


def is_here(host: str, scheduler: str) -> bool:
    """Whether a worker's host is this machine, as the scheduler sees it."""
    return host == _own_address(scheduler)


def _commands(host: str, names: Iterable[str]) -> Iterator[list[str]]:
    for name in names:
        words = ["start-worker", "--name", name, "--host", host]
        yield [sys.executable, "-m", "csserv", *words]


def _own_address(scheduler: str) -> str:
    """Return the address of this machine that the scheduler can reach."""
    host = urlsplit(scheduler).hostname or ""
    return "127.0.0.1" if is_loopback(host) else str(get_ip(host))

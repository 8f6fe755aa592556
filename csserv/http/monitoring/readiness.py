"""Is a server ready for requests? A table of checks, a function each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.log.disk_use import TOO_FULL
from csserv.tasks.run.work_figures import WorkFigures


def check_leader(service: Service) -> str:
    """Say so if no process runs the tasks."""
    state = service.runner_state()
    is_led = state.leads or state.stalled  # told by its own check
    return "" if is_led else "no runner leads the task log: start one (csserv run)"


def check_workers(service: Service) -> str:
    """Say so if the runner has no worker."""
    found = WorkFigures.read(service.settings.home)
    return "" if found.idle + found.busy else "the runner has no worker (yet)"


def check_stalled(service: Service) -> str:
    """Say so if the runner gives no sign of life, and which files do not answer."""
    return "; ".join(service.runner_state().troubles)


def check_disk(service: Service) -> str:
    """Say so if the disk of the home folder is nearly full."""
    return free_space(shutil.disk_usage(service.settings.home).free)


def check_log(service: Service) -> str:
    """Say what of the task log cannot be read."""
    return "; ".join(service.overview.troubles())


#: name → check: a sentence that says what is wrong, or nothing. To add one, add a row
READINESS: dict[str, Callable[[Service], str]] = {
    "leader": check_leader,
    "workers": check_workers,
    "stalled": check_stalled,
    "disk": check_disk,
    "log": check_log,
}


def free_space(free: int) -> str:
    """Say so if that is too little [bytes]."""
    least = f"{TOO_FULL / 2**30:g} GiB"
    return "" if free >= TOO_FULL else f"{free / 2**30:.2f} GiB are free, less than {least}"


def reasons(service: Service) -> dict[str, str]:
    """Return name of a check → why the server is not ready by it; empty if it is ready."""
    found = {name: _answer(check, service) for name, check in READINESS.items()}
    return {name: said for name, said in found.items() if said}


def _answer(check: Callable[[Service], Any], service: Service) -> str:
    try:
        return str(check(service))
    except (CsservError, OSError) as error:
        return str(error)

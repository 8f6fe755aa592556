"""Is this installation sound, and if not, what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from csserv.doctor import machine, server
from csserv.doctor.finding import Finding, Level, problem
from csserv.errors import CsservError
from csserv.settings import Settings

__all__ = ["CHECKS", "Finding", "Level", "examine"]

#: name → check; to add one, add a row
CHECKS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    "folders": machine.check_folders,
    "disk": machine.check_disk,
    "lock": machine.check_lock,
    "versions": machine.check_versions,
    "task log": server.check_log,
    "TLS": server.check_tls,
    "workers": server.check_workers,
    "datasets": server.check_datasets,
    "boundaries": server.check_boundaries,
}


def examine(settings: Settings) -> Iterator[tuple[str, list[Finding]]]:
    """Yield each check's name and what it found, as it comes.

    A check that fails in a way nobody thought of is a problem, and the others go on.
    """
    for name, check in CHECKS.items():
        findings: list[Finding] = []  # those before the failure count too
        try:
            findings.extend(check(settings))
        except CsservError as error:
            findings.append(problem(name, str(error)))
        except Exception as error:
            findings.append(problem(name, f"{type(error).__name__}: {error}"))
        yield name, findings

"""Checks of an installation, each with advice on how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from csserv.doctor import (
    access_checks,
    damage_checks,
    log_checks,
    machine_checks,
    service_checks,
    worker_checks,
)
from csserv.doctor.finding import Finding, Level, problem
from csserv.errors import CsservError
from csserv.settings import Settings

__all__ = ["CHECKS", "Finding", "Level", "examine"]

#: name → check; to add one, add a row
CHECKS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    "folders": machine_checks.check_folders,
    "disk": machine_checks.check_disk,
    "lock": machine_checks.check_lock,
    "versions": machine_checks.check_versions,
    "task log": service_checks.check_log,
    "damage": damage_checks.check_damage,
    "TLS": service_checks.check_tls,
    "own cluster": access_checks.check_own_scheduler,
    "secrets": access_checks.check_secrets,
    "callers": access_checks.check_callers,
    "log files": log_checks.check_log_files,
    "workers": worker_checks.check_workers,
    "datasets": service_checks.check_datasets,
    "numbers": service_checks.check_numbers,
    "boundaries": service_checks.check_boundaries,
}


def examine(settings: Settings) -> Iterator[tuple[str, list[Finding]]]:
    """Run all checks; yield the name and the findings of each as it ends.

    A check that raises an error is reported as a problem, and the others still run.
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

"""What metrics tell of a home, as it was at one moment."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from csserv.errors import TaskLogError
from csserv.http.monitoring.readiness import READINESS, reasons
from csserv.service import Service
from csserv.tasks.kept.kept_store import FOLDER
from csserv.tasks.run.work_figures import WorkFigures

#: most files of the cache that are looked at
MOST_FILES = 20_000


@dataclass(frozen=True)
class Snapshot:
    """Figures of the log, the runner and the disk.

    Attributes
    ----------
    tasks : state → number; empty while the log cannot be read
    oldest : how long the oldest queued task has waited [s]; None while the log cannot be read
    work : sums of the runner; its workers and memory are 0 where none works
    age : of these sums [s]
    checks : name → whether the server is ready by this check
    disk_free, disk_size : of the home folder's disk [bytes]
    log : part of the log → its size [bytes]
    cache : size of what can be made anew [bytes]
    kept : size of the numbers that are kept to be used again [bytes]
    """

    tasks: dict[str, int]
    oldest: float | None
    work: WorkFigures
    age: float
    checks: dict[str, bool]
    disk_free: int
    disk_size: int
    log: dict[str, int]
    cache: int
    kept: int

    @classmethod
    def of(cls, service: Service) -> Snapshot:
        """Take one."""
        wrong = reasons(service)
        states = None
        with suppress(TaskLogError):  # told by its check
            states = service.overview.states()
        work = WorkFigures.read(service.settings.home)
        age = max(0.0, time.time() - work.written) if work.written else 0.0
        if not service.has_runner():
            work.forget_workers()
            work.memory = 0
        disk = shutil.disk_usage(service.settings.home)
        return cls(
            tasks=states.counts if states else {},
            oldest=states.waiting(datetime.now(UTC)) if states else None,
            work=work,
            age=age,
            checks={name: name not in wrong for name in READINESS},
            disk_free=disk.free,
            disk_size=disk.total,
            log=service.overview.log_bytes(),
            cache=_folder_size(service.settings.cache),
            kept=_folder_size(service.settings.home / FOLDER),
        )


def _folder_size(folder: Path) -> int:
    """Return the size of the files in a folder and those below it [bytes]."""
    total = count = 0
    waiting = [folder]
    while waiting and count < MOST_FILES:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:  # removed meanwhile
            continue
    return total

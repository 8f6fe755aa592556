"""Removes what is no longer kept: old results and records, and files of dead attempts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Container, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from csserv.errors import TaskError, TaskExpiredError, TaskNotFinishedError
from csserv.outputs.result_json import read_document
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_log import TaskLog

#: how often the folder of results is searched [s]
HOURLY = 3600.0

#: how often the work folder is searched [s]
OFTEN = 10.0


class Retention:
    """Cleans up for the leading runner; never touches anything of a running task."""

    def __init__(self, log: TaskLog, keep_days: int) -> None:
        self._log = log
        self._keep_days = keep_days
        self._results = log.home / "results"
        self._work = log.home / "work"
        self._next_hour = self._next_look = 0.0

    def recover(self) -> list[Task]:
        """Settle the tasks that the last runner left running.

        One whose result is complete has succeeded; the others are queued again.

        Returns
        -------
        those tasks, as they are now
        """
        running = [task for task in self._log.all() if task.state is TaskState.RUNNING]
        shutil.rmtree(self._work, ignore_errors=True)
        for task in running:
            if (self._results / task.id).exists():
                self._log.succeed(task, self._steps_of(task))
        self._log.requeue_all("its runner stopped")
        return [self._log.get(task.id) for task in running]

    def _steps_of(self, task: Task) -> int:
        """Return the number of steps of a result, which the log may lack for a quick task."""
        path = self._results / task.id / f"{task.id}.json"
        with suppress(OSError, ValueError, LookupError, TypeError):
            return int(read_document(path, with_series=False)["provenance"]["steps_read"])
        return task.total

    def clean_up(self, running: Container[str]) -> None:
        """Remove what is no longer kept; searches the folders only now and then.

        Parameters
        ----------
        running : ids of the tasks that are running
        """
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + OFTEN
            self._clear_work(running)
        if now >= self._next_hour:
            self._next_hour = now + HOURLY
            self._drop_results()
            if self._keep_days:
                self._log.delete_before(self._last_moment())

    def _clear_work(self, running: Container[str]) -> None:
        """Remove the folders of ended attempts, which a disconnected worker may have written to."""
        for path in _entries(self._work):
            if path.name.partition(".")[0] not in running:
                shutil.rmtree(path, ignore_errors=True)

    def _drop_results(self) -> None:
        """Remove results that are older than is kept, and those of tasks that did not succeed."""
        for path in _entries(self._results):
            if self._is_over(path):
                _remove(path, self._work)

    def _is_over(self, result: Path) -> bool:
        """Whether a result is to be removed; asks the log only about those that may be."""
        age = time.time() - result.stat().st_mtime
        old = self._keep_days and age > self._keep_days * 86400
        if not old and age > 2 * HOURLY:
            return False
        try:
            task = self._log.get(result.name)
        except TaskExpiredError:  # or its record was lost, and is to be made anew of this
            return bool(old)
        except TaskError:  # no task of this log, or the log cannot be read now
            return False
        if not task.state.is_final:
            return False
        late = self._keep_days and str(task.finished) < self._last_moment()
        return bool(late) or task.state is not TaskState.SUCCEEDED

    def _last_moment(self) -> str:
        """Return the time before which tasks must have ended to be removed."""
        return (datetime.now(UTC) - timedelta(days=self._keep_days)).isoformat()


def remove_task(log: TaskLog, task: Task) -> None:
    """Remove a finished task and its result.

    Raises
    ------
    TaskNotFinishedError : it has not ended
    """
    if not task.state.is_final:
        raise TaskNotFinishedError(f"task {task.id} is {task.state}; cancel it first")
    _remove(log.home / "results" / task.id, log.home / "work")
    log.delete(task.id)


def _remove(result: Path, work: Path) -> None:
    """Remove a result; readers see either all of it or nothing."""
    gone = work / f"{result.name}.expired"
    work.mkdir(exist_ok=True)
    with suppress(OSError):
        result.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _entries(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from list(folder.iterdir())

"""The results of tasks on this machine's disk: opened when they are whole, read in part before."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csserv.errors import (
    InvalidRequestError,
    TaskCancelledError,
    TaskExpiredError,
    TaskFailedError,
    TaskNotFinishedError,
)
from csserv.outputs import Result
from csserv.tasks.log.task import SUMS, Task, TaskState
from csserv.tasks.log.task_ids import as_uuid
from csserv.tasks.work.partial import read_partial


@dataclass(frozen=True)
class FinishedResults:
    """The results in a home, which are kept so many days (0: until somebody removes them)."""

    home: Path
    keep_days: float

    def open(self, task: Task) -> Result:
        """Open the result of a task as it is now.

        Raises
        ------
        TaskFailedError, TaskCancelledError : the task has no result; says why
        TaskNotFinishedError : the task has not ended
        TaskExpiredError : the result is no longer kept
        InvalidRequestError : the task has fetched data or prepared numbers, and has none
        """
        if task.state is TaskState.FAILED:
            raise TaskFailedError(f"task {task.id} failed: {task.error}")
        if task.state is TaskState.CANCELLED:
            raise TaskCancelledError(f"task {task.id} was cancelled, so it has no result")
        if task.state is not TaskState.SUCCEEDED:
            raise TaskNotFinishedError(
                f"task {task.id} is {task.state} ({task.progress:.0%}); no result yet"
            )
        if task.request.fetch:
            raise InvalidRequestError(
                f"task {task.id} has fetched {task.request.dataset}: that is in the archive now, "
                "and there is no result to open"
            )
        if task.request.prepare == SUMS:
            raise InvalidRequestError(
                f"task {task.id} has made time sums of {task.request.dataset}, which requests for "
                "longer steps are answered from: there is no result to open"
            )
        if task.request.prepare:
            raise InvalidRequestError(
                f"task {task.id} has prepared numbers of {task.request.dataset} for later "
                "requests: submit one, and it takes a moment"
            )
        result = Result(self.home / "results" / task.id)
        if not result.folder.exists():
            raise TaskExpiredError(
                f"the result of task {task.id}, which ended on {str(task.finished)[:10]}, is no "
                f"longer kept ({self._kept()}); submit the request again to compute it anew"
            )
        return result

    def partial(self, task: Task) -> dict[str, Any]:
        """Return the series of a task as far as they are known; see ``Service.partial``."""
        if task.state.is_final:
            return self.open(task).json
        work = self.home / "work" / f"{task.id}.{task.attempt}"
        return read_partial(work) or {"series": [], "partial": True}

    def file_names(self, task_id: str) -> list[str]:
        """List the names of a result's files; empty if there are none."""
        # not by pathlib, which takes four times as long: lists of tasks ask for each
        with suppress(FileNotFoundError, NotADirectoryError, ValueError):  # or it is no id at all
            folder = f"{self.home}{os.sep}results{os.sep}{as_uuid(task_id)}"
            return sorted(os.listdir(folder))  # noqa: PTH208
        return []

    def _kept(self) -> str:
        days = self.keep_days
        return f"CSSERV_KEEP_DAYS is {days} days" if days else "somebody removed it"

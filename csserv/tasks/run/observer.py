"""Observes a runner's work: logs what happens, and adds it to the figures of its home."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from csserv.logs import event
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.failure_reasons import failure_reason
from csserv.tasks.run.one_call import Call
from csserv.tasks.run.work_figures import INTERVAL, Durations, WorkFigures

logger = logging.getLogger(__name__)


class WorkObserver:
    """Told by the runner what happens; it never keeps the runner from going on."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._figures = WorkFigures.read(home)
        self._workers: set[str] = set()
        self._set_aside: set[str] = set()
        self._next = 0.0

    def workers_seen(
        self,
        workers: Collection[str],
        busy: Collection[str],
        set_aside: Mapping[str, str],
        memory: Mapping[str, int],
    ) -> None:
        """Note which workers there are, which of them have a call, and which are set aside.

        Parameters
        ----------
        set_aside : name of worker → why
        memory : name of worker → what it uses [bytes]
        """
        self._figures.worker_memory = dict(memory)
        for name in sorted(set_aside.keys() - self._set_aside):
            reason = set_aside[name]
            event(logger, "worker set aside", level=logging.WARNING, worker=name, reason=reason)
        self._set_aside = set(set_aside)
        self._figures.set_aside = len(set_aside)
        known = set(workers)
        for address in sorted(known - self._workers):
            event(logger, "worker joined", worker=address)
        for address in sorted(self._workers - known):
            event(logger, "worker left", level=logging.WARNING, worker=address)
        if known != self._workers:
            self._next = 0.0
        self._workers = known
        self._figures.busy = len(known.intersection(busy))
        self._figures.idle = len(known) - self._figures.busy

    def task_claimed(self, task: Task) -> None:
        """Note the beginning of an attempt."""
        waited = _between(task.submitted, task.started)
        if task.attempt == 1:
            self._figures.waits.add(waited)
        event(
            logger,
            "task claimed",
            task=task.id,
            request_id=task.request_id,
            attempt=task.attempt,
            dataset=task.request.dataset,
            operation=task.request.operation,
            waited=round(waited, 3),
        )

    def call_ended(self, attempt: Attempt, call: Call) -> None:
        """Note a call that a worker has finished."""
        seconds = max(0.0, time.monotonic() - call.started)
        name = call.function.__name__
        self._figures.calls.setdefault(name, Durations()).add(seconds)
        self._figures.steps += call.steps
        if attempt.total:
            self._figures.bytes_read += attempt.task.request.bytes * call.steps / attempt.total
        event(
            logger,
            "call ended",
            level=logging.DEBUG,
            task=attempt.task.id,
            request_id=attempt.task.request_id,
            call=name,
            of=call.name,
            worker=call.worker,
            seconds=round(seconds, 3),
        )

    def task_left(self, task: Task) -> None:
        """Note a task that has ended, or is queued again."""
        told: dict[str, Any] = {
            "task": task.id,
            "request_id": task.request_id,
            "attempt": task.attempt,
        }
        if task.state is TaskState.QUEUED:
            reason = failure_reason(task.error or "")
            self._figures.retries[reason] += 1
            event(
                logger,
                "task queued again",
                level=logging.WARNING,
                **told,
                reason=reason,
                error=task.error,
            )
            return
        if not task.state.is_final:
            return
        self._figures.ended[str(task.state)] += 1
        level, reason = logging.INFO, ""
        if task.state is TaskState.SUCCEEDED:
            self._figures.runs.add(task.seconds)
        elif task.state is TaskState.FAILED:
            level, reason = logging.WARNING, failure_reason(task.error or "")
            self._figures.failures[reason] += 1
        event(
            logger,
            "task ended",
            level=level,
            **told,
            state=str(task.state),
            seconds=round(task.seconds, 3),
            reason=reason,
            error=task.error,
        )

    def write_if_due(self) -> None:
        """Write the figures every some seconds."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + INTERVAL
        _write(self._figures, self._home)

    def close(self) -> None:
        """Write the figures for the last time: without workers."""
        self._figures.forget_workers()
        self._next = 0.0
        self.write_if_due()


def note_start(home: Path) -> None:
    """Say in the figures that a runner is at work, which has no workers yet."""
    figures = WorkFigures.read(home)
    figures.forget_workers()
    _write(figures, home)


def _write(figures: WorkFigures, home: Path) -> None:
    figures.pid, figures.written = os.getpid(), time.time()
    figures.memory = psutil.Process().memory_info().rss
    with suppress(OSError):  # a full disk is told elsewhere
        figures.write(home)


def _between(start: str, end: str | None) -> float:
    """Return the time between two moments of the log [s]; clocks can be set back."""
    if end is None:
        return 0.0
    gone = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return max(0.0, gone.total_seconds())

"""One attempt at one task: its calls to workers, those in progress, and how much is done."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Container, Set
from contextlib import suppress
from dataclasses import dataclass, field

from csserv.errors import TaskFailedError
from csserv.tasks.cluster.cluster import Cluster, Running
from csserv.tasks.log.task import Task
from csserv.tasks.run.one_call import Call
from csserv.tasks.work.attempt_context import AttemptContext


@dataclass(eq=False)
class Attempt:
    """One attempt at a task: first the weights, then the blocks, then the assembling."""

    task: Task
    context: AttemptContext
    waiting: deque[Call]  #: calls that can be started now
    later: deque[list[Call]]  #: groups of calls that follow, each when the one before is done
    total: int
    proof: Call  #: what each worker must do before it is given the others
    in_progress: dict[str, Call] = field(default_factory=dict)  #: dask key → call in progress
    finished_steps: float = 0.0
    kept: float = 0.0  #: share of what it was to read that had been computed before, 0 to 1

    @property
    def dataset(self) -> str:
        """Name of the dataset that it reads."""
        return self.task.request.dataset

    @property
    def key(self) -> str:
        """Id of the task and number of the attempt, in the dask keys of its calls."""
        return f"{self.context.task}.{self.context.attempt}"

    @property
    def done(self) -> int:
        """Number of steps processed, in finished blocks and as reported for those in progress."""
        reported = sum(call.reported for call in self.in_progress.values())
        return min(self.total, round(self.finished_steps + reported))

    @property
    def is_done(self) -> bool:
        """Whether no call is left."""
        return not (self.waiting or self.in_progress or self.later)

    def next_call(self, name: str, able: Set[str]) -> Call | None:
        """Return the first waiting call for a worker; see :meth:`Call.is_for`."""
        return next((call for call in self.waiting if call.is_for(name, able)), None)

    def start(self, call: Call, cluster: Cluster, worker: str, name: str) -> Running:
        """Start a waiting call on a worker with this address and name."""
        self.waiting.remove(call)
        key, call.future = call.start(cluster, worker, name, self.key)
        self.in_progress[key] = call
        return call.future

    def report(self, number: int, share: float) -> None:
        """Record the share of a block that its worker has done, 0 to 1."""
        for call in self.in_progress.values():
            if call.number == number:
                call.reported = min(max(share, 0.0), 1.0) * call.steps
                call.show_sign()

    def finish_call(self, key: str) -> Call:
        """Record that a call is finished; after the last one of a group, the next one begins."""
        call = self.in_progress.pop(key)
        call.future = None  # dask forgets the call, so its worker's end loses nothing
        self.finished_steps += call.steps
        if not (self.waiting or self.in_progress) and self.later:
            self.waiting.extend(self.later.popleft())
        return call

    def done_here(self) -> None:
        """Record that the runner did the only call; what it left in its folder is removed."""
        self.finished_steps += self.waiting.popleft().steps
        self.give_up()

    def take_back(self, key: str) -> Call:
        """Queue a call again, as the first one; this does not count as a try."""
        call = self.in_progress.pop(key)
        call.tries -= 1
        if call.future is not None:
            call.future.cancel()
            call.future = None
        self.waiting.appendleft(call)
        return call

    def worker_died(self, key: str, how: str) -> None:
        """Queue a call again, as the first one, because its worker died.

        Raises
        ------
        TaskFailedError : as many workers died over it as the task may have attempts
        """
        call = self.in_progress.pop(key)
        if call.tries >= self.task.attempts:
            times = f", {call.tries} times" if call.tries > 1 else ""
            raise TaskFailedError(f"{how} while it worked on {call.name}{times}")
        self.waiting.appendleft(call)

    def workers_left(self, workers: Container[str]) -> None:
        """Queue calls again whose workers left in good order; this does not count as a try."""
        for key, call in list(self.in_progress.items()):
            if call.worker in workers:
                self.take_back(key)

    def give_up(self) -> None:
        """Cancel the calls in progress; a running one notices that its folder is gone."""
        for call in self.in_progress.values():
            if call.future is not None:
                call.future.cancel()
        with suppress(OSError):  # most are empty
            self.context.work.rmdir()
            return
        # renamed first, so that a call that goes on writing cannot fill it again
        gone = self.context.work.with_name(f"{self.context.work.name}.gone")
        with suppress(FileNotFoundError):
            self.context.work.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

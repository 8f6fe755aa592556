"""An attempt at a task that fetches data: one call, by one worker, which may go on for long."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from csserv.settings import Settings
from csserv.tasks.log.task import Task
from csserv.tasks.plan.fetch_task import FETCH, from_plain
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.one_call import Call
from csserv.tasks.work.archives.fetch_call import FetchPlace, fetch_files, total_file
from csserv.tasks.work.attempt_context import AttemptContext
from csserv.tasks.work.proof import Proof, prove


@dataclass(eq=False)
class FetchAttempt(Attempt):
    """An attempt at a fetch; how many files there are is known when the provider has answered."""

    @property
    def dataset(self) -> str:
        """What workers are judged by: one that cannot fetch may be able to read, and vice versa."""
        return f"{FETCH} of {self.task.request.dataset}"

    def report(self, number: int, share: float) -> None:
        """Record the share that is done, and of how many files."""
        with suppress(OSError, ValueError):
            found = int(total_file(self.context.work).read_text(encoding="utf-8"))
            self.total = max(found, self.total)
            for call in (*self.in_progress.values(), *self.waiting):
                call.steps = float(self.total)
        super().report(number, share)


def plan_fetch_attempt(task: Task, home: Path, settings: Settings) -> FetchAttempt:
    """Plan an attempt at a task that fetches, and create its work folder; nobody is asked yet."""
    context = AttemptContext.without_result(task, FETCH, home)
    record, own = task.request, settings
    place = FetchPlace(own.data, own.catalog, own.cache, own.provider_base)
    args = context, place, record.dataset, from_plain(record.fetch)
    call = Call(f"the fetch of {record.dataset}", fetch_files, args, 0)
    proof = Call("the work folder", prove, (Proof(None, context.work),))
    return FetchAttempt(task, context, deque([call]), deque(), total=0, proof=proof)

"""Small requests, which the runner answers by itself: to hand one to a worker takes far longer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from csserv.errors import SilentFileError
from csserv.machine.patience import Patience, Touch
from csserv.request import Area, Options
from csserv.settings import Settings
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.one_call import Call
from csserv.tasks.work.worker_calls import compute_at_once, compute_here
from csserv.zonal.operations import operations

#: of these, a small request has no more: zones, vertices of all of them, numbers of its result
ZONES, VERTICES, NUMBERS = 20, 5_000, 20_000

#: of a request of kept numbers alone, which reads no data, numbers of its result
KEPT_NUMBERS = 100_000

#: so many small tasks are in hand at most: they wait for the disk together
AT_ONCE = 8


@dataclass(frozen=True)
class SmallWork:
    """Tells small requests from others, and answers them.

    Whatever goes wrong with one, a worker tries it then, as if it were a large one: so a failure
    is judged in one place, and a request that ends the process that works on it ends this one once.

    Parameters
    ----------
    most : unpacked size of what a small request reads [bytes]; 0: none is small
    """

    most: float

    @classmethod
    def of(cls, settings: Settings | None) -> Self:
        """Find in the settings how small; nothing is without them."""
        return cls(settings.small_request * 1e6 if settings else 0)

    def takes(self, task: Task) -> bool:
        """Whether a task seems to be small, as its record says."""
        record, began = task.request, task.state is TaskState.RUNNING
        if task.attempt > began:  # it may have ended the process that worked on it
            return False
        if not 0 < record.bytes <= self.most or record.zones > ZONES:
            return False
        return record.has_result and _is_plain(record)

    def answer(self, attempt: Attempt, area: Area, patience: Patience) -> Call | None:
        """Do the work of an attempt, if it is small; else, or if that fails, it stays to be done.

        Returns
        -------
        the call that was done

        Raises
        ------
        SilentFileError : a file does not answer
        """
        if not (is_kept(attempt) or (self.takes(attempt.task) and _is_small(attempt, area))):
            return None
        (call,) = attempt.waiting
        context, _, *rest = call.args
        call.started = time.monotonic()

        def compute(touch: Touch) -> None:
            for source in call.sources:
                touch(source.path)
            compute_here(context, area, *rest)

        try:
            patience.call(attempt.task.id, compute)
        except SilentFileError:
            raise
        except Exception:
            return None  # a worker tries it, and what happens there is judged; or it was given up
        else:
            attempt.done_here()
            return call


def is_kept(attempt: Attempt) -> bool:
    """Whether all of it was computed before, and is quickly put together."""
    task = attempt.task
    if task.attempt > 1 or task.request.prepare or not _is_plain(task.request):
        return False
    if len(attempt.waiting) != 1 or attempt.waiting[0].function is not compute_at_once:
        return False
    _, _, blocks, _ = attempt.waiting[0].args
    numbers = task.request.zones * sum(block.steps for block in blocks)
    return numbers <= KEPT_NUMBERS and all(block.is_kept for block in blocks)


def _is_plain(record: RequestRecord) -> bool:
    """Whether a request is about values of days, or of longer steps, and nothing more."""
    options = Options.as_known(record.options)
    if options.index or options.against:
        return False
    return not any(one.export for one in operations(record.operation).values())


def _is_small(attempt: Attempt, area: Area) -> bool:
    """Whether it is one call that needs no library which only one thread may use at a time."""
    if len(attempt.waiting) != 1 or attempt.waiting[0].function is not compute_at_once:
        return False
    if any(source.index is None for source in attempt.waiting[0].sources):
        return False
    return area.vertices <= VERTICES and attempt.total * len(area.zones) <= NUMBERS


@dataclass
class Room:
    """How many more tasks may be claimed: small ones, and others."""

    work: SmallWork
    small: int
    large: int
    is_full: bool = False  #: whether one did not fit

    def fits(self, task: Task) -> bool:
        """Whether there is room for a task; if so, it takes it."""
        if self.work.takes(task):
            self.small -= 1
            self.is_full = self.small < 0
        else:
            self.large -= 1
            self.is_full = self.large < 0
        return not self.is_full

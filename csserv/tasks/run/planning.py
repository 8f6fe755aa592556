"""Plans attempts off the runner's loop, and does small ones: no silent file holds up others."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from csserv.catalog import Catalog
from csserv.errors import CsservError, SettingsError
from csserv.machine.patience import Patience, Touch
from csserv.request import Area
from csserv.settings import Settings
from csserv.tasks.kept.kept_lookup import opened_store
from csserv.tasks.kept.kept_store import FOLDER, KeptStore
from csserv.tasks.log.task import SUMS, Task
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.attempt_plan import plan_attempt
from csserv.tasks.run.one_call import Call
from csserv.tasks.run.small_work import SmallWork, is_kept

logger = logging.getLogger(__name__)

#: a plan that takes longer may wait for a file: other tasks of its dataset wait, too, and those of
#: other datasets go first [s]
SLOW = 2.0

#: a dataset with a file that does not answer is tried again after so many times of patience
RESTS = 5


@dataclass(frozen=True, eq=False)
class Planned:
    """What came of planning an attempt; and the call that did all of it, if it was small."""

    task: Task
    outcome: Attempt | Exception
    done: Call | None = None


@dataclass(eq=False)
class Planning:
    """The plans that are being made, each in a thread that does not keep the process from ending.

    Parameters
    ----------
    tell : called, in that thread, with what came of each
    settings : those that a task needs which fetches data; without them no numbers are kept
    """

    catalog: Catalog
    log: TaskLog
    patience: Patience
    tell: Callable[[Planned], None]
    settings: Settings | None = None
    #: those that are being answered, by task
    _answered: dict[str, Attempt] = field(default_factory=dict)
    _begun: dict[str, tuple[Task, float]] = field(default_factory=dict)
    #: dataset → the file that does not answer, and when to try again at the latest
    _rests: dict[str, tuple[str, float]] = field(default_factory=dict)

    @cached_property
    def small(self) -> SmallWork:
        """Tells what is small, and answers it."""
        return SmallWork.of(self.settings)

    @property
    def tasks(self) -> list[Task]:
        """The tasks that are being planned."""
        return [task for task, _ in self._begun.values()]

    def quick(self) -> tuple[int, int]:
        """Count the tasks that do not take long so far: small ones, and those being planned."""
        begun = [task for task, since in self._begun.values() if not self._is_slow(since)]
        small = sum(map(self.small.takes, begun))
        return small, len(begun) - small

    @property
    def avoided(self) -> frozenset[str]:
        """The datasets of which no further task should be planned now."""
        now = time.monotonic()
        if self._rests:
            silent = {one.file for one in self.patience.silences()}
            self._rests = {
                dataset: (file, until)
                for dataset, (file, until) in self._rests.items()
                if file in silent and until > now
            }
        slow = {t.request.dataset for t, since in self._begun.values() if self._is_slow(since)}
        return frozenset(slow | self._rests.keys())

    def start(self, task: Task) -> None:
        """Plan an attempt at a task."""
        self._begun[task.id] = (task, time.monotonic())
        threading.Thread(target=self._plan, args=(task,), name="csserv-plan", daemon=True).start()

    def end(self, planned: Planned) -> bool:
        """Note that a plan is made; False if nobody waits for it any more."""
        known = self._begun.get(planned.task.id)
        if known is None or known[0].attempt != planned.task.attempt:
            if isinstance(planned.outcome, Attempt):
                planned.outcome.give_up()
            return False
        del self._begun[planned.task.id]
        return True

    def drop(self, task_id: str) -> None:
        """Wait for the plan of a task no longer."""
        self._begun.pop(task_id, None)
        if attempt := self._answered.pop(task_id, None):
            attempt.give_up()

    def rest(self, dataset: str, file: str) -> None:
        """Plan no task of a dataset until a file answers, or for a while."""
        self._rests[dataset] = (file, time.monotonic() + RESTS * self.patience.seconds)

    def follow_up(self, task: Task) -> None:
        """Queue what a task that succeeded gives reason for; in a thread.

        After data have come, that is what was prepared of their dataset, and its time sums; after
        a request for months, perhaps sums.
        """
        auto = self.settings is not None and self.settings.sums == "auto"
        if self.settings and (task.request.fetch or (auto and task.request.has_result)):
            threading.Thread(target=self._follow_up, args=(task,), daemon=True).start()

    def _follow_up(self, task: Task) -> None:
        # needed after a fetch only, and where sums are made by themselves
        from csserv.tasks.run.fetching.prepared_again import queue_preparations
        from csserv.tasks.run.summing.sums_queue import queue_sums

        assert self.settings is not None  # noqa: S101 - as was seen
        name, named = task.request.dataset, task.request_id
        try:
            if task.request.fetch and self._store is not None:
                queue_preparations(self.settings, self.log, self.catalog, name, named)
            queue_sums(self.settings, self.log, self.catalog, task)
        except (CsservError, OSError) as error:
            logger.error("what was made of %s is not added to: %s", name, error)

    def _plan(self, task: Task) -> None:
        outcome: Attempt | Exception
        try:
            if task.request.fetch:
                self.tell(Planned(task, self._plan_fetch(task)))
                return
            if task.request.prepare == SUMS:
                self.tell(Planned(task, self._plan_sums(task)))
                return
            area = self.patience.call(task.id, lambda touch: self._area(task, touch))
            outcome = plan_attempt(task, area, self.catalog, self.log.home, self._store)
            done = self._answer(outcome, area)
        except Exception as error:
            outcome, done = error, None
        self.tell(Planned(task, outcome, done))

    def _answer(self, attempt: Attempt, area: Area) -> Call | None:
        """Do a small task at once; it may be dropped meanwhile."""
        key = attempt.task.id
        if not (self.small.takes(attempt.task) or is_kept(attempt)):
            return None
        self._answered[key] = attempt
        if key not in self._begun:
            self.drop(key)
        try:
            return self.small.answer(attempt, area, self.patience)
        finally:
            self._answered.pop(key, None)

    @cached_property
    def _store(self) -> KeptStore | None:
        most = self.settings.store_max if self.settings else 0.0
        return opened_store(self.log.home.absolute() / FOLDER, int(most * 1e6)) if most else None

    def _plan_fetch(self, task: Task) -> Attempt:
        # few runners fetch: what they need for it is loaded when they do
        from csserv.tasks.run.fetching.fetch_attempt import plan_fetch_attempt

        if self.settings is None:
            raise SettingsError("this runner was not told where data are fetched to")
        return plan_fetch_attempt(task, self.log.home, self.settings)

    def _plan_sums(self, task: Task) -> Attempt:
        from csserv.tasks.run.summing.sums_attempt import plan_sums_attempt

        return plan_sums_attempt(task, self.catalog, self.log.home)

    def _area(self, task: Task, touch: Touch) -> Area:
        touch(Path("areas") / f"{task.request.area}.geojson")
        return self.log.area(task.request)

    def _is_slow(self, since: float) -> bool:
        return time.monotonic() - since > SLOW

"""Series that fill while their tasks run: read once for all who look, told to each in turn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from csserv.errors import TaskError, TaskLogError
from csserv.service import Service
from csserv.views.charts.chart_lines import MOST_LINES
from csserv.views.parts.series_table import SeriesTable

logger = logging.getLogger(__name__)

#: from one look at a task to the next at least [s]
PAUSE = 0.5

#: so many lines are sent in a second at most, however many look: each costs the event loop about
#: half a millisecond, and each message as much as some ``FURTHER`` lines
LINES, FURTHER = 16, 3

#: so many values are sent to a browser in a second at most: a slow link has to take them
VALUES = 20_000

#: takes a series; called in a thread
Told = Callable[[SeriesTable], None]


@dataclass(eq=False)
class Follower:
    """Who looks at a task, and what he has seen of it."""

    task_id: str
    told: Told
    looks: Callable[[], bool]
    seen: SeriesTable | None = None
    due: float = 0.0  #: when it is his turn, by the monotonic clock [s]

    def needs(self, table: SeriesTable) -> int:
        """Count the steps that he has not got: all, where the new ones do not come last."""
        if table is self.seen:
            return 0
        if self.seen is None:
            return len(table.times)
        count = len(self.seen.times)
        return len(table.times) - count * (table.times[:count] == self.seen.times)


class LiveSeries:
    """Follows tasks that run, for all sessions of this process.

    One thread reads and tells, as long as anybody follows. The more follow, the longer is the
    way from one news to the next for each.
    """

    def __init__(self, service: Service, pause: float = PAUSE, lines: float = LINES) -> None:
        self._service, self._pause, self._lines = service, pause, lines
        self._followers: list[Follower] = []
        self._known: dict[str, tuple[float, SeriesTable | None]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def follow(
        self, task_id: str, told: Told, looks: Callable[[], bool] = lambda: True
    ) -> Callable[[], None]:
        """Have a function called with a task's series, as far as known; returns what ends that.

        It is called in a thread, each time that there are more steps and until the task has ended.

        Parameters
        ----------
        looks : asked in that thread whether it is to be called now
        """
        follower = Follower(task_id, told, looks)
        with self._lock:
            self._followers.append(follower)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        return partial(self._drop, follower)

    def _drop(self, follower: Follower) -> None:
        with self._lock:
            if follower in self._followers:
                self._followers.remove(follower)

    def _run(self) -> None:
        while followers := self._present():
            follower = min(followers, key=lambda one: one.due)  # who has just come is the first
            if (wait := follower.due - time.monotonic()) > 0:
                time.sleep(min(wait, self._pause))
                continue
            follower.due = time.monotonic() + self._pause
            try:
                self._attend(follower)
            except (OSError, TaskLogError) as error:
                logger.warning("what is known of a task could not be read; trying again: %s", error)
            except TaskError:  # it is over: that is told in another way
                self._drop(follower)
            except Exception:
                logger.exception("a series that grows could not be shown; it is not any more")
                self._drop(follower)

    def _present(self) -> list[Follower]:
        """List who follows; if nobody does, this is the end of the thread."""
        with self._lock:
            followed = {one.task_id for one in self._followers}
            self._known = {key: one for key, one in self._known.items() if key in followed}
            if not self._followers:
                self._thread = None
            return list(self._followers)

    def _attend(self, follower: Follower) -> None:
        if not follower.looks():
            return
        table = self._read(follower.task_id)
        if table is None or not (steps := follower.needs(table)):
            return
        follower.told(table)
        follower.seen = table
        lines = min(len(table.zones), MOST_LINES)
        follower.due = max(follower.due, time.monotonic() + steps * lines / VALUES)
        time.sleep((FURTHER + lines) / self._lines)

    def _read(self, task_id: str) -> SeriesTable | None:
        """Read what is known of a task, if that was not done just now.

        Raises
        ------
        TaskError : there is nothing more to come
        """
        read_at, known = self._known.get(task_id, (float("-inf"), None))
        if time.monotonic() - read_at < self._pause:
            return known
        table = known_so_far(self._service, task_id)
        if table and known and table.times == known.times:
            table = known  # the same object says that nothing is new
        self._known[task_id] = (time.monotonic(), table)
        return table


def known_so_far(service: Service, task_id: str) -> SeriesTable | None:
    """Read the series of a task as far as they are known; None before the first step.

    Raises
    ------
    TaskError : there is nothing more to come
    """
    task = service.task(task_id)
    if task.state.is_final:
        raise TaskError(f"task {task_id} has ended")
    part = service.partial(task)
    has_steps = part["series"] and part["series"][0]["time"]
    return SeriesTable.of_json(part) if has_steps else None

"""Live series of running tasks, read once for all sessions."""

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

#: shortest time between two reads of a task [s]
MIN_INTERVAL = 0.5

#: most lines sent to all sessions together [1/s], as each takes the event loop about half a
#: millisecond; and the cost of a message [lines]
LINES_PER_SECOND, MESSAGE_COST = 16, 3

#: most values sent to one browser, for slow connections [1/s]
VALUES_PER_SECOND = 20_000

#: called with a series, in a thread
OnSeries = Callable[[SeriesTable], None]


@dataclass(eq=False)
class Follower:
    """Somebody who follows a task.

    Attributes
    ----------
    callback : called with the series so far
    is_watched : whether the series is wanted at this moment
    sent : the series of the last call
    due : time of the next call by the monotonic clock [s]
    """

    task_id: str
    callback: OnSeries
    is_watched: Callable[[], bool]
    sent: SeriesTable | None = None
    due: float = 0.0

    def count_new_steps(self, table: SeriesTable) -> int:
        """Count the steps not sent yet: all, if the new ones do not come last."""
        if table is self.sent:
            return 0
        if self.sent is None:
            return len(table.times)
        count = len(self.sent.times)
        return len(table.times) - count * (table.times[:count] == self.sent.times)


class LiveSeries:
    """Calls functions with the series of running tasks, for all sessions of this process.

    One thread does all reading and calling, while there are followers; each of them is called less
    often the more there are.

    Parameters
    ----------
    interval : shortest time between two reads of a task [s]
    lines_per_second : most lines sent to all followers together [1/s]
    """

    def __init__(
        self,
        service: Service,
        interval: float = MIN_INTERVAL,
        lines_per_second: float = LINES_PER_SECOND,
    ) -> None:
        self._service, self._interval = service, interval
        self._lines_per_second = lines_per_second
        self._followers: list[Follower] = []
        self._known: dict[str, tuple[float, SeriesTable | None]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def follow(
        self, task_id: str, callback: OnSeries, is_watched: Callable[[], bool] = lambda: True
    ) -> Callable[[], None]:
        """Follow the series of a task until it ends; return a function that stops this.

        Parameters
        ----------
        callback : called in a thread with the series so far, each time that there are more steps
        is_watched : called in that thread; while it returns False, nothing is sent
        """
        follower = Follower(task_id, callback, is_watched)
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
        while followers := self._current_followers():
            follower = min(followers, key=lambda one: one.due)  # a new follower comes first
            if (wait := follower.due - time.monotonic()) > 0:
                time.sleep(min(wait, self._interval))
                continue
            follower.due = time.monotonic() + self._interval
            try:
                self._serve(follower)
            except (OSError, TaskLogError) as error:
                logger.warning("what is known of a task could not be read; trying again: %s", error)
            except TaskError:  # the task has ended: the log watcher reports that
                self._drop(follower)
            except Exception:
                logger.exception("a series that grows could not be shown; it is not any more")
                self._drop(follower)

    def _current_followers(self) -> list[Follower]:
        """Return the followers; without any, the thread counts as ended."""
        with self._lock:
            followed = {one.task_id for one in self._followers}
            self._known = {key: one for key, one in self._known.items() if key in followed}
            if not self._followers:
                self._thread = None
            return list(self._followers)

    def _serve(self, follower: Follower) -> None:
        if not follower.is_watched():
            return
        table = self._read(follower.task_id)
        if table is None or not (steps := follower.count_new_steps(table)):
            return
        follower.callback(table)
        follower.sent = table
        lines = min(len(table.zones), MOST_LINES)
        follower.due = max(follower.due, time.monotonic() + steps * lines / VALUES_PER_SECOND)
        time.sleep((MESSAGE_COST + lines) / self._lines_per_second)

    def _read(self, task_id: str) -> SeriesTable | None:
        """Return the series so far of a task, read at most once in an interval.

        Raises
        ------
        TaskError : the task has ended, or cannot be found
        """
        read_at, known = self._known.get(task_id, (float("-inf"), None))
        if time.monotonic() - read_at < self._interval:
            return known
        table = series_so_far(self._service, task_id)
        if table and known and table.times == known.times:
            table = known  # the same object shows that nothing is new
        self._known[task_id] = (time.monotonic(), table)
        return table


def series_so_far(service: Service, task_id: str) -> SeriesTable | None:
    """Read the series of a running task so far; None before the first step.

    Raises
    ------
    TaskError : the task has ended, or cannot be found
    """
    task = service.task(task_id)
    if task.state.is_final:
        raise TaskError(f"task {task_id} has ended")
    part = service.partial(task)
    has_steps = part["series"] and part["series"][0]["time"]
    return SeriesTable.of_json(part) if has_steps else None

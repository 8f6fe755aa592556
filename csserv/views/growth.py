"""Series that fill while their tasks run: read once for all who look, told to each in turn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from csserv.errors import TaskError
from csserv.service import Service
from csserv.views.lines import MOST_LINES
from csserv.views.series import SeriesTable

logger = logging.getLogger(__name__)

#: from one look at a task to the next at least [s]
PAUSE = 0.5

#: what is sent costs the event loop some milliseconds: as three lines do, and the lines. So many
#: lines go out in a second at most, whoever many look
LINES, FURTHER = 20, 3

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
    rests_until: float = 0.0  #: by the monotonic clock [s]

    def tell(self, table: SeriesTable) -> None:
        """Tell what is known; the browser then has time to take it."""
        self.told(table)
        count = len(table.times) - _kept(table, self.seen)
        self.seen = table
        self.rests_until = time.monotonic() + count * _lines(table) / VALUES


class Growth:
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
        while followers := self._round():
            began = time.monotonic()
            for follower in followers:
                try:
                    self._attend(follower)
                except TaskError:  # it is over: that is told in another way
                    self._drop(follower)
                except Exception:
                    logger.exception("a series that grows could not be shown; it is not any more")
                    self._drop(follower)
            time.sleep(max(0.0, began + self._pause - time.monotonic()))

    def _round(self) -> list[Follower]:
        """List who follows; if nobody does, this is the end of the thread."""
        with self._lock:
            followed = {one.task_id for one in self._followers}
            self._known = {key: one for key, one in self._known.items() if key in followed}
            if not self._followers:
                self._thread = None
            return list(self._followers)

    def _attend(self, follower: Follower) -> None:
        if time.monotonic() < follower.rests_until or not follower.looks():
            return
        table = self._read(follower.task_id)
        steps = len(follower.seen.times) if follower.seen else 0
        if table is not None and len(table.times) != steps and follower in self._followers:
            follower.tell(table)
            time.sleep((FURTHER + _lines(table)) / self._lines)

    def _read(self, task_id: str) -> SeriesTable | None:
        """Read what is known of a task, if that was not done just now.

        Raises
        ------
        TaskError : there is nothing more to come
        """
        read_at, table = self._known.get(task_id, (float("-inf"), None))
        if time.monotonic() - read_at >= self._pause:
            table = known_so_far(self._service, task_id)
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


def _lines(table: SeriesTable) -> int:
    """Count the zones that are drawn."""
    return min(len(table.zones), MOST_LINES)


def _kept(table: SeriesTable, seen: SeriesTable | None) -> int:
    """Count the steps that need not be sent again: all, where others only come after them."""
    count = len(seen.times) if seen else 0
    return count if seen and table.times[:count] == seen.times else 0

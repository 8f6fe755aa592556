"""How often one client may ask, and how long one waits who shows bad tokens or passwords."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from csserv.errors import TooManyRequestsError

Clock = Callable[[], float]
_Noted = TypeVar("_Noted")

#: so many clients or addresses are remembered; the one unheard of for longest is forgotten
REMEMBERED = 10_000

#: how long an address waits after its first bad token, and at most [s]; it doubles each time
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0

#: bad tokens are forgotten after so long without another [s]
FORGOTTEN = 900.0


class RateLimit:
    """A bucket for each client that holds ``burst`` requests and fills again over time.

    Parameters
    ----------
    per_second : how many requests come back into a bucket [1/s]
    burst : how many may come at once
    clock : the time [s], from any beginning; it never goes back
    """

    def __init__(self, per_second: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = max(1.0, burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # content, when
        self._lock = threading.Lock()

    def check(self, client: str) -> None:
        """Take a request out of a client's bucket.

        Raises
        ------
        TooManyRequestsError : it is empty; says when there will be one
        """
        with self._lock:
            now = self._clock()
            content, then = self._buckets.pop(client, (self._burst, now))
            content = min(self._burst, content + (now - then) * self._per_second)
            is_full = content >= 1
            self._buckets[client] = (content - is_full, now)
            self._forget(now)
        if not is_full:
            raise TooManyRequestsError(
                f"more than {self._per_second:g} requests a second "
                "(CSSERV_REQUESTS_PER_SECOND); ask again later",
                (1 - content) / self._per_second,
            )

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again, and some more if there are too many."""
        idle = now - self._burst / self._per_second
        _drop_oldest(self._buckets, lambda bucket: bucket[1] < idle)


class Slowdown:
    """How long an address must wait that showed bad tokens or passwords: longer each time."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, when
        self._lock = threading.Lock()

    def delay(self, address: str) -> float:
        """Return how long the address must wait before a token of it is looked at [s]."""
        with self._lock:
            count, then = self._failures.get(address, (0, 0.0))
            if not count:
                return 0.0
            # beyond the tenth the wait stays the same; 2.0 ** 1024 would overflow
            wait = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(count - 1, 10))
            return max(0.0, then + wait - self._clock())

    def failed(self, address: str) -> None:
        """Note that the address showed a bad token or password."""
        with self._lock:
            now = self._clock()
            count, _ = self._failures.pop(address, (0, now))
            self._failures[address] = (count + 1, now)
            _drop_oldest(self._failures, lambda failure: failure[1] < now - FORGOTTEN)

    def succeeded(self, address: str) -> None:
        """Forget what the address got wrong."""
        with self._lock:
            self._failures.pop(address, None)


def _drop_oldest(known: OrderedDict[str, _Noted], is_over: Callable[[_Noted], bool]) -> None:
    """Drop what is over, and the oldest of what is too many; the latest stands last."""
    while known and (len(known) > REMEMBERED or is_over(next(iter(known.values())))):
        known.popitem(last=False)

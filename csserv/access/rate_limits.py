"""Rate limits: requests a client may send, and waiting times after wrong passwords."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from csserv.errors import TooManyRequestsError

Clock = Callable[[], float]
_Noted = TypeVar("_Noted")

#: clients or addresses remembered at most; the one not seen for longest is dropped first
MOST_REMEMBERED = 10_000

#: wait after the first failure, and the longest wait [s]; each failure doubles it
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0

#: failures are dropped after so long without another one [s]
FORGET_AFTER = 900.0


class RateLimit:
    """Limits the requests of each client by a token bucket.

    Parameters
    ----------
    per_second : requests a client may send in the long run [1/s]
    burst : requests it may send at once, at least 1
    clock : returns a time that never goes back [s]
    """

    def __init__(self, per_second: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = max(1.0, burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # content, when
        self._lock = threading.Lock()

    def check(self, client: str) -> None:
        """Count a request of a client.

        Raises
        ------
        TooManyRequestsError : the client is over its limit; says how long to wait [s]
        """
        if wait := self.reserve(client, longest=0.0):
            raise TooManyRequestsError(
                f"more than {self._per_second:g} requests a second "
                "(CSSERV_REQUESTS_PER_SECOND); ask again later",
                wait,
            )

    def reserve(self, client: str, longest: float) -> float:
        """Return how long a request of a client is to wait so that it is within the limit [s].

        It is counted, and later ones wait for it, unless it would wait longer than ``longest``.
        """
        with self._lock:
            now = self._clock()
            content, then = self._buckets.pop(client, (self._burst, now))
            content = min(self._burst, content + (now - then) * self._per_second)
            wait = max(0.0, (1 - content) / self._per_second)
            self._buckets[client] = (content - (wait <= longest), now)
            self._forget(now)
        return wait

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again, and some more if there are too many."""
        idle = now - self._burst / self._per_second
        _drop_oldest(self._buckets, lambda bucket: bucket[1] < idle)


class FailedLoginDelay:
    """Makes whoever sends wrong passwords wait, twice as long each time.

    Failures are counted by a key: an account, a browser or an address.

    Parameters
    ----------
    free : failures without a wait
    """

    def __init__(self, free: int = 0, clock: Clock = time.monotonic) -> None:
        self._free = free
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, when
        self._lock = threading.Lock()

    def delay(self, key: str) -> float:
        """Return how long to wait before checking a password [s]."""
        with self._lock:
            count, then = self._failures.get(key, (0, 0.0))
            count -= self._free
            if count <= 0:
                return 0.0
            # beyond the tenth the wait stays the same; 2.0 ** 1024 would overflow
            wait = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(count - 1, 10))
            return max(0.0, then + wait - self._clock())

    def failed(self, key: str) -> None:
        """Record a wrong password."""
        with self._lock:
            now = self._clock()
            count, _ = self._failures.pop(key, (0, now))
            self._failures[key] = (count + 1, now)
            _drop_oldest(self._failures, lambda failure: failure[1] < now - FORGET_AFTER)

    def take_back(self, key: str) -> None:
        """Take one failure back: the password turned out to be right."""
        with self._lock:
            count, then = self._failures.pop(key, (0, 0.0))
            if count > 1:
                self._failures[key] = (count - 1, then)

    def forget(self, key: str) -> None:
        """Drop all failures of a key."""
        with self._lock:
            self._failures.pop(key, None)


def _drop_oldest(known: OrderedDict[str, _Noted], is_over: Callable[[_Noted], bool]) -> None:
    """Drop entries from the oldest on, as long as they are over or there are too many."""
    while known and (len(known) > MOST_REMEMBERED or is_over(next(iter(known.values())))):
        known.popitem(last=False)

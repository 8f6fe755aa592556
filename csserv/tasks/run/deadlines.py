"""How long a call to a worker may show no progress before it counts as hung."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from csserv.tasks.run.one_call import Call

#: how many times as long as the longest silence of the latest blocks one may be silent
SLACK = 10.0

#: number of latest blocks of a dataset that count
LATEST = 20

#: longest time to read one value [s]
LONGEST_PROOF = 60.0


class Deadlines:
    """Measures how long blocks are silent while they read, and so how long the next ones may be.

    A block reports after each chunk: its silence is the time that the slowest chunk took.

    Parameters
    ----------
    floor : each call may take so long without a sign of progress [s]
    clock : returns the time [s]
    """

    def __init__(self, floor: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._floor = floor
        self._silences: dict[str, deque[float]] = {}  # dataset → [s] of its latest blocks

    def measure(self, dataset: str, call: Call) -> None:
        """Note for how long a block was silent that has just been finished."""
        if call.sources:
            latest = self._silences.setdefault(dataset, deque(maxlen=LATEST))
            latest.append(max(call.silence, self._clock() - call.last_sign))

    def longest(self, dataset: str, is_proof: bool = False) -> float:
        """Return how long a call may show no progress [s]."""
        if is_proof:
            return min(self._floor, LONGEST_PROOF)
        return max(self._floor, SLACK * max(self._silences.get(dataset, ()), default=0.0))

    def is_late(self, dataset: str, call: Call, is_proof: bool = False) -> bool:
        """Whether a call has shown no progress for longer than it may."""
        return self._clock() - call.last_sign > self.longest(dataset, is_proof)

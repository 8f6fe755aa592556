"""How long a task will run, learnt from this machine's latest tasks: an estimate and a range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from csserv.tasks.log.task import Task

#: uncompressed bytes that two workers process in a second, assumed until tasks were measured
RULE_OF_THUMB = 400_000_000

#: most time a task is taken to need besides reading [s]
LEAST = 0.1

#: number of finished tasks, the nearest in size, that the speed is taken from
SIMILAR = 7

#: a task is alike if it read at most so many times as much or as little
ALIKE = 10

#: number of these, the latest, that the range is taken from, and the fewest that give one
LATEST, ENOUGH = 19, 7

#: from so few tasks a range is at least from the estimate's third to its triple
WIDE = 3.0


@dataclass(frozen=True)
class Duration:
    """How long a task will run, waiting not included.

    Attributes
    ----------
    seconds : the estimate [s]
    low, high : three of four tasks take between these; the estimate is one of them [s]
    measured : number of finished tasks that the estimate is based on; 0 means a rule of thumb
    first_guess : whether too few tasks like it have run here to say how far it can be out
    """

    seconds: float
    low: float
    high: float
    measured: int
    first_guess: bool

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.seconds <= self.high:
            raise ValueError(f"{self.seconds} s are not in the range {self.low} to {self.high} s")


def expected_duration(inflated: int, operation: str, finished: Sequence[Task]) -> Duration:
    """Estimate how long a task runs, by the speed of similar finished tasks.

    Those are the tasks nearest in size, of the same operation if there are any. One second at the
    rule of thumb is averaged with them, so that a few tiny tasks, which say little about speed, do
    not count for much. The range comes from how far the latest tasks like this one, of the same
    operation, were from what the same rule says of them.

    Parameters
    ----------
    inflated : uncompressed size of what the task reads [bytes]
    finished : tasks that succeeded, the latest first
    """
    known = [task for task in finished if task.request.bytes > 0 and task.seconds > 0]
    same = [task for task in known if task.request.operation == operation]
    size = max(inflated, 1)
    nearest = sorted(same or known, key=lambda task: abs(log(task.request.bytes / size)))[:SIMILAR]
    pace = _Pace.of(nearest)
    alike = [one for one in same if size <= ALIKE * one.request.bytes <= ALIKE**2 * size][:LATEST]
    lowest, highest = _spread([one.seconds / pace.seconds(one.request.bytes) for one in alike])
    seconds = pace.seconds(inflated)
    return Duration(
        seconds,
        low=seconds * min(lowest, 1.0),
        high=seconds * max(highest, 1.0),
        measured=len(nearest),
        first_guess=len(alike) < ENOUGH,
    )


@dataclass(frozen=True)
class _Pace:
    """How fast tasks ran: what each took besides reading [s], and bytes read in a second."""

    least: float
    speed: float

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> _Pace:
        least = min([LEAST, *(task.seconds for task in tasks)])
        reading = sum(task.seconds - least for task in tasks)
        read = sum(task.request.bytes for task in tasks)
        return cls(least, (RULE_OF_THUMB + read) / (1 + reading))

    def seconds(self, size: int) -> float:
        """Return how long a task that reads ``size`` bytes takes [s]."""
        return self.least + size / self.speed


def _spread(ratios: Sequence[float]) -> tuple[float, float]:
    """Return between which ratios to their estimates three of four tasks lie, inclusive.

    Of n tasks and one more like them, the one more lies between the k-th least and the k-th
    greatest with a chance of (n + 1 - 2k) / (n + 1), whatever their distribution.
    """
    if len(ratios) < ENOUGH:
        return min([*ratios, 1 / WIDE]), max([*ratios, WIDE])
    ordered, rank = sorted(ratios), (len(ratios) + 1) // 8
    return ordered[rank - 1], ordered[-rank]

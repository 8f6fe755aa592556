"""What a request would cost, before it is submitted: cells, steps, bytes, seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from csserv.catalog.coverage import Gap
from csserv.errors import InvalidRequestError
from csserv.request.limits import Limits
from csserv.tasks.log.task import Task
from csserv.tasks.plan.checked_request import CheckedRequest

#: what two workers get through in a second, where little was measured yet [bytes]
RULE_OF_THUMB = 400_000_000

#: what each task takes beside its reading, at most [s]
LEAST = 0.1

#: finished tasks that an estimate of time is taken from
ALIKE = 7


@dataclass(frozen=True)
class Estimate:
    """What a request would cost.

    Attributes
    ----------
    zones : of the area
    cells : of the grid that lie in the area at least partly
    steps : of the answer
    steps_read : of the data
    granules : files that hold them
    bytes : of these files' chunks that are to be read [bytes]
    inflated : of the same once they are unpacked [bytes]
    seconds : how long it will take once it is its turn [s]
    measured : number of finished tasks that the seconds come from; 0 is a rule of thumb
    missing_steps : steps of the period that the files lack
    missing : each run of them
    queued : tasks that wait or run at this moment
    refused : why it would be refused; None when it would not
    """

    zones: int
    cells: int
    steps: int
    steps_read: int
    granules: int
    bytes: int
    inflated: int
    seconds: float
    measured: int
    missing_steps: int = 0
    missing: tuple[Gap, ...] = ()
    queued: int = 0
    refused: str | None = None


def estimate(checked: CheckedRequest, limits: Limits, finished: Sequence[Task]) -> Estimate:
    """Work out what a request would cost; reads nothing but what the files say of themselves.

    Parameters
    ----------
    finished : tasks that succeeded, whose times are known
    """
    plan = checked.plan()
    inflated = checked.inflated
    seconds, measured = expected_seconds(inflated, checked.request.operation, finished)
    refused = None
    try:
        checked.check(limits)
    except InvalidRequestError as error:
        refused = str(error)
    return Estimate(
        zones=len(checked.request.area.zones),
        cells=checked.cells,
        steps=len(plan.times),
        steps_read=plan.steps_read,
        granules=len(checked.granules),
        bytes=checked.stored,
        inflated=inflated,
        seconds=seconds,
        measured=measured,
        refused=refused,
    )


def expected_seconds(inflated: int, operation: str, finished: Sequence[Task]) -> tuple[float, int]:
    """Guess how long a request takes, from those like it.

    The speed of the finished tasks that are nearest in size, those of the same operation where
    there are some. A second at the speed of a rule of thumb counts with them, so that a few tiny
    tasks, which say little about speed, do not weigh much.

    Parameters
    ----------
    inflated : what it has the workers unpack [bytes]

    Returns
    -------
    seconds, and how many tasks they come from
    """
    known = [task for task in finished if task.request.bytes > 0 and task.seconds > 0]
    same = [task for task in known if task.request.operation == operation]
    nearest = sorted(same or known, key=lambda task: abs(log(task.request.bytes / inflated)))
    nearest = nearest[:ALIKE]
    least = min([LEAST, *(task.seconds for task in nearest)])
    reading = sum(task.seconds - least for task in nearest)
    speed = (RULE_OF_THUMB + sum(task.request.bytes for task in nearest)) / (1 + reading)
    return least + inflated / speed, len(nearest)

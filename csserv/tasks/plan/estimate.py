"""What a request would cost before it is submitted: cells, steps, bytes and seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from csserv.catalog.timeline.coverage import Gap
from csserv.climatology.comparison import Comparison
from csserv.errors import InvalidRequestError
from csserv.request.limits import Limits
from csserv.tasks.log.task import Task
from csserv.tasks.plan.checked_request import CheckedRequest

#: uncompressed bytes that two workers process in a second, assumed until tasks were measured
RULE_OF_THUMB = 400_000_000

#: most time a task is taken to need besides reading [s]
LEAST = 0.1

#: number of finished tasks that an estimate of time is based on
SIMILAR = 7


@dataclass(frozen=True)
class Estimate:
    """What a request would cost.

    Attributes
    ----------
    zones : number of zones of the area
    cells : number of grid cells that lie in the area at least in part
    steps : number of steps of the result
    steps_read : number of the data's steps that are read
    granules : number of files that hold them
    bytes : size of the chunks to read, as stored in these files [bytes]
    inflated : size of the same chunks, uncompressed, but for what time sums stand for [bytes]
    seconds : how long the task will run, waiting not included [s]
    measured : number of finished tasks that ``seconds`` is based on; 0 means a rule of thumb
    missing_steps : number of steps of the period that no file holds
    missing : these as runs
    queued : number of tasks that wait or run now
    refused : why the request would be refused; None if it would not
    selections : number of coordinates of further dimensions; the zones have a series of each
    against : first and last year of the reference that steps are compared with; empty for none
    reference_years : number of these years that have data
    result_bytes : size of the JSON of the result, at most about; 0 if it is not known [bytes]
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
    selections: int = 1
    against: str = ""
    reference_years: int = 0
    result_bytes: int = 0


def estimate(checked: CheckedRequest, limits: Limits, finished: Sequence[Task]) -> Estimate:
    """Work out what a request would cost; reads only the headers of files.

    Parameters
    ----------
    finished : tasks that succeeded, to take the speed from
    """
    plan = checked.plan(with_sums=True)
    inflated = round(checked.inflated * (1 - plan.kept))
    seconds, measured = expected_seconds(inflated, checked.request.operation, finished)
    refused = None
    try:
        checked.check(limits)
    except InvalidRequestError as error:
        refused = str(error)
    return Estimate(
        zones=len(checked.request.area.zones),
        cells=checked.cells,
        steps=len(plan.asked.times),
        steps_read=plan.steps_read,
        granules=len(checked.granules),
        bytes=checked.stored,
        inflated=inflated,
        seconds=seconds,
        measured=measured,
        refused=refused,
        selections=len(plan.selections),
        against=checked.request.options.against if plan.comparison else "",
        reference_years=_years(plan.comparison),
        result_bytes=checked.result_bytes(len(plan.asked.times)),
    )


def _years(found: Comparison | None) -> int:
    """Return how many years of the reference have steps to compare with."""
    return len(np.unique(found.years[found.samples >= 0])) if found else 0


def expected_seconds(inflated: int, operation: str, finished: Sequence[Task]) -> tuple[float, int]:
    """Estimate how long a task runs, by the speed of similar finished tasks.

    Those are the tasks nearest in size, of the same operation if there are any. One second at the
    rule of thumb is averaged with them, so that a few tiny tasks, which say little about speed, do
    not count for much.

    Parameters
    ----------
    inflated : uncompressed size of what the task reads [bytes]

    Returns
    -------
    seconds : [s]
    measured : number of tasks that it is based on
    """
    known = [task for task in finished if task.request.bytes > 0 and task.seconds > 0]
    same = [task for task in known if task.request.operation == operation]
    size = max(inflated, 1)
    nearest = sorted(same or known, key=lambda task: abs(log(task.request.bytes / size)))
    nearest = nearest[:SIMILAR]
    least = min([LEAST, *(task.seconds for task in nearest)])
    reading = sum(task.seconds - least for task in nearest)
    speed = (RULE_OF_THUMB + sum(task.request.bytes for task in nearest)) / (1 + reading)
    return least + inflated / speed, len(nearest)

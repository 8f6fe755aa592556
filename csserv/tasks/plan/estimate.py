"""What a request would cost before it is submitted: cells, steps, bytes and seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from csserv.catalog.timeline.coverage import Gap
from csserv.climatology.comparison import Comparison
from csserv.errors import InvalidRequestError
from csserv.language import tr
from csserv.request.limits import Limits
from csserv.tasks.log.task import Task
from csserv.tasks.plan.checked_request import CheckedRequest
from csserv.tasks.plan.costs.duration import expected_duration
from csserv.tasks.plan.costs.duration_words import duration_in_words


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
    seconds_low, seconds_high : three of four such tasks take between these; 0 if not known [s]
    first_guess : whether too few tasks like it have run here to say how far that can be out
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
    seconds_low: float = 0.0
    seconds_high: float = 0.0
    first_guess: bool = False

    @property
    def takes(self) -> str:
        """How long the task will run, in words: "about 20 to 60 s"."""
        low, high = self.seconds_low or self.seconds, self.seconds_high or self.seconds
        words = duration_in_words(low, high)
        return tr("{time} (first guess)", time=words) if self.first_guess else words


def estimate(checked: CheckedRequest, limits: Limits, finished: Sequence[Task]) -> Estimate:
    """Work out what a request would cost; reads only the headers of files.

    Parameters
    ----------
    finished : tasks that succeeded, the latest first, to take the speed from
    """
    plan = checked.plan(with_sums=True)
    inflated = round(checked.inflated * (1 - plan.kept))
    duration = expected_duration(inflated, checked.request.operation, finished)
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
        seconds=duration.seconds,
        measured=duration.measured,
        refused=refused,
        selections=len(plan.selections),
        against=checked.request.options.against if plan.comparison else "",
        reference_years=_years(plan.comparison),
        result_bytes=checked.result_bytes(len(plan.asked.times)),
        seconds_low=duration.low,
        seconds_high=duration.high,
        first_guess=duration.first_guess,
    )


def _years(found: Comparison | None) -> int:
    """Return how many years of the reference have steps to compare with."""
    return len(np.unique(found.years[found.samples >= 0])) if found else 0

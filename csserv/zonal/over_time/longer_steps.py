"""The longer steps of a request: which steps of the data each holds, also with those before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.catalog.read.times.calendar_units import Ints, to_dates, to_seconds
from csserv.catalog.timeline.frequency import (
    DAY,
    EvenFrequency,
    Frequency,
    MonthlyFrequency,
    named_frequency,
)
from csserv.catalog.timeline.timeline import Timeline
from csserv.errors import InvalidRequestError
from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.request import Options, Period
from csserv.request.period import Day
from csserv.zonal.over_time.resample import Resampling
from csserv.zonal.over_time.timestep import NATIVE, TIME_STEPS, Step, time_steps

#: time steps that follow each other; the whole period is a single one
_COUNTED = [name for name, days in TIME_STEPS.items() if np.isfinite(days)]

#: of these, those of equal length
_EVEN = ("daily", "weekly")

#: time step → month of a year in which one begins, from 0: winter begins in December
_PHASE = {"seasonal": 2}

_EVER = Period(date.min, date.max)


@dataclass(frozen=True, eq=False)
class LongerSteps:
    """The steps of a result that are made of several steps of the data.

    Attributes
    ----------
    steps : in time order; with ``accumulate``, a step's ``run`` and ``days`` are those of its
        window: of itself and the steps before it
    times : their labels
    intervals : from when to when each lasts
    group : (n,) number of the longer step that each of the data's steps belongs to
    months : (n,) number of its calendar month, where longer steps hold several; else as ``group``
    last : (steps,) number of the longer step that each ends with
    window : how many longer steps each holds
    """

    steps: tuple[Step, ...]
    times: tuple[cftime.datetime, ...]
    intervals: StepIntervals
    group: NDArray[np.int64]
    months: NDArray[np.int64]
    last: NDArray[np.int64]
    window: int = 1

    def resampling(
        self, first: int, last: int, lengths: Floats, rule: str, options: Options
    ) -> Resampling:
        """Return how the data's steps become the steps ``first`` to before ``last``.

        Parameters
        ----------
        lengths : of all of the data's steps [days]
        """
        mine = self.steps[first:last]
        run = slice(mine[0].run.start, mine[-1].run.stop)
        shift = 0 if self.window > 1 else self.last[first]  # windows are joined by whole numbers
        return Resampling(
            rule=rule,
            group=self.group[run] - shift,
            months=self.months[run],
            lengths=lengths[run],
            days=np.array([step.days for step in mine]),
            least=options.least_valid / 100.0,
            last=self.last[first:last] - shift,
            window=self.window,
            needs_all=np.array([step.early for step in mine]),
        )


@lru_cache(maxsize=4)  # asked several times of a request; a timeline is itself and no other
def longer_steps(timeline: Timeline, period: Period, options: Options) -> LongerSteps:
    """Group the data's steps into those of a request.

    Parameters
    ----------
    timeline : the steps of the period; with ``accumulate`` also those before it that its first
        steps hold (``with_steps_before``)
    """
    if options.accumulate > 1:
        return _accumulated(timeline, period, options)
    steps = tuple(time_steps(options.time_step, timeline.times, timeline.lengths, period))
    calendar = timeline.calendar
    spans = [[cftime.datetime(*day, calendar=calendar) for day in step.within] for step in steps]
    start, last = zip(*spans, strict=True)
    group = np.repeat(np.arange(len(steps)), [len(step.run) for step in steps])
    return LongerSteps(
        steps=steps,
        times=tuple(cftime.datetime(*step.start, calendar=calendar) for step in steps),
        intervals=StepIntervals(start, tuple(day + timedelta(days=1) for day in last)),
        group=group,
        months=calendar_months(timeline, options, group),
        last=np.arange(len(steps)),
    )


def calendar_months(timeline: Timeline, options: Options, group: Ints) -> Ints:
    """Return the number of each step's calendar month, where longer steps hold several; else these.

    Parameters
    ----------
    group : (n,) number of the longer step that each of the data's steps belongs to
    """
    if TIME_STEPS.get(options.time_step, 0.0) <= TIME_STEPS["monthly"]:
        return group
    return np.array([12 * time.year + time.month for time in timeline.times], np.int64)


def with_steps_before(every: Timeline, found: Timeline, options: Options) -> Timeline:
    """Add the steps before a period that the first steps of its result hold.

    Parameters
    ----------
    every : all steps of the dataset
    found : those of the period, at least one

    Raises
    ------
    InvalidRequestError : steps cannot be counted back; says what to ask for
    GranuleError : files disagree about some of them
    """
    if options.accumulate == 1:
        return found
    steps = StepNumbers.of(every, options)
    first = int(np.searchsorted(every.start, found.start[0]))
    begin = steps.begin(steps.of_steps(found)[:1] - (options.accumulate - 1))
    start = int(np.searchsorted(every.start, begin[0]))
    wider = every.part(range(min(first, start), first + len(found)))
    wider.check()
    return wider


@dataclass(frozen=True)
class StepNumbers:
    """Numbers the longer steps of a request through the calendar, without gaps."""

    frequency: Frequency
    days: float = 0.0  #: of steps of equal length; else 0
    is_native: bool = False

    @classmethod
    def of(cls, timeline: Timeline, options: Options) -> StepNumbers:
        """Find how to number the steps of a request.

        Raises
        ------
        InvalidRequestError : they cannot be counted; says what to ask for
        """
        name, calendar = options.time_step, timeline.calendar
        what = f"accumulate is {options.accumulate}"
        if name not in (NATIVE, *_COUNTED):
            raise InvalidRequestError(
                f"{what}, which a time_step of {name!r} cannot have; "
                f"allowed with it are {', '.join((NATIVE, *_COUNTED))}"
            )
        if months := named_frequency(name, calendar, _PHASE.get(name, 0)):
            return cls(months)
        if name in _EVEN:
            begin = time_steps(name, timeline.times[:1], timeline.lengths[:1], _EVER)[0].start
            day = to_seconds([cftime.datetime(*begin, calendar=calendar)], calendar)[0] / DAY
            days = TIME_STEPS[name]
            return cls(EvenFrequency(name, calendar, days, ((0, float(day)),)), days)
        if timeline.frequency is None or timeline.frequency.is_short:
            steps = "follow no calendar" if timeline.frequency is None else "are shorter than a day"
            raise InvalidRequestError(
                f"{what}, but the steps of the data {steps}; ask for a time_step, such as daily"
            )
        return cls(timeline.frequency, is_native=True)

    def of_steps(self, timeline: Timeline) -> Ints:
        """Return the (n,) number of the longer step that each step of the data lies in, rising."""
        if self.is_native:
            return timeline.numbers
        if isinstance(self.frequency, MonthlyFrequency):
            return np.array([self.frequency.number(time) for time in timeline.times], np.int64)
        begin = self.begin(np.array([0]))[0]
        numbers: Ints = (timeline.start - begin) // round(self.days * DAY)
        return numbers

    def begin(self, numbers: Ints) -> Ints:
        """Return the moments [s] at which longer steps begin."""
        return self.frequency.moments(numbers)


def _accumulated(timeline: Timeline, period: Period, options: Options) -> LongerSteps:
    """Let each step hold those before it, too."""
    counted = StepNumbers.of(timeline, options)
    numbers = counted.of_steps(timeline)
    asked, end = timeline.span(period)
    last = np.unique(numbers[np.searchsorted(timeline.start, asked) :])
    starts = counted.begin(last - (options.accumulate - 1))
    labels, stops = counted.begin(last), counted.begin(last + 1)
    within = stops if counted.is_native else np.minimum(stops, end)
    runs = np.searchsorted(numbers, [last - (options.accumulate - 1), last + 1]).T.tolist()
    filled = np.concatenate([[0.0], np.cumsum(timeline.lengths)])
    calendar = timeline.calendar
    # one that reaches back to steps from before the data would stand for more than was measured
    early = counted.begin(last - (options.accumulate - 2)) <= timeline.record_start
    days = _days(np.stack([labels, stops - 1, starts, within - 1]), calendar)
    steps = tuple(
        Step(
            start=label,
            end=final,
            run=range(*run),
            days=float(stop - start) / DAY,
            complete=bool(
                stop == whole and filled[run[1]] - filled[run[0]] > 0.999 * (stop - start) / DAY
            ),
            within=(first, until),
            early=bool(is_early),
        )
        for run, start, stop, whole, is_early, label, final, first, until in zip(
            runs, starts, within, stops, early, *days, strict=True
        )
    )
    times = tuple(timeline.times[run[1] - 1] for run in runs)
    # windows are joined by whole numbers of theirs, which must not hang on where a request begins
    base = numbers[0] - numbers[0] % options.accumulate
    return LongerSteps(
        steps=steps,
        times=times if counted.is_native else tuple(to_dates(labels, calendar)),
        intervals=StepIntervals(
            tuple(to_dates(starts, calendar)), tuple(to_dates(within, calendar))
        ),
        group=numbers - base,
        months=calendar_months(timeline, options, numbers),
        last=last - base,
        window=options.accumulate,
    )


def _days(moments: Ints, calendar: str) -> list[list[Day]]:
    """Return the (year, month, day) of (rows, n) moments."""
    return [[(t.year, t.month, t.day) for t in to_dates(row, calendar)] for row in moments]

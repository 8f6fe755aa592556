"""A request for an index: it reads the whole record, and computes the index of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from csserv.catalog.timeline.timeline import Timeline
from csserv.climatology.asked_index import AskedIndex
from csserv.climatology.index.index_libraries import XCLIM
from csserv.climatology.indices import INDICES, STEPS
from csserv.errors import InvalidRequestError
from csserv.request import Options, Period
from csserv.tasks.plan.compared_steps import years_around
from csserv.zonal.operations import Operation
from csserv.zonal.over_time.step_cells import EXTREMES
from csserv.zonal.over_time.timestep import NATIVE

#: what adds up over time
AMOUNTS = ("precipitation", "pet")

#: option of an index that is for all of them: a second library to compare with
COMPARE = "compare"


@dataclass(frozen=True)
class IndexPlan:
    """An index, and what it is computed of.

    Attributes
    ----------
    kind : what the series are of, such as "precipitation"
    period : that is asked for; the index is computed of the whole record
    compare : a second library to compute it with; empty for none
    least_valid : share of the days of a longer step that has data, or it is missing [%]
    """

    asked: AskedIndex
    kind: str
    period: Period
    compare: str = ""
    least_valid: float = 80.0

    @property
    def sums(self) -> str:
        """How the steps that the index adds up are made to one; empty for single steps."""
        if self.asked.accumulate == 1:
            return ""
        return (
            f"of {self.asked.accumulate} steps, cell by cell; none where less than "
            f"{self.least_valid:g} % of their days have data"
        )


def series_options(options: Options) -> Options:
    """Return the options of the series that an index is computed of; others stay as they are.

    Its steps hold those before them already: what an index adds up is what a request without one
    does, cell by cell and by the same rule for missing data.
    """
    if not options.index:
        return options
    return replace(options, index="", index_options=(), against="", own_year="in")


def series_period(timeline: Timeline, period: Period, options: Options) -> Period:
    """Return the period of the series that an index is computed of: the whole record."""
    return years_around(timeline) if options.index else period


def plan_index(
    timeline: Timeline, period: Period, options: Options, units: Sequence[str]
) -> IndexPlan | None:
    """Read which index is asked for; None for none.

    Parameters
    ----------
    units : of the series that it is computed of

    Raises
    ------
    InvalidRequestError : the index is unknown, or these series cannot be what it needs
    """
    if not options.index:
        return None
    given = dict(options.index_options)
    compare = read_compare(given.pop(COMPARE, ""))
    first, _, last = options.against.partition("/")
    asked = AskedIndex(
        options.index,
        _time_step(timeline, options),
        (int(first), int(last)) if last else None,
        options.accumulate,
        given,
    )
    if len(asked.needs) > 1:
        raise InvalidRequestError(
            f"{asked.name} needs {' and '.join(asked.needs)}, and a request reads one dataset: "
            f"submit each for the whole record, and give the results to "
            f'service.index_of({{"{asked.needs[0]}": result, …}}, "{asked.name}")'
        )
    (kind,) = asked.needs
    asked.check_units({kind: units[0]})
    if kind in AMOUNTS and options.over_time in EXTREMES:
        raise InvalidRequestError(
            f"over_time is {options.over_time!r}; {asked.name} is of amounts, which add up: leave "
            "it out"
        )
    return IndexPlan(asked, kind, period, compare, options.least_valid)


def read_compare(given: Any) -> str:
    """Return the name of a second library; empty for none.

    Raises
    ------
    InvalidRequestError : it is none that computes the same
    """
    if given not in ("", None, XCLIM):
        raise InvalidRequestError(f"{COMPARE} is {given!r}; allowed is {XCLIM}")
    return str(given or "")


def check_index(options: Options, wanted: Sequence[Operation]) -> None:
    """See that an index can be computed of what is asked for.

    Raises
    ------
    InvalidRequestError : there are several operations, or a year is left out
    """
    if not options.index:
        return
    if options.own_year != "in":
        raise InvalidRequestError(
            f"own_year is {options.own_year!r}; the reference of an index has every year in it"
        )
    if len(wanted) > 1:
        raise InvalidRequestError(
            f"an index is computed of one operation; {len(wanted)} are asked for"
        )


def wants_reference(options: Options) -> bool:
    """Whether an index compares with other years, and none are named."""
    row = INDICES.get(options.index)
    return bool(row and row.has_reference and not options.against)


def _time_step(timeline: Timeline, options: Options) -> str:
    if options.time_step != NATIVE:
        return options.time_step
    name = timeline.frequency.name if timeline.frequency else ""
    return name if name in STEPS else f"{timeline.step_days:g} days"

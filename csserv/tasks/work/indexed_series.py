"""The series of an index, computed of the series of the whole record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.asked_index import compare_index, compute_index
from csserv.climatology.index.index_series import IndexInputs, IndexSeries
from csserv.climatology.index.second_opinion import Flip, told_classes
from csserv.climatology.indices import index_row
from csserv.errors import InvalidRequestError
from csserv.notes import Note
from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.outputs.series import Series, iso, plain_list
from csserv.tasks.plan.index_plan import IndexPlan
from csserv.tasks.work.index_notes import index_notes


@dataclass(frozen=True, eq=False)
class Indexed:
    """The series of an index, at the steps that are asked for.

    Attributes
    ----------
    series : its values in place of those that it is computed of
    places : (steps,) index of each step in the record; none where its steps are others
    intervals : from when to when each step lasts, with the steps before it that it holds
    document : what a result says of it in place of what it says of the record
    notes : what of it is left out, goes beyond the period, or has no value, and why
    of : (steps, series) what the index is of, with the steps that it adds up; None where its steps
        are others
    fit : name → (numbers, series) what was fitted
    """

    series: Series
    places: tuple[int, ...]
    intervals: StepIntervals
    document: dict[str, Any]
    notes: tuple[Note, ...]
    of: NDArray[np.float64] | None
    fit: Mapping[str, NDArray[np.float64]]

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield of each series what else it has; one at a time, as all take much memory."""
        for number in range(self.series.values.shape[2]):
            one: dict[str, Any] = {}
            if self.of is not None:
                one["index_of"] = plain_list(self.of[:, number])
            if self.fit:
                one["fit"] = {name: plain_list(each[:, number]) for name, each in self.fit.items()}
            yield one


def index_of(record: Series, plan: IndexPlan, document: Mapping[str, Any]) -> Indexed:
    """Compute an index of the series of a record.

    Parameters
    ----------
    record : of all steps of the data, each with those before it that are added up
    document : of these: ``units`` and ``variable``

    Raises
    ------
    InvalidRequestError : the record is too short, no step begins in the period, or a library is
        not installed
    """
    units = str(document["units"])
    inputs = inputs_of(record, plan, units)
    found = compute_index(plan.asked, inputs)
    asked = [n for n, time in enumerate(found.starts) if _is_within(time, plan)]
    if not asked:
        raise InvalidRequestError(_nothing_begins(found.starts, plan))
    starts = tuple(found.starts[n] for n in asked)
    known = {iso(time): n for n, time in enumerate(record.times)}
    is_alike = len(found.starts) == len(record.times)
    places = tuple(known[iso(time)] for time in starts) if is_alike else ()
    first = np.searchsorted(_numbers(record.times), _numbers(found.starts))
    percent = _means(record.percent, first)[asked]
    longer = record.steps_percent
    series = Series(
        times=starts,
        zones=record.zones,
        values=found.values[None, asked],
        percent=percent,
        complete=tuple(record.complete[n] for n in places) if record.complete else (),
        steps_percent=None if longer is None or not is_alike else longer[list(places)],
        names=record.names,
        selections=record.selections,
    )
    said = {
        "title": index_row(plan.asked.name).title,
        **found.receipt,
        **told_classes(plan.asked.name),
        **({"sums": plan.sums} if plan.sums else {}),
        "of": {
            "units": units,
            "variable": document.get("variable"),
            "accumulate": plan.asked.accumulate,
        },
        **opinion_of(plan, inputs, found),
    }
    changed = {
        "units": found.units,
        "variable": {**found.attributes, "units": found.units},
        "index": said,
    }
    of = record.values[0][list(places)] if places else None
    begun, ends = zip(*(found.spans[n] for n in asked), strict=True)
    intervals = StepIntervals(begun, ends)
    notes = index_notes(found, asked, plan.period, of)
    return Indexed(series, places, intervals, changed, notes, of, found.fit)


def inputs_of(record: Series, plan: IndexPlan, units: str) -> IndexInputs:
    """Return the series of a record as an index takes them."""
    return IndexInputs(
        {plan.kind: record.values[0]},
        {plan.kind: units},
        record.times,
        held=plan.asked.accumulate,
    )


def _is_within(time: cftime.datetime, plan: IndexPlan) -> bool:
    return plan.period.holds((time.year, time.month, time.day))


def _nothing_begins(starts: Sequence[cftime.datetime], plan: IndexPlan) -> str:
    """Say that no step begins in the period, and where steps do: counts have one a year."""
    every = "there is none"
    if len(starts) == 1:
        every = f"there is 1, of {iso(starts[0])}"
    elif starts:
        every = f"there are {len(starts)}: {iso(starts[0])} to {iso(starts[-1])}"
    text = f"no step of {plan.asked.name} begins in {plan.period}; {every}"
    return f"{text}; ask for a period in which one begins"


def _means(percent: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return means over the steps from each of ``first`` to before the next."""
    inner = np.minimum(first, len(percent) - 1)
    counts = np.diff(np.append(inner, len(percent)))
    return np.asarray(np.add.reduceat(percent, inner, axis=0) / np.maximum(counts, 1)[:, None])


def _numbers(times: Sequence[cftime.datetime]) -> NDArray[np.float64]:
    return np.array([time.toordinal(fractional=True) for time in times])


def opinion_of(plan: IndexPlan, inputs: IndexInputs, ours: IndexSeries) -> dict[str, Any]:
    """Return what a result says of a second library, at the steps that are asked for.

    It is empty where none is asked for.
    """
    if not plan.compare:
        return {}
    found = compare_index(plan.asked, inputs, ours, plan.compare)
    flips = [_flip(one) for one in found.flips if _is_within(one.start, plan)]
    return {"second_opinion": {**found.receipt, "flips": flips}}


def _flip(one: Flip) -> dict[str, Any]:
    plain = {field.name: getattr(one, field.name) for field in fields(one)}
    return plain | {"start": iso(one.start)}

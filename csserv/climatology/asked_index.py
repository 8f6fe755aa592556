"""Asks for an index, says beforehand what it needs, computes it, and compares two libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.index.calculation import FEWEST_YEARS, Calculation
from csserv.climatology.index.index_libraries import XCLIM
from csserv.climatology.index.index_series import Floats, IndexInputs, IndexSeries
from csserv.climatology.index.second_opinion import SecondOpinion, second_opinion
from csserv.climatology.index.standardized import accumulated
from csserv.climatology.index.year_steps import YearSteps
from csserv.climatology.indices import IndexRow, index_row
from csserv.errors import InvalidRequestError
from csserv.units import calendar_step, converts_to, is_rate, is_same_kind, is_temperature


@dataclass(frozen=True)
class AskedIndex:
    """An index that is asked for, with all of its parameters.

    Attributes
    ----------
    name : key of ``INDICES``
    time_step : of the series
    reference : first and last year, both included; None for the whole record
    accumulate : steps that each step holds: itself and those before it
    parameters : those that are given; after checking, all that the index has

    Raises
    ------
    InvalidRequestError : something is not allowed; says what is
    """

    name: str
    time_step: str
    reference: tuple[int, int] | None = None
    accumulate: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        row = index_row(self.name)
        if self.time_step not in row.time_steps:
            raise InvalidRequestError(
                f"{self.name} is none of {self.time_step or 'unnamed'} steps; "
                f"allowed are {', '.join(row.time_steps)}"
            )
        most = row.most_accumulated
        if type(self.accumulate) is not int or not 1 <= self.accumulate <= most:
            allowed = f"1 to {most}" if most > 1 else "1: it adds up no steps"
            raise InvalidRequestError(
                f"accumulate is {self.accumulate!r}; allowed with {self.name} is {allowed}"
            )
        self._check_reference(row)
        object.__setattr__(self, "parameters", _read_parameters(self.name, row, self.parameters))

    def _check_reference(self, row: IndexRow) -> None:
        if self.reference is None:
            return
        if not row.has_reference:
            raise InvalidRequestError(f"{self.name} compares with no other years: no reference")
        first, last = self.reference
        if last - first + 1 < FEWEST_YEARS:
            raise InvalidRequestError(
                f"the reference {first}/{last} has {max(0, last - first + 1)} years; "
                f"{self.name} needs at least {FEWEST_YEARS}"
            )

    @property
    def needs(self) -> tuple[str, ...]:
        """What it is computed of: names of series."""
        return index_row(self.name).needs(self.parameters)

    @property
    def needs_latitudes(self) -> bool:
        """Whether it needs the latitude of each series, for evaporation of temperatures."""
        return bool(self.parameters.get("pet", "given") != "given")

    def check_units(self, units: Mapping[str, str]) -> None:
        """Check, before anything is read, that the series can be what the index needs.

        Parameters
        ----------
        units : what is measured → units of the dataset that has it

        Raises
        ------
        InvalidRequestError : says what is needed, in which units
        """
        for kind in self.needs:
            if kind not in units:
                needed = " and ".join(self.needs)
                raise InvalidRequestError(f"{self.name} needs {needed}; there is no {kind}")
            fits, words = _KINDS[kind]
            if not fits(units[kind]):
                raise InvalidRequestError(
                    f"{self.name} needs {kind} in {words}; the data are in {units[kind]!r}"
                )


def can_be_of(name: str, units: str) -> bool:
    """Whether a series in these units can be what an index is of, if nothing else is chosen.

    >>> can_be_of("spi", "mm/day"), can_be_of("spi", "degC"), can_be_of("heat_days", "K")
    (True, False, True)
    """
    return all(_KINDS[kind][0](units) for kind in index_row(name).needs({}))


def fits_kind(kind: str, units: str) -> bool:
    """Whether values in these units can be of a kind of series, such as ``precipitation``."""
    return _KINDS[kind][0](units)


def compute_index(asked: AskedIndex, inputs: IndexInputs) -> IndexSeries:
    """Compute an index of each series.

    Parameters
    ----------
    inputs : the series of the whole record, not only of the steps that are asked about

    Raises
    ------
    InvalidRequestError : a series is missing, has other units, or is too short; a library is not
        installed; says what is needed
    """
    return index_row(asked.name).compute(_calculation(asked, inputs))


def compare_index(
    asked: AskedIndex, inputs: IndexInputs, ours: IndexSeries, library: str = XCLIM
) -> SecondOpinion:
    """Compute an index with a second library, and list the steps whose class is another.

    Parameters
    ----------
    ours : what ``compute_index`` gave for the same
    library : "xclim"

    Raises
    ------
    InvalidRequestError : the library cannot compute it; says what it can
    """
    if library != XCLIM:
        raise InvalidRequestError(f"compare is {library!r}; allowed is {XCLIM!r}")
    return second_opinion(_calculation(asked, inputs), ours)


@dataclass(frozen=True, eq=False)
class BehindStep:
    """What one step of an index is computed of.

    Attributes
    ----------
    sums : (time, series) of what is accumulated; without accumulation, the values
    units : of the sums
    used : (time,) the steps that it is compared with; of an index without a reference, those in it
    number : of the step in its year, from 0; 0 without a reference
    """

    sums: Floats
    units: str
    used: NDArray[np.bool_]
    number: int


def behind_step(
    asked: AskedIndex, inputs: IndexInputs, start: cftime.datetime, end: cftime.datetime | None
) -> BehindStep:
    """Return what a step of an index is computed of.

    Parameters
    ----------
    inputs : one series or several of one kind, of the whole record
    start, end : of the step; None for no further step
    """
    whole = _calculation(asked, inputs)
    ((kind, values),) = inputs.values.items()
    sums, units = values, inputs.units[kind]
    if _KINDS[kind][0] is _is_water:
        amounts = whole.rain() if kind == "precipitation" else whole.amounts(kind)
        sums = whole.steps.unfold(accumulated(whole, amounts)) if asked.accumulate > 1 else amounts
        units = "mm"
    if not index_row(asked.name).has_reference:
        searched = asked.parameters.get("search_days")
        if searched:
            days = searched + asked.parameters.get("look_ahead", 0)
            end = start + timedelta(days=int(days))
        used = [start <= time and (end is None or time < end) for time in whole.steps.times]
        return BehindStep(sums, units, np.array(used), 0)
    steps = whole.steps
    numbers, (first, last) = steps.positions % steps.count, whole.years
    number = int(YearSteps.of([start], asked.time_step).positions[0] % steps.count)
    years = steps.first_year + steps.positions // steps.count
    return BehindStep(sums, units, (numbers == number) & (years >= first) & (years <= last), number)


def _calculation(asked: AskedIndex, inputs: IndexInputs) -> Calculation:
    asked.check_units({kind: inputs.units[kind] for kind in inputs.values})
    return Calculation(
        asked.name, asked.time_step, asked.reference, asked.accumulate, asked.parameters, inputs
    )


def _read_parameters(name: str, row: IndexRow, given: Mapping[str, Any]) -> Mapping[str, Any]:
    if unknown := [one for one in given if one not in row.parameters]:
        known = ", ".join(row.parameters) or "none"
        raise InvalidRequestError(f"{name} has no parameter {unknown[0]!r}; it has: {known}")
    preset: dict[str, Any] = {}
    for word in given.values():
        preset |= row.presets.get(word, {}) if isinstance(word, str) else {}
    return {
        one: kind.read(one, given.get(one, preset.get(one, kind.default)))
        for one, kind in row.parameters.items()
    }


def _is_water(units: str) -> bool:
    amount = converts_to(units, "mm") or is_same_kind(units, "kg m-2") or bool(calendar_step(units))
    return amount or is_rate(units, water=True)


#: what is measured → which units it can have, and in words
_KINDS: dict[str, tuple[Callable[[str], bool], str]] = {
    "precipitation": (_is_water, "mm, mm/day, kg m-2 or kg m-2 s-1"),
    "pet": (_is_water, "mm, mm/day, kg m-2 or kg m-2 s-1"),
    "temperature": (is_temperature, "degC, K or degF"),
    "temperature_min": (is_temperature, "degC, K or degF"),
    "temperature_max": (is_temperature, "degC, K or degF"),
    "ndvi": (lambda units: is_same_kind(units, "1") or units == "%", "1 or %"),
}

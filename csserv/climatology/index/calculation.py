"""One calculation of an index: the question, the series, and the steps that serve as reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.climatology.index.index_series import Floats, IndexInputs
from csserv.climatology.index.year_steps import YearSteps
from csserv.errors import InvalidRequestError
from csserv.units import calendar_step, converter, is_rate

#: fewest years that are a reference
FEWEST_YEARS = 10


@dataclass(frozen=True, eq=False)
class Calculation:
    """What an index is computed with; ``csserv.climatology.indices`` checks it.

    Attributes
    ----------
    name : of the index
    time_step : of the series
    reference : first and last year, both included; None where an index has no reference
    accumulate : steps that each step holds: itself and those before it
    parameters : of the index
    inputs : the series
    """

    name: str
    time_step: str
    reference: tuple[int, int] | None
    accumulate: int
    parameters: Mapping[str, Any]
    inputs: IndexInputs

    @cached_property
    def steps(self) -> YearSteps:
        """The steps of the series, by year."""
        return YearSteps.of(self.inputs.starts, self.time_step)

    def __post_init__(self) -> None:
        if self.inputs.held not in (1, self.accumulate):
            raise InvalidRequestError(
                f"each value holds {self.inputs.held} steps, and {self.accumulate} are asked for"
            )

    @cached_property
    def days(self) -> Floats:
        """(time,) days that each value is of."""
        if self.inputs.held == 1:
            return self.steps.lengths
        spans = self.steps.spans(self.inputs.held)
        return np.array([(end - start).days for start, end in spans], float)

    @property
    def left_to_add(self) -> int:
        """Values that are added up: 1 where the series has the sums already."""
        return 1 if self.inputs.held > 1 else self.accumulate

    @cached_property
    def years(self) -> tuple[int, int]:
        """First and last year of the reference that the record has.

        Raises
        ------
        InvalidRequestError : these are fewer than ten
        """
        steps = self.steps
        first, last = self.reference or (steps.first_year, steps.first_year + steps.years - 1)
        first, end = max(first, steps.first_year), min(last, steps.first_year + steps.years - 1)
        if end - first + 1 < FEWEST_YEARS:
            given = f"{self.reference[0]}/{self.reference[1]}" if self.reference else "all years"
            record = " to ".join(steps.times[i].strftime("%Y-%m-%d") for i in (0, -1))
            raise InvalidRequestError(
                f"{self.name} needs at least {FEWEST_YEARS} years of reference; of {given} the "
                f"series have {max(0, end - first + 1)}: they go from {record}"
            )
        return first, end

    @property
    def rows(self) -> slice:
        """The years of the reference among those of the record."""
        first, last = self.years
        return slice(first - self.steps.first_year, last - self.steps.first_year + 1)

    @property
    def told(self) -> dict[str, Any]:
        """Lines of the receipt on rain below 0: how much of it there is, and what it counts as."""
        if "precipitation" not in self.inputs.values:
            return {}
        negative = int((self.amounts("precipitation") < 0).sum())
        rule = "amounts below 0 count as 0, as in climate-indices"
        return {"negative_values": negative, "negative_rule": rule} if negative else {}

    def rain(self) -> Floats:
        """Return (time, series) of rain [mm/step]; amounts below 0 count as 0."""
        return np.maximum(self.amounts("precipitation"), 0.0)

    def amounts(self, kind: str) -> Floats:
        """Return (time, series) of water, a rate or an amount of the steps [mm/step]."""
        values, units = np.asarray(self.inputs.values[kind], float), self.inputs.units[kind]
        if calendar_step(units) or not is_rate(units, water=True):
            scale, offset = converter(units, "mm")
            return values * scale + offset
        scale, offset = converter(units, "mm/day")
        return (values * scale + offset) * self.days[:, None]

    def degrees(self, kind: str) -> Floats:
        """Return (time, series) of temperatures [degC]."""
        scale, offset = converter(self.inputs.units[kind], "degC")
        return np.asarray(self.inputs.values[kind], float) * scale + offset

    def receipt(self, **more: Any) -> dict[str, Any]:
        """Return the lines that every receipt of a reference has, and further ones."""
        first, last = self.years
        asked = self.reference or self.years
        return {
            "index": self.name,
            "time_step": self.time_step,
            "accumulate": self.accumulate,
            "calendar": self.steps.calendar,
            "reference": f"{asked[0]}/{asked[1]}",
            "calibration_years": f"{first}/{last}",
            "parameters": dict(self.parameters),
            **more,
            **self.told,
        }

    def reference_counts(self, cube: Floats) -> NDArray[np.int64]:
        """Return (steps of the year, series): years of the reference that have a value."""
        counts: NDArray[np.int64] = np.isfinite(cube[self.rows]).sum(axis=0)
        return counts

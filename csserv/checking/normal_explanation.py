"""Explains what a number is compared with: its normal, and the steps that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csserv.catalog import CatalogEntry
from csserv.catalog.timeline.timeline import Timeline
from csserv.errors import GranuleError
from csserv.outputs.against import AGAINST, compared_with
from csserv.outputs.series import iso
from csserv.request import Request
from csserv.tasks.work.in_process import compute_sample
from csserv.units import with_units

#: normals may differ by so much, as a share of the largest value, for the order of sums
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class NormalExplanation:
    """What a number is compared with.

    Attributes
    ----------
    normal : mean of the reference, as the result has it; None where there are too few years
    units : of it
    reference : in words, such as "the same step of 1991 to 2020; its own year counts"
    sample : the steps that it is made of, read again: ``year`` of the reference, ``time``,
        ``value`` [``units``], NaN without data
    """

    normal: float | None
    units: str
    reference: str
    sample: pd.DataFrame

    def __str__(self) -> str:
        values = int(self.sample["value"].notna().sum())
        years = self.sample[self.sample["value"].notna()]["year"].nunique()
        number = "none" if self.normal is None else with_units(f"{self.normal:g}", self.units)
        of = f"{values} values of {years} years" if values != years else f"{years} years"
        return f"normal {number}, of {of} with data: {self.reference}"


def explain_normal(
    plain: Mapping[str, Any],
    entry: CatalogEntry,
    timeline: Timeline,
    request: Request,
    place: tuple[int, int],
) -> NormalExplanation | None:
    """Read what a number is compared with once more; None of one that is compared with nothing.

    Parameters
    ----------
    plain : JSON of the result, of what was chosen of it
    timeline : all steps that are read, those of the reference among them
    request : of the zone alone
    place : number of the series in ``plain``, and of the step

    Raises
    ------
    GranuleError : the normal is another one today
    """
    if AGAINST not in plain:
        return None
    number, step = place
    series = plain["series"][number]
    found = compute_sample(entry, timeline, request, step)
    then = series[AGAINST]["normal"][step]
    _check_alike(
        [value for *_, value in found], then, f"{series['zone']['name']}, {series['time'][step]}"
    )
    rows = [{"year": year, "time": iso(time), "value": value} for year, time, value in found]
    sample = pd.DataFrame(rows, columns=["year", "time", "value"])
    return NormalExplanation(then, plain["units"], compared_with(plain), sample)


def _check_alike(values: Sequence[float], then: float | None, what: str) -> None:
    known = np.array([value for value in values if np.isfinite(value)])
    if then is None or not known.size:
        return
    if abs(known.mean() - then) > ROUNDING * max(float(np.abs(known).max()), abs(then)):
        raise GranuleError(
            f"{what}: the normal computed again is {known.mean():g}, the result has {then:g}; the "
            "data have changed since (moved says what)"
        )

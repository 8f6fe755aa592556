"""A series laid out by years, one over the other, and what is normal at each place of a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from csserv.language import tr
from csserv.units import over_days, over_steps
from csserv.views.parts.normals_table import Floats
from csserv.views.parts.series_table import SeriesTable

#: fewest years whose mean says what is usual, where a result compares with nothing
FEWEST_YEARS = 5

#: a year and the next one, which lends its days to a chart: it is a leap year
FIRST, SECOND = 2003, 2004

Times = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Years:
    """The steps of one zone, by years that begin in some month.

    Attributes
    ----------
    table : of one zone
    begin : month in which years begin
    """

    table: SeriesTable
    begin: int = 1

    @cached_property
    def places(self) -> Times:
        """(time,) where each step begins in a year, as a day of ``FIRST`` or ``SECOND``."""
        months = np.array([one.month for one in self.table.times])
        beyond = months < self.begin
        years = np.where(beyond | (self.begin == 1), SECOND, FIRST)
        days = np.array([min(one.day, _longest(one.month)) for one in self.table.times])
        first = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]")
        months_on = (months - 1).astype("timedelta64[M]")
        found = (first + months_on).astype("datetime64[D]") + (days - 1).astype("timedelta64[D]")
        hours = [3600 * one.hour + 60 * one.minute + one.second for one in self.table.times]
        places: Times = found.astype("datetime64[s]") + np.array(hours).astype("timedelta64[s]")
        return places

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """(time,) the year that each step is of: that in which it begins."""
        early = [one.year - (one.month < self.begin) for one in self.table.times]
        return np.array(early)

    @property
    def names(self) -> dict[int, str]:
        """Year → what it is called: "2019", or "2019/20" where it begins within it."""
        found = np.unique(self.numbers).tolist()
        if self.begin == 1:
            return {year: str(year) for year in found}
        return {year: f"{year}/{(year + 1) % 100:02}" for year in found}

    def each(self) -> Iterator[tuple[int, slice]]:
        """Yield each year and its steps."""
        ends = np.flatnonzero(np.diff(self.numbers)) + 1
        edges = [0, *ends.tolist(), len(self.numbers)]
        for first, last in pairwise(edges):
            yield int(self.numbers[first]), slice(first, last)

    @cached_property
    def normal(self) -> Floats | None:
        """(time,) what is normal at each step; None where nothing says it.

        Of a result that compares with nothing, the mean of the same steps of all its years.
        """
        if self.table.normals is not None:
            return np.asarray(self.table.normals.numbers["normal"][:, 0])
        if len(self.names) < FEWEST_YEARS:
            return None
        _, of_step = np.unique(self.places, return_inverse=True)
        means = _means(of_step, self.table.values[:, 0])
        return np.asarray(means[of_step])

    @property
    def normal_words(self) -> str:
        """What ``normal`` is, as a legend has it."""
        if self.table.normals is not None:
            return tr("normal, {years}", years=self.table.normals.reference)
        names = list(self.names.values())
        return tr("mean of {first} to {last}", first=names[0], last=names[-1])

    def usual(self) -> tuple[Times, Floats, Floats]:
        """Return the places of a year, what is normal there, and how long steps are [days]."""
        if self.normal is None:
            nothing = np.array([])
            return self.places[:0], nothing, nothing
        places, of_step = np.unique(self.places, return_inverse=True)
        lengths = _means(of_step, self.table.lengths)
        return places, _means(of_step, self.normal), lengths


def coarser(table: SeriesTable, step: str) -> SeriesTable:
    """Take the steps of a table together, with what is normal: of that, only the normal itself."""
    how = "sum" if table.adds_up else "mean"
    plain = replace(table, normals=None)
    found = plain.resampled(step, how)
    if table.normals is None:
        return found
    numbers = replace(plain, values=table.normals.numbers["normal"]).resampled(step, how).values
    return replace(found, normals=replace(table.normals, numbers={"normal": numbers}))


def as_amounts(table: SeriesTable) -> SeriesTable:
    """Return the amount of each step, of values that add up: of mm/day, mm."""
    factors = np.ones((len(table.times), 1))
    units = over_steps(table.units)
    if table.rule == "rate" and not table.summary.startswith("sum"):
        units, factor = over_days(table.units)
        factors = table.lengths[:, None] * factor
    normals = table.normals
    if normals is not None:
        normals = replace(normals, numbers={"normal": normals.numbers["normal"] * factors})
    values = table.values * factors
    return replace(table, values=values, units=units, rule="sum", normals=normals)


def _means(groups: NDArray[np.intp], values: Floats) -> Floats:
    """Return the mean of the known values of each group; NaN where none is known."""
    known = np.isfinite(values)
    count = np.bincount(groups, known)
    total = np.bincount(groups, np.where(known, values, 0.0))
    means: Floats = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return means


def _longest(month: int) -> int:
    return 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31

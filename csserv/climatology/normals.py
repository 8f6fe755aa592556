"""Values against what is normal: the statistics of the same steps of other years."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.climatology.comparison import Comparison, Indices
from csserv.climatology.ranked import Floats, Ranked, ranked, ratio
from csserv.climatology.sample_sets import SampleSets, sample_sets
from csserv.errors import InvalidRequestError
from csserv.request.options import OWN_YEAR
from csserv.request.reference import LEAST_YEARS

#: how percentiles and ranks are found, for people
PERCENTILES = "Hazen: the k-th of n values, from below, is the quantile of (k - 0.5) / n"

#: numbers that are sorted, or found, at once; three to four arrays of so many are needed [1]
AT_ONCE = 4_000_000

#: a standard deviation of less than this share of the largest value is rounding [1]
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Known:
    """Values, their references, and what is found already.

    Attributes
    ----------
    values : (series, asked) NaN where there is none
    reference : what the values are compared with, each set of samples once
    of_asked : (asked,) the set of each asked step
    of_amounts : whether values are amounts, of which one can be half of another
    found : name → (series, asked) of the statistics before this one
    """

    values: Floats
    reference: Ranked
    of_asked: Indices
    of_amounts: bool
    found: Mapping[str, NDArray[Any]]

    def each(self, of_sets: NDArray[Any]) -> NDArray[Any]:
        """Return for each asked step what is known of its set, (series, asked)."""
        return of_sets[:, self.of_asked]


@dataclass(frozen=True)
class NormalStatistic:
    """A statistic of the reference, or of a value against it.

    Attributes
    ----------
    name : the same in JSON, columns and variables
    of : computes it, (series, asked); NaN, or None of classes, where it says nothing
    units : "same" as those of the values; "class"; or units
    long_name : for people
    method : CF's word for what is done over the years; "" where it has none
    of_value : whether it says how a value stands to the reference, not only what that is like
    """

    name: str
    of: Callable[[Known], NDArray[Any]]
    units: str
    long_name: str
    method: str = ""
    of_value: bool = False


def compare(
    values: Floats,
    comparison: Comparison,
    own_year: str = "in",
    of_amounts: bool = True,
    sets: SampleSets | None = None,
) -> dict[str, NDArray[Any]]:
    """Compare steps with the same steps of other years.

    Parameters
    ----------
    values : (time, series) of all steps, those asked about and those of the reference; what is not
        finite is missing, and does not count
    comparison : which step is compared with which
    own_year : "out": samples of the asked step's own year do not count
    of_amounts : whether the values are amounts, as of rain: of temperatures, whose 0 is anywhere,
        no share of normal is given
    sets : of ``sample_sets``, where they are known already

    Returns
    -------
    statistics : name → (asked, series), in the order of ``STATISTICS``; ``years_used`` are whole
        numbers, ``tercile`` "below", "near", "above" or None, all others float64, NaN where there
        is nothing to say, never infinite. Where fewer than ``LEAST_YEARS`` years have a value, only
        ``years_used`` is given; where the step itself has none, only what is said of the reference
    """
    _check(values, comparison, own_year)
    sets = sets or sample_sets(comparison, own_year)
    of_series = np.where(np.isfinite(values), values, np.nan).T
    asked, number = len(comparison.shown), len(of_series)
    found: dict[str, NDArray[Any]] = {
        one.name: np.empty((number, asked), _kind(one)) for one in STATISTICS
    }
    at_once = max(1, AT_ONCE // max(1, sets.samples.size, len(STATISTICS) * asked))
    for first in range(0, number, at_once):
        some = of_series[first : first + at_once]
        known = Known(
            some[:, comparison.shown], ranked(some, sets), sets.of_asked, of_amounts, found={}
        )
        for name, array in _statistics(known).items():
            found[name][first : first + at_once] = array
    # series by series in memory, as results are written
    return {name: array.T for name, array in found.items()}


def describe(units: str) -> list[dict[str, str]]:
    """Return name, units, long name and CF method of each statistic, for JSON.

    Parameters
    ----------
    units : of the values
    """
    kinds = {"same": units, "class": ""}
    return [
        {
            "name": one.name,
            "units": kinds.get(one.units, one.units),
            "long_name": one.long_name,
            **({"method": one.method} if one.method else {}),
        }
        for one in STATISTICS
    ]


def _check(values: Floats, comparison: Comparison, own_year: str) -> None:
    if own_year not in OWN_YEAR:
        raise InvalidRequestError(f"own_year is {own_year!r}; allowed are: {', '.join(OWN_YEAR)}")
    if values.ndim != 2 or len(values) < comparison.steps:
        raise ValueError(f"values {values.shape}: (time, series) of {comparison.steps} steps")


def _kind(statistic: NormalStatistic) -> type:
    return {"years": int, "class": object}.get(statistic.units, float)


def _statistics(known: Known) -> dict[str, NDArray[Any]]:
    """Compute the statistics one after the other, as some need those before them."""
    years = known.each(known.reference.years)
    found: dict[str, NDArray[Any]] = {}
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near 1e308: none is given
        for one in STATISTICS:
            found[one.name] = one.of(_with(known, found))
    for name, array in found.items():
        if array.dtype.kind == "f":
            array[~np.isfinite(array)] = np.nan
        if name != "years_used":
            array[years < LEAST_YEARS] = None if array.dtype == object else np.nan
    return found


def _with(known: Known, found: Mapping[str, NDArray[Any]]) -> Known:
    return Known(known.values, known.reference, known.of_asked, known.of_amounts, found)


def _anomaly(known: Known) -> Floats:
    less: Floats = known.values - known.found["normal"]
    return less


def _percent_of_normal(known: Known) -> Floats:
    """Return 100 value / mean [%].

    None where a share says nothing: a value of the reference is negative, the mean is 0, or more
    than half of the reference is 0.
    """
    reference, normal = known.reference, known.found["normal"]
    often = known.each(2 * reference.zeros() <= reference.number)
    says = known.of_amounts & often & (known.each(reference.lowest) >= 0)
    return 100 * ratio(known.values, normal, where=says)


def _standardised_anomaly(known: Known) -> Floats:
    """Return the anomaly in standard deviations; none where all values are the same."""
    reference, deviation = known.reference, known.found["standard_deviation"]
    largest = np.maximum(np.abs(reference.lowest), np.abs(reference.highest))
    varies = deviation > ROUNDING * known.each(largest)
    return ratio(known.found["anomaly"], deviation, where=varies)


def _tercile(known: Known) -> NDArray[Any]:
    """Say whether values are below the lower tercile, above the upper one, or near normal."""
    low, high = known.found["normal_p33"], known.found["normal_p67"]
    classes = np.full(low.shape, None, dtype=object)
    classes[(known.values >= low) & (known.values <= high)] = "near"
    classes[known.values < low] = "below"
    classes[known.values > high] = "above"
    return classes


def _quantile(name: str, share: float, long_name: str, method: str = "") -> NormalStatistic:
    return NormalStatistic(
        name, lambda known: known.each(known.reference.quantile(share)), "same", long_name, method
    )


#: in the order in which they stand everywhere; some need those before them
STATISTICS = (
    NormalStatistic(
        "normal",
        lambda known: known.each(known.reference.mean()),
        "same",
        "mean of the reference",
        "mean",
    ),
    _quantile("normal_median", 1 / 2, "median of the reference", "median"),
    _quantile("normal_p10", 1 / 10, "10th percentile of the reference"),
    _quantile("normal_p20", 2 / 10, "20th percentile of the reference"),
    _quantile("normal_p33", 1 / 3, "lower tercile of the reference"),
    _quantile("normal_p67", 2 / 3, "upper tercile of the reference"),
    _quantile("normal_p80", 8 / 10, "80th percentile of the reference"),
    _quantile("normal_p90", 9 / 10, "90th percentile of the reference"),
    NormalStatistic(
        "standard_deviation",
        lambda known: known.each(known.reference.deviation()),
        "same",
        "standard deviation of the reference",
        "standard_deviation",
    ),
    NormalStatistic(
        "years_used",
        lambda known: known.each(known.reference.years),
        "years",
        "years of the reference that have a value",
    ),
    NormalStatistic("anomaly", _anomaly, "same", "value less normal", of_value=True),
    NormalStatistic(
        "percent_of_normal",
        _percent_of_normal,
        "%",
        "value as a share of normal",
        of_value=True,
    ),
    NormalStatistic(
        "percentile_rank",
        lambda known: known.reference.rank(known.values, known.of_asked),
        "%",
        "share of the reference that the value is above",
        of_value=True,
    ),
    NormalStatistic(
        "standardised_anomaly",
        _standardised_anomaly,
        "1",
        "anomaly in standard deviations",
        of_value=True,
    ),
    NormalStatistic(
        "tercile",
        _tercile,
        "class",
        "third of the reference that the value lies in",
        of_value=True,
    ),
)

#: those that steps share which are compared with the same
REFERENCE_STATISTICS = tuple(one.name for one in STATISTICS if not one.of_value)

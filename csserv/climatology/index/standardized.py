"""SPI and SPEI: how unusual an amount is, in standard deviations of a fitted distribution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.climatology.index.calculation import FEWEST_YEARS, Calculation
from csserv.climatology.index.evaporation import potential_evaporation
from csserv.climatology.index.index_libraries import CLIMATE_INDICES, library, load, quiet
from csserv.climatology.index.index_series import Floats, IndexSeries

#: climate-indices gives no index beyond it: probabilities of less than 0.001
FARTHEST = 3.09

#: added to each step's water balance, as climate-indices does, so that it is positive [mm]
OFFSET = 1000.0

#: columns (step of the year and series) that are fitted at once; bounds what scipy needs
_AT_ONCE = 120_000

#: climate-indices folds by months: columns come in dozens
_DOZEN = 12

#: reference values that differ by less are constant, but for rounding
_SPREAD = 1e-9


@dataclass(frozen=True)
class _Kind:
    """A distribution: what climate-indices calls it, what it is, how few values it can take."""

    name: str
    fewest_nonzero: int
    parameters: tuple[str, ...]
    method: str


DISTRIBUTIONS = {
    "gamma": _Kind(
        "gamma",
        1,
        ("alpha", "beta", "prob_zero"),
        "approximate maximum likelihood (Thom 1958) of the values above 0",
    ),
    "pearson": _Kind(
        "Pearson type III",
        4,
        ("prob_zero", "loc", "scale", "skew"),
        "L-moments",
    ),
    "loglogistic": _Kind(
        "log-logistic (generalised logistic)", 4, ("loc", "scale", "shape"), "L-moments"
    ),
}

#: zero rule → what it does
ZERO_RULES = {
    "classic": "a zero has the probability p0, the share of zeros in the reference (McKee 1993)",
    "center_of_mass": "a zero has the probability p0 / 2 (Stagge et al. 2015)",
    "mean_zero": "a zero has the mean score of the zeros' share (Allen and Otero 2024)",
}


def spi(asked: Calculation) -> IndexSeries:
    """Standardized precipitation index: rain of n steps against the same steps of other years.

    Source: McKee et al. (1993), WMO-No. 1090; computed by climate-indices.
    """
    rule = asked.parameters["zero_rule"]
    return _standardized(asked, asked.rain(), rule, {"zero_rule": f"{rule}: {ZERO_RULES[rule]}"})


def spei(asked: Calculation) -> IndexSeries:
    """Standardized precipitation evapotranspiration index: the same of rain less evaporation.

    Source: Vicente-Serrano et al. (2010); computed by climate-indices.
    """
    demand, how = potential_evaporation(asked)
    balance = (asked.rain() - demand) + OFFSET
    told = {"zero_rule": f"none: {OFFSET:g} mm are added to each step's balance", **how}
    return _standardized(asked, balance, "classic", told)


def accumulated(asked: Calculation, values: Floats) -> Floats:
    """Return (years, steps of the year, series) of sums over a step and those before it.

    A sum with a missing step is missing; a series that has the sums already stays as it is.
    """
    cube = asked.steps.fold(values)
    if asked.left_to_add == 1:
        return cube
    compute = load("climate_indices.compute", CLIMATE_INDICES)
    series = cube.reshape(-1, cube.shape[2], 1)
    sums: Floats = compute.sum_to_scale(series, asked.left_to_add).reshape(cube.shape)
    return sums


def _standardized(
    asked: Calculation, values: Floats, zero_rule: str, told: dict[str, Any]
) -> IndexSeries:
    kind = DISTRIBUTIONS[asked.parameters["distribution"]]
    cube = accumulated(asked, values)
    sound, why = _fittable(cube[asked.rows], kind)
    scores = np.full(cube.shape, np.nan)
    fit = {name: np.full(cube.shape[1:], np.nan) for name in kind.parameters}
    for where in _portions(sound):
        found, parameters = _fit(asked, cube[:, where[0], where[1]], zero_rule)
        scores[:, where[0], where[1]] = np.clip(found, -FARTHEST, FARTHEST)
        for name in fit:
            fit[name][where] = parameters[name]
    receipt = asked.receipt(
        **library(CLIMATE_INDICES),
        distribution=kind.name,
        fitted_by=kind.method,
        limits=f"-{FARTHEST} to {FARTHEST}",
        **told,
        **why,
    )
    name = f"{asked.name.upper()}-{asked.accumulate}"
    attributes = {"long_name": f"{name}, {asked.time_step} steps, {receipt['calibration_years']}"}
    spans = asked.steps.spans(asked.accumulate)
    values = asked.steps.unfold(scores)
    return IndexSeries(values, "1", asked.steps.times, spans, attributes, receipt, fit)


def _fittable(reference: Floats, kind: _Kind) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Say which steps of the year can be fitted, and of the others how many, and why not."""
    counts = np.isfinite(reference).sum(axis=0)
    above = reference > 0
    nonzero = above.sum(axis=0)
    high = np.where(above, reference, 0.0).max(axis=0)
    low = np.where(above, reference, np.inf).min(axis=0)
    reasons = {
        f"fewer than {FEWEST_YEARS} years have a value": counts < FEWEST_YEARS,
        "every value of the reference is 0": nonzero == 0,
        "all values of the reference above 0 are the same": (nonzero > 0)
        & (high - low <= _SPREAD * np.maximum(high, 0)),
        f"fewer than {kind.fewest_nonzero} values are above 0": nonzero < kind.fewest_nonzero,
    }
    left = np.ones(counts.shape, bool)
    told: dict[str, int] = {}
    for why, applies in reasons.items():
        if found := int((applies & left).sum()):
            told[why] = found
        left &= ~applies
    dry = int((left & (2 * (counts - nonzero) > counts)).sum())
    notes = {"mostly_dry_steps": dry} if dry else {}
    return left, {"none_where": told, **notes} if told else notes


def _portions(sound: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the (step of the year, series) that can be fitted, some at a time."""
    steps, series = np.nonzero(sound)
    for first in range(0, len(steps), _AT_ONCE):
        yield steps[first : first + _AT_ONCE], series[first : first + _AT_ONCE]


def _fit(asked: Calculation, columns: Floats, zero_rule: str) -> tuple[Floats, dict[str, Floats]]:
    """Fit columns and score them, all by climate-indices.

    Each step of the year of each series is fitted by itself: so columns may stand in any order,
    and pentads and dekads are computed as months are.

    Parameters
    ----------
    columns : (years, columns)
    """
    compute = load("climate_indices.compute", CLIMATE_INDICES)
    indices = load("climate_indices.indices", CLIMATE_INDICES)
    years, count = columns.shape
    block = in_dozens(columns)
    distribution = indices.Distribution(asked.parameters["distribution"])
    monthly = compute.Periodicity.monthly
    with quiet():
        fitted = compute.FittedDistribution.resolve(
            block, distribution, asked.steps.first_year, *asked.years, monthly
        )
        scores = fitted.transform(block, zero_handling=zero_rule)
    flat = {name: np.reshape(one, -1)[:count] for name, one in fitted.parameters.items()}
    return scores.reshape(years, -1)[:, :count], flat


def in_dozens(columns: Floats) -> Floats:
    """Return (years, 12, n) of (years, columns); the first column fills up the last dozen."""
    years, count = columns.shape
    filled = np.concatenate([columns, np.repeat(columns[:, :1], -count % _DOZEN, axis=1)], axis=1)
    return np.ascontiguousarray(filled.reshape(years, _DOZEN, -1))

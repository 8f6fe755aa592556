"""Indices that need no distribution: per cent of normal, deciles, vegetation condition, EDDI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from csserv.climatology.index.calculation import FEWEST_YEARS, Calculation
from csserv.climatology.index.evaporation import potential_evaporation
from csserv.climatology.index.index_libraries import CLIMATE_INDICES, library, load, quiet
from csserv.climatology.index.index_series import Floats, IndexSeries
from csserv.climatology.index.standardized import accumulated, in_dozens

#: plotting position of deciles, as of the percentile ranks of normals
HAZEN = "Hazen: (below + equal / 2) / n"


def percent_of_normal(asked: Calculation) -> IndexSeries:
    """Rain of n steps, in per cent of its mean in the same steps of the reference.

    Source: computed by climate-indices (percentage_of_normal); none where the mean is 0.
    """
    indices = load("climate_indices.indices", CLIMATE_INDICES)
    monthly = load("climate_indices.compute", CLIMATE_INDICES).Periodicity.monthly
    cube = accumulated(asked, asked.rain())
    block = in_dozens(cube.reshape(len(cube), -1))
    with quiet():
        ratios = indices.percentage_of_normal(
            block.reshape(len(cube) * 12, -1, 1),
            1,
            asked.steps.first_year,
            *asked.years,
            monthly,
            spatial_time_major=True,
        )
    percent = 100.0 * ratios.reshape(len(cube), -1)[:, : cube[0].size].reshape(cube.shape)
    told = {"zero_rule": "none where the mean of the reference is 0", **library(CLIMATE_INDICES)}
    return _series(asked, percent, cube, "%", "per cent of normal", told)


def deciles(asked: Calculation) -> IndexSeries:
    """Tenth of the reference that rain of n steps lies in: 1 the driest, 10 the wettest.

    Source: Gibbs and Maher (1967). The rank is Hazen's, so that equal values, such as zeros, lie in
    the middle of the tenths that they fill.
    """
    cube = accumulated(asked, asked.rain())
    ranks = np.full(cube.shape, np.nan)
    for step in range(cube.shape[1]):
        ranks[:, step] = _ranks(cube[:, step], cube[asked.rows, step])
    tenths = np.clip(np.ceil(ranks / 10.0 - 1e-9), 1.0, 10.0)
    told = {"library": "csserv", "plotting_position": HAZEN}
    return _series(asked, tenths, cube, "1", "decile", told)


def vegetation_condition(asked: Calculation) -> IndexSeries:
    """VCI: where NDVI lies between the lowest and the highest of the reference, in per cent.

    Source: Kogan (1995). Years that are not in the reference may lie below 0 or above 100.
    """
    cube = asked.steps.fold(np.asarray(asked.inputs.values["ndvi"], float))
    reference = cube[asked.rows]
    has = np.isfinite(reference)
    low = np.where(has, reference, np.inf).min(axis=0)
    span = np.where(has, reference, -np.inf).max(axis=0) - low
    none = ~has.any(axis=0) | ~(span > 0)
    percent = 100.0 * (cube - np.where(none, 0.0, low)) / np.where(none, np.nan, span)
    told = {"library": "csserv", "zero_rule": "none where lowest and highest are equal"}
    return _series(asked, percent, cube, "%", "vegetation condition index", told)


def evaporative_demand(asked: Calculation) -> IndexSeries:
    """EDDI: how unusual the evaporative demand of n steps is; high is dry.

    Source: Hobbins et al. (2016); computed by climate-indices (eddi), as NOAA does.
    """
    demand, how = potential_evaporation(asked)
    indices = load("climate_indices.indices", CLIMATE_INDICES)
    periods = load("climate_indices.compute", CLIMATE_INDICES).Periodicity
    cube = asked.steps.fold(demand)
    with quiet():
        scores = indices.eddi(
            cube.reshape(-1, cube.shape[2], 1),
            asked.left_to_add,
            asked.steps.first_year,
            *asked.years,
            periods.monthly if asked.time_step == "monthly" else periods.daily,
            spatial_time_major=True,
        ).reshape(cube.shape)
    told = {
        **library(CLIMATE_INDICES),
        **how,
        "plotting_position": "Tukey: (below + 0.66) / (n + 0.33)",
        "negative_rule": "demand below 0 counts as 0, as in climate-indices",
    }
    return _series(asked, scores, accumulated(asked, demand), "1", "EDDI", told)


def _ranks(values: Floats, reference: Floats) -> Floats:
    """Return percentile ranks of (years, series) among (years of the reference, series)."""
    has = np.isfinite(reference).sum(axis=0)
    below = np.zeros(values.shape)
    for one in reference:
        below += (one < values) + 0.5 * (one == values)
    return np.where(np.isfinite(values), 100.0 * below / np.where(has > 0, has, np.nan), np.nan)


def _series(
    asked: Calculation,
    values: Floats,
    cube: Floats,
    units: str,
    what: str,
    told: Mapping[str, Any],
) -> IndexSeries:
    """Leave out what has too few years of reference, and what is no number."""
    counts = asked.reference_counts(cube)
    few = counts < FEWEST_YEARS
    kept = np.where(few | ~np.isfinite(values) | ~np.isfinite(cube), np.nan, values)
    if found := int(few.sum()):
        told = {**told, "none_where": {f"fewer than {FEWEST_YEARS} years have a value": found}}
    receipt = asked.receipt(**told)
    sums = f" of {asked.accumulate} steps" if asked.accumulate > 1 else ""
    attributes = {"long_name": f"{what}{sums}, against {receipt['calibration_years']}"}
    spans = asked.steps.spans(asked.accumulate)
    unfolded = asked.steps.unfold(kept)
    return IndexSeries(unfolded, units, asked.steps.times, spans, attributes, receipt)

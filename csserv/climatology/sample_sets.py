"""The different sets of samples of a comparison: all Januaries asked about share one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csserv.climatology.comparison import FILL, Comparison, Indices


@dataclass(frozen=True, eq=False)
class SampleSets:
    """Each set of samples once, as many asked steps are compared with the same.

    Attributes
    ----------
    samples : (sets, most) indices of steps, those of a year side by side; -1 fills up
    of_asked : (asked,) the set that each asked step is compared with
    year_starts : (years of all sets,) places in the flat ``samples`` where a year begins
    set_starts : (sets,) places in ``year_starts`` where a set begins
    """

    samples: Indices
    of_asked: Indices
    year_starts: Indices
    set_starts: Indices


def sample_sets(comparison: Comparison, own_year: str) -> SampleSets:
    """Find the sets of samples; ``own_year`` "out" leaves those of an asked step's year out."""
    samples, years = comparison.samples, comparison.years
    if not samples.shape[1]:  # nothing to compare with: one sample without a value is the same
        samples = years = np.full((len(samples), 1), FILL)
    if own_year == "out":
        samples = np.where(years == comparison.asked_years[:, None], FILL, samples)
    # one year for all that fills up, so that rows of equal samples are equal
    years = np.where(samples == FILL, np.iinfo(np.int64).min, years)
    order = np.lexsort((samples, years), axis=1)
    pairs = np.stack([np.take_along_axis(one, order, axis=1) for one in (samples, years)], axis=1)
    sets, of_asked = np.unique(pairs, axis=0, return_inverse=True)
    samples, years = sets[:, 0], sets[:, 1]
    begins = np.ones(years.shape, dtype=bool)
    begins[:, 1:] = years[:, 1:] != years[:, :-1]
    numbers = begins.sum(axis=1)
    return SampleSets(
        np.ascontiguousarray(samples),
        of_asked.reshape(-1),
        np.flatnonzero(begins),
        np.cumsum(numbers) - numbers,
    )

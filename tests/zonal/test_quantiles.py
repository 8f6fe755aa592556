"""Weighted percentiles: their definition, however many cells there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.errors import UnknownOperationError
from csserv.zonal.operations import operation
from csserv.zonal.quantiles import FEW, weighted_quantile


def by_definition(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """The lowest value up to which cells weigh the share; with the next one where it is a tie."""
    kept = np.isfinite(values)
    values, weights = values[kept], weights[kept]
    if not len(values):
        return np.nan
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order])
    goal = share * weights.sum()
    low = np.flatnonzero(upto >= goal * (1 - 1e-12))
    high = np.flatnonzero(upto > goal * (1 + 1e-12))
    last = values[order][-1]
    ends = [values[order][found[0]] if len(found) else last for found in (low, high)]
    return float(ends[0] + ends[1]) / 2


shares = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 0.99, 1.0])


@given(st.data(), st.integers(1, 40), shares, st.sampled_from(["f4", "f8"]))
def test_few_cells(data, count, share, dtype):
    numbers = st.sampled_from([-3.5, -1.0, 0.0, 0.0, 1.0, 2.25, 7.0, np.inf])
    values = np.array(data.draw(st.lists(numbers, min_size=count, max_size=count)), dtype)
    weights = np.array(
        data.draw(st.lists(st.sampled_from([0.25, 1.0, 2.0]), min_size=count, max_size=count))
    )
    found = weighted_quantile(values[None], weights, share)
    np.testing.assert_allclose(found, [by_definition(values, weights, share)])


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), shares, st.sampled_from(["f4", "f8"]), st.floats(0, 0.999))
def test_many_cells(seed, share, dtype, dry):
    random = np.random.default_rng(seed)
    values = random.gamma(0.5, 5, (3, FEW + 1 + seed % 9000)).astype(dtype)
    values[random.random(values.shape) < dry] = 0  # rain: many cells have none at all
    values[1, random.random(values.shape[1]) < 0.3] = np.inf
    values[2] = np.sort(values[2])  # a sample of every nth cell is not what it seems
    weights = random.uniform(0.5, 1, values.shape[1])
    found = weighted_quantile(values, weights, share)
    np.testing.assert_array_equal(found, [by_definition(one, weights, share) for one in values])


def test_no_valid_cell_has_no_quantile():
    found = weighted_quantile(np.full((2, 3), np.inf, "f4"), np.ones(3), 0.5)
    assert np.isnan(found).all()


@pytest.mark.parametrize(("name", "share"), [("p0", 0), ("p2.5", 0.025), ("p90", 0.9), ("p100", 1)])
def test_percentiles_are_asked_by_number(name, share):
    assert operation(name).share == pytest.approx(share)


@pytest.mark.parametrize("name", ["p", "p101", "p-1", "p1e2", "percentile"])
def test_other_names_are_refused(name):
    with pytest.raises(UnknownOperationError, match="p90"):
        operation(name)

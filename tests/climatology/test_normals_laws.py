"""Laws of normals, and the same numbers from xarray, numpy and pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from csserv.climatology.normals import STATISTICS, compare
from tests.climatology.tables import same_steps

#: as data are: tenths, so that sums have few rounded bits, and many are equal
TENTHS = st.integers(-2000, 5000).map(lambda tenths: tenths / 10)
RAIN = st.integers(0, 5000).map(lambda tenths: tenths / 10)

REFERENCE = range(1991, 2021)
SHARES = {
    "normal_p10": 0.1,
    "normal_p20": 0.2,
    "normal_p33": 1 / 3,
    "normal_median": 0.5,
    "normal_p67": 2 / 3,
    "normal_p80": 0.8,
    "normal_p90": 0.9,
}
OF_REFERENCE = ["normal", *SHARES, "standard_deviation"]


def yearly(values: Any, own_year: str = "in") -> dict[str, Any]:
    """Compare each of the years with all of them."""
    numbers = len(values)
    comparison = same_steps(1, range(1991, 1991 + numbers), range(1991, 1991 + numbers))
    found = compare(np.array(values, dtype=float)[:, None], comparison, own_year)
    return {name: one[:, 0] for name, one in found.items()}


years_of = st.integers(10, 40).flatmap


@given(years_of(lambda n: arrays(float, n, elements=TENTHS)))
def test_anomalies_over_the_reference_sum_to_0(values: Any):
    found = yearly(values)
    assert found["anomaly"].sum() == pytest.approx(0, abs=1e-9)
    if len(set(values)) > 1:
        assert found["standardised_anomaly"].sum() == pytest.approx(0, abs=1e-9)
        assert np.var(found["standardised_anomaly"], ddof=1) == pytest.approx(1, rel=1e-9)


@given(years_of(lambda n: arrays(float, n, elements=TENTHS, unique=True)))
def test_ranks_of_the_reference_are_uniform(values: Any):
    ranks = np.sort(yearly(values)["percentile_rank"])
    np.testing.assert_allclose(ranks, 100 * (np.arange(len(values)) + 0.5) / len(values))


@given(years_of(lambda n: arrays(float, n, elements=RAIN)))
def test_ranks_average_to_50_whatever_is_equal(values: Any):
    assert yearly(values)["percentile_rank"].mean() == pytest.approx(50)


@given(years_of(lambda n: arrays(float, n, elements=TENTHS)), TENTHS)
def test_constant_that_is_added_shifts_normals_and_leaves_anomalies(values: Any, constant: float):
    # steps of a tenth, so that what is equal stays so
    before, after = yearly(np.round(values * 10)), yearly(np.round((values + constant) * 10))
    for name in OF_REFERENCE[:-1]:
        np.testing.assert_allclose(after[name], before[name] + round(constant * 10), atol=1e-9)
    for name in ("standard_deviation", "anomaly", "standardised_anomaly", "percentile_rank"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-9)


@given(st.data())
def test_order_of_the_years_leaves_normals(data: st.DataObject):
    values = data.draw(arrays(float, 20, elements=RAIN | st.just(float("nan"))))
    shuffled = data.draw(st.permutations(values.tolist()))
    before, after = yearly(values, "in"), yearly(shuffled, "in")
    for name in [*OF_REFERENCE, "years_used"]:
        np.testing.assert_allclose(after[name], before[name], rtol=1e-12, atol=1e-12)


@given(years_of(lambda n: arrays(float, n, elements=RAIN | st.just(float("nan")))), st.booleans())
def test_left_out_year_is_as_if_it_had_not_been(values: Any, last: bool):
    place = len(values) - 1 if last else 3
    found = yearly(values, "out")
    others = np.delete(values, place)
    comparison = same_steps(1, range(1991, 1991 + len(others)), [1991 + len(others)])
    alone = compare(np.append(others, values[place])[:, None], comparison)
    for name, one in alone.items():
        if one.dtype == object:
            assert found[name][place] == one[0, 0]
        else:
            np.testing.assert_array_equal(found[name][place], one[0, 0])


@given(years_of(lambda n: arrays(float, n, elements=RAIN | st.just(float("nan")))), st.booleans())
def test_classes_and_numbers_agree_and_none_is_infinite(values: Any, out: bool):
    found = yearly(values, "out" if out else "in")
    for name, one in found.items():
        assert one.dtype == object or not np.isinf(one).any(), name
    third, low, high = found["tercile"], found["normal_p33"], found["normal_p67"]
    assert all(v < a for v, c, a in zip(values, third, low, strict=True) if c == "below")
    assert all(v > b for v, c, b in zip(values, third, high, strict=True) if c == "above")
    nothing = np.array([c is None for c in third])
    np.testing.assert_array_equal(nothing, np.isnan(found["anomaly"]))
    quantiles = np.array([found[name] for name in SHARES])
    assert (np.diff(quantiles, axis=0)[:, ~np.isnan(low)] >= -1e-9).all()


def rain_of(steps: int, gaps: bool, series: int = 5) -> Any:
    rng = np.random.default_rng(steps)
    values = np.round(rng.gamma(0.4, 30, (steps, series)), 1) * (rng.random((steps, series)) > 0.2)
    if gaps:
        values[rng.random(values.shape) < 0.05] = np.nan
    return values


@pytest.mark.parametrize("gaps", [False, True])
def test_months_are_those_of_groupby_numpy_and_pandas(gaps: bool):
    when = pd.date_range("1991-01-01", "2025-12-01", freq="MS")
    array = xr.DataArray(rain_of(len(when), gaps), {"time": when}, ("time", "zone"))
    reference = array.sel(time=slice("1991", "2020")).groupby("time.month")
    expected = {
        "normal": reference.mean(),
        "standard_deviation": reference.std(ddof=1),
        "years_used": reference.count(),
    }
    quantiles = reference.quantile([*SHARES.values()], method="hazen", skipna=True)
    expected |= {name: quantiles.isel(quantile=n, drop=True) for n, name in enumerate(SHARES)}
    found = compare(array.values, same_steps(12, REFERENCE, range(1991, 2026)))
    for name, one in expected.items():
        each = one.sel(month=array["time.month"]).transpose("time", "zone").values
        np.testing.assert_allclose(found[name], each, rtol=1e-9, atol=1e-12, err_msg=name)
    anomaly = array.groupby("time.month") - expected["normal"]
    np.testing.assert_allclose(found["anomaly"], anomaly.values, rtol=1e-9, atol=1e-9)
    standardised = anomaly.groupby("time.month") / expected["standard_deviation"]
    np.testing.assert_allclose(found["standardised_anomaly"], standardised.values, 1e-9, 1e-9)
    shares = 100 * array / expected["normal"].sel(month=array["time.month"])
    rare = ((array.sel(time=slice("1991", "2020")) == 0).groupby("time.month").sum() * 2) > (
        expected["years_used"]
    )
    shares = shares.where(~rare.sel(month=array["time.month"])).transpose("time", "zone")
    np.testing.assert_allclose(found["percent_of_normal"], shares.values, rtol=1e-9)
    # pandas gives those that are equal the mean of their ranks, which begin at 1
    inside = array.sel(time=slice("1991", "2020")).to_pandas()
    ranks = inside.groupby(inside.index.month).rank(method="average") - 0.5
    ranks = 100 * ranks / inside.groupby(inside.index.month).transform("count")
    np.testing.assert_allclose(found["percentile_rank"][: len(ranks)], ranks.values, rtol=1e-9)


def test_days_of_a_window_are_those_of_numpy():
    reference = range(1991, 2003)
    values = rain_of(365 * 13, gaps=True, series=2)
    found = compare(values, same_steps(365, reference, [2003 - 1, 2003], window=7))

    def window(step: int) -> Any:
        """Take the 15 days around the same day of each year, as far as there are days."""
        day = step % 365
        around = [365 * n + day + k for n in range(12) for k in range(-7, 8)]
        return values[[place for place in around if place >= 0]]

    for asked in (0, 3, 6, 7, 100, 364, 365, 500):
        samples = window(asked)
        for name, share in SHARES.items():
            expected = np.nanquantile(samples, share, axis=0, method="hazen")
            np.testing.assert_allclose(found[name][asked], expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found["normal"][asked], np.nanmean(samples, axis=0), rtol=1e-9)
        deviation = np.nanstd(samples, axis=0, ddof=1)
        np.testing.assert_allclose(found["standard_deviation"][asked], deviation, rtol=1e-9)
        value = values[365 * 11 + asked]
        below, equal = (samples < value).sum(axis=0), (samples == value).sum(axis=0)
        rank = 100 * (below + equal / 2) / np.isfinite(samples).sum(axis=0)
        rank[np.isnan(value)] = np.nan
        np.testing.assert_allclose(found["percentile_rank"][asked], rank, rtol=1e-9)
    assert (found["years_used"] == 12).all()


def test_each_statistic_has_a_name_of_its_own():
    assert len({one.name for one in STATISTICS}) == len(STATISTICS) == 15

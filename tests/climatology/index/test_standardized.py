"""SPI and SPEI are the numbers of climate-indices, and say where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.climatology.index.index_libraries import load, quiet
from csserv.climatology.index.standardized import DISTRIBUTIONS, FARTHEST, ZERO_RULES
from csserv.errors import InvalidRequestError
from tests.climatology.records import (
    REFERENCE,
    arid,
    climate_indices,
    days,
    index,
    months,
    parts_of_months,
    rain,
    spi_of_library,
    warmth,
)


@pytest.mark.parametrize("accumulate", [1, 3, 12])
@pytest.mark.parametrize("distribution", ["gamma", "pearson"])
@pytest.mark.parametrize("zero_rule", ZERO_RULES)
def test_spi_is_that_of_climate_indices(accumulate, distribution, zero_rule):
    values = rain(540)
    ours = index(
        "spi", values, months(), accumulate=accumulate, distribution=distribution,
        zero_rule=zero_rule,
    )  # fmt: skip
    theirs = spi_of_library(values, accumulate, distribution, zero_handling=zero_rule)
    assert np.isnan(theirs[: accumulate - 1]).all()
    np.testing.assert_allclose(ours.values, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_spei_is_that_of_climate_indices(distribution):
    values, degrees, latitudes = rain(540), warmth(540), np.array([-30.0, 0.5, 45.0])
    ours = index(
        "spei", {"precipitation": values, "temperature": degrees}, months(), accumulate=3,
        latitudes=latitudes, distribution=distribution,
    )  # fmt: skip
    indices, monthly = climate_indices("indices"), climate_indices("compute").Periodicity.monthly
    for series, latitude in enumerate(latitudes):
        with quiet():
            pet = indices.pet(degrees[:, series], latitude, 1981)
            theirs = indices.spei(
                values[:, series], pet, 3, indices.Distribution(distribution), monthly, 1981,
                *REFERENCE,
            )  # fmt: skip
        np.testing.assert_allclose(ours.values[:, series], theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("name", "parts"), [("dekad", 3), ("pentad", 6)])
def test_each_part_of_months_is_fitted_as_a_month_is(name, parts):
    values = rain(30 * 12 * parts)
    ours = index("spi", values, parts_of_months(parts), name, accumulate=4)
    sums = np.stack([np.convolve(one, np.ones(4))[: len(one)] for one in values.T], axis=1)
    sums[:3] = np.nan
    for part in range(parts):
        theirs = spi_of_library(sums[part::parts], 1, first=1991)
        np.testing.assert_allclose(ours.values[part::parts], theirs, rtol=0, atol=1e-12)


def test_days_are_counted_as_climate_indices_counts_them():
    starts = days()[:-40]  # the last year is not whole
    values = rain(len(starts), series=1, dry=0.3)
    ours = index("spi", values, starts, "daily", accumulate=30, reference=(1991, 2009))
    indices, daily = climate_indices("indices"), climate_indices("compute").Periodicity.daily
    plan = climate_indices("utils").CalendarPlan.from_year_span(1991, 20, len(starts))
    leap = plan.to_all_leap(values[:, 0])
    with quiet():
        theirs = indices.spi(leap, 30, indices.Distribution.gamma, 1991, 1991, 2009, daily)
    np.testing.assert_allclose(ours.values[:, 0], plan.to_gregorian(theirs), rtol=0, atol=1e-12)


@pytest.mark.parametrize("distribution", ["gamma", "pearson"])
def test_a_series_has_the_same_numbers_alone_and_among_others(distribution):
    values = np.concatenate([arid(series=5), rain(540, 4), np.zeros((540, 1))], axis=1)
    many = index("spi", values, months(), accumulate=3, distribution=distribution).values
    for series in (0, 7):
        alone = index(
            "spi", values[:, series : series + 1], months(), accumulate=3,
            distribution=distribution,
        )  # fmt: skip
        np.testing.assert_array_equal(alone.values[:, 0], many[:, series])


def test_xclim_gives_the_same_but_for_its_limits():
    """With the same fit and zero rule, there is one difference: 3.09 here, 8.21 there."""
    import xarray as xr

    values = arid()
    ours = index("spi", values, months(), accumulate=3).values
    sums = np.stack([np.convolve(one, np.ones(3))[:540] for one in values.T], axis=1)
    sums[:2] = np.nan
    with quiet():
        theirs = load("xclim.indices.stats", "xclim").standardized_index(
            xr.DataArray(
                sums, {"time": months().astype("M8[ns]")}, ("time", "s"), attrs={"units": "mm"}
            ),
            freq=None, window=1, dist="gamma", method="APP", fitkwargs={"floc": 0},
            zero_inflated=True, cal_start="1991-01-01", cal_end="2020-12-31",
        )  # fmt: skip
    both = np.clip(theirs.transpose("time", "s").values, -FARTHEST, FARTHEST)
    known = np.isfinite(ours)
    assert known.mean() > 0.9
    np.testing.assert_allclose(ours[known], both[known], rtol=0, atol=1e-9)


def test_month_without_rain_in_any_year_has_none_and_not_the_library_s_extreme_drought():
    values = rain(540, 1)
    values[6::12] = 0.0
    ours = index("spi", values, months())
    assert np.isnan(ours.values[6::12]).all()
    assert np.isfinite(np.delete(ours.values, np.arange(6, 540, 12), axis=0)).all()
    assert ours.receipt["none_where"] == {"every value of the reference is 0": 1}
    assert (spi_of_library(values, 1)[6::12] == -FARTHEST).all()


@pytest.mark.parametrize("distribution", ["gamma", "pearson"])
@pytest.mark.parametrize("amount", [0.1, 25.0, 1e6])
def test_series_that_never_changes_has_none(amount, distribution):
    ours = index(
        "spi", np.full((540, 1), amount), months(), accumulate=3, distribution=distribution
    )
    assert np.isnan(ours.values).all()
    assert ours.receipt["none_where"] == {"all values of the reference above 0 are the same": 12}


def test_month_with_rain_in_a_single_year_has_none():
    values = rain(540, 1)
    values[6::12] = 0.0
    values[12 * 20 + 6] = 40.0
    assert np.isnan(index("spi", values, months()).values[6::12]).all()


def test_pearson_needs_four_values_above_zero():
    values = rain(540, 1)
    values[6::12] = 0.0
    values[12 * np.array([12, 20, 25]) + 6, 0] = [10.0, 40.0, 25.0]
    pearson = index("spi", values, months(), distribution="pearson")
    assert np.isnan(pearson.values[6::12]).all()
    assert pearson.receipt["none_where"] == {"fewer than 4 values are above 0": 1}
    assert np.isfinite(index("spi", values, months()).values[6::12]).all()


def test_gap_makes_the_sums_that_hold_it_missing_and_nothing_else():
    values = rain(540, 1)
    values[100] = np.nan
    ours = index("spi", values, months(), accumulate=3).values
    assert np.flatnonzero(np.isnan(ours[:, 0])).tolist() == [0, 1, 100, 101, 102]
    np.testing.assert_allclose(ours, spi_of_library(values, 3), rtol=0, atol=1e-12)


def test_steps_that_are_left_out_are_gaps():
    values = rain(540, 1)
    kept = np.delete(np.arange(540), [100, 101])
    ours = index("spi", values[kept], months()[kept], accumulate=3).values
    holes = values.copy()
    holes[[100, 101]] = np.nan
    np.testing.assert_array_equal(ours, index("spi", holes, months(), accumulate=3).values[kept])


def test_record_that_begins_within_a_year_is_padded():
    values = rain(540, 2)
    ours = index("spi", values[7:], months()[7:], accumulate=2).values
    holes = values.copy()
    holes[:7] = np.nan
    np.testing.assert_allclose(ours, spi_of_library(holes, 2)[7:], rtol=0, atol=1e-12)


def test_reference_of_less_than_ten_years_is_refused():
    with pytest.raises(
        InvalidRequestError, match=r"of 1991/2020 the series have 9: they go from 20"
    ):
        index("spi", rain(9 * 12), months(2012, 2020))
    with pytest.raises(InvalidRequestError, match="at least 10 years of reference; of all years"):
        index("spi", rain(9 * 12), months(2012, 2020), reference=None)


def test_receipt_says_which_years_of_the_reference_there_are():
    ours = index("spi", rain(21 * 12), months(2000, 2020))
    assert ours.receipt["reference"] == "1991/2020"
    assert ours.receipt["calibration_years"] == "2000/2020"


def test_month_with_values_in_fewer_than_ten_years_has_none():
    values = rain(540, 1)
    values[2 : 12 * 31 : 12] = np.nan  # March is there from 2012 on: 9 years of the reference
    ours = index("spi", values, months())
    assert np.isnan(ours.values[2::12]).all()
    assert np.isfinite(ours.values[3::12]).all()
    assert ours.receipt["none_where"] == {"fewer than 10 years have a value": 1}


def test_amounts_below_zero_count_as_zero_and_are_told():
    values = rain(540, 1)
    values[values < 5.0] = -2.0
    ours = index("spi", values, months())
    assert ours.receipt["negative_values"] == (values < 0).sum()
    np.testing.assert_array_equal(ours.values, index("spi", np.maximum(values, 0), months()).values)
    np.testing.assert_allclose(ours.values, spi_of_library(values, 1), rtol=0, atol=1e-12)


def test_rates_become_amounts_by_the_length_of_each_step():
    amounts = rain(540, 2)
    lengths = np.diff(np.append(months(), np.datetime64("2026-01-01"))).astype(float)
    rates = amounts / lengths[:, None] / 86400.0
    as_rates = index(
        "spi", rates, months(), accumulate=3, units={"precipitation": "kg m-2 s-1"}
    ).values
    np.testing.assert_allclose(
        as_rates, index("spi", amounts, months(), accumulate=3).values, rtol=0, atol=1e-9
    )


def test_receipt_has_the_fit_of_each_month_and_series():
    values = rain(540, 2)
    values[6::12, 1] = 0.0
    ours = index("spi", values, months())
    receipt = ours.full_receipt()
    assert receipt["library"] == "climate-indices"
    assert receipt["version"][0].isdigit()
    alpha = receipt["fit_parameters"]["alpha"]
    assert (len(alpha), len(alpha[0])) == (12, 2)
    assert alpha[6][1] is None
    march = values[12 * 10 + 2 : 12 * 40 : 12, 0]
    above = march[march > 0]
    a = np.log(above.mean()) - np.log(above).mean()
    assert alpha[2][0] == pytest.approx((1 + np.sqrt(1 + 4 * a / 3)) / (4 * a), rel=1e-12)
    assert receipt["fit_parameters"]["prob_zero"][2][0] == (march == 0).mean()


amounts = st.sampled_from([0.0, 0.0, 1e-12, 0.3, 7.0, 7.0, 1e5, np.nan])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(amounts, min_size=12, max_size=12),
    st.integers(0, 2**16),
    st.sampled_from(["gamma", "pearson"]),
    st.sampled_from(list(ZERO_RULES)),
)
def test_never_infinite(few, seed, distribution, zero_rule):
    """Whatever the series: a number within the limits, or none."""
    rng = np.random.default_rng(seed)
    values = rng.choice(np.array(few), (12 * 14, 2))
    ours = index(
        "spi", values, months(2000, 2013), reference=None, accumulate=int(rng.integers(1, 4)),
        distribution=distribution, zero_rule=zero_rule,
    ).values  # fmt: skip
    assert not np.isinf(ours).any()
    assert (np.abs(ours[np.isfinite(ours)]) <= FARTHEST).all()

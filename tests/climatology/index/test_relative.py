"""Per cent of normal, deciles, vegetation condition and EDDI: by hand, and by their library."""

from __future__ import annotations

import numpy as np
import pytest

from csserv.climatology.index.index_libraries import quiet
from tests.climatology.records import REFERENCE, climate_indices, days, index, months, rain, warmth


@pytest.mark.parametrize("accumulate", [1, 3])
def test_per_cent_of_normal_is_that_of_climate_indices(accumulate):
    values = rain(540)
    values[6::12, 2] = 0.0
    ours = index("pnp", values, months(), accumulate=accumulate).values
    indices, monthly = climate_indices("indices"), climate_indices("compute").Periodicity.monthly
    for series in range(3):
        with quiet():
            theirs = indices.percentage_of_normal(
                values[:, series], accumulate, 1981, *REFERENCE, monthly
            )
        np.testing.assert_allclose(ours[:, series], 100 * theirs, rtol=1e-12)


def test_per_cent_of_normal_has_mean_100_over_the_reference_and_none_where_it_never_rains():
    values = rain(540)
    values[6::12, 2] = 0.0
    cube = index("pnp", values, months()).values.reshape(45, 12, 3)
    assert np.isnan(cube[:, 6, 2]).all()
    means = cube[10:40].mean(axis=0)
    np.testing.assert_allclose(means[~np.isnan(means)], 100.0, rtol=1e-12)


def test_deciles_hold_a_tenth_of_the_reference_each():
    cube = index("deciles", rain(540, dry=0.0), months()).values.reshape(45, 12, 3)[10:40]
    for tenth in range(1, 11):
        assert ((cube == tenth).sum(axis=0) == 3).all()


def test_values_beyond_the_reference_are_in_the_first_and_last_tenth():
    values = rain(540, 1, dry=0.0)
    values[-12:-6] = 0.001
    values[-6:] = 1e5
    last = index("deciles", values, months()).values[-12:, 0]
    assert last.tolist() == [1.0] * 6 + [10.0] * 6


def test_zeros_lie_in_the_middle_of_the_tenths_that_they_fill():
    values = rain(540, 1, dry=0.0) + 1.0
    for year in range(27):  # nine of ten Julys of the reference
        values[12 * (10 + year) + 6] = 0.0
    july = index("deciles", values, months()).values[6::12, 0]
    assert set(july[10:37]) == {5.0}
    assert july[37:40].tolist() == [10.0, 10.0, 10.0]


def test_vegetation_condition_by_hand():
    values = np.full((12 * 12, 1), 0.5)
    values[0:120:12, 0] = np.linspace(0.2, 0.6, 10)  # January: 0.2 to 0.6 in the reference
    values[120] = 0.3
    values[132] = 0.7
    found = index(
        "vci", {"ndvi": values}, months(2001, 2012), reference=(2001, 2010)
    ).values.reshape(12, 12)
    np.testing.assert_allclose(found[:10, 0], np.linspace(0, 100, 10))
    np.testing.assert_allclose(found[10:, 0], [25.0, 125.0])
    assert np.isnan(found[:, 1:]).all()  # always 0.5


def test_eddi_is_that_of_climate_indices():
    degrees, latitudes = warmth(540), np.array([-30.0, 0.5, 45.0])
    ours = index("eddi", {"temperature": degrees}, months(), accumulate=3, latitudes=latitudes)
    indices, monthly = climate_indices("indices"), climate_indices("compute").Periodicity.monthly
    for series, latitude in enumerate(latitudes):
        with quiet():
            pet = indices.pet(degrees[:, series], latitude, 1981)
            theirs = indices.eddi(pet, 3, 1981, *REFERENCE, monthly)
        np.testing.assert_allclose(ours.values[:, series], theirs, rtol=0, atol=1e-12)


def test_eddi_of_days_is_that_of_climate_indices():
    demand = rain(len(days()), 1, dry=0.0)
    ours = index(
        "eddi", {"pet": demand}, days(), "daily", 14, (1991, 2010), {"pet": "mm"}, pet="given"
    )
    indices, daily = climate_indices("indices"), climate_indices("compute").Periodicity.daily
    plan = climate_indices("utils").CalendarPlan.from_year_span(1991, 20, len(days()))
    with quiet():
        theirs = indices.eddi(plan.to_all_leap(demand[:, 0]), 14, 1991, 1991, 2010, daily)
    np.testing.assert_allclose(ours.values[:, 0], plan.to_gregorian(theirs), rtol=0, atol=1e-12)

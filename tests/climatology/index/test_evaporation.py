"""Potential evapotranspiration is that of climate-indices, whatever the length of steps."""

from __future__ import annotations

import cftime
import numpy as np
import pytest

from csserv.climatology.asked_index import AskedIndex, compute_index
from csserv.climatology.index.calculation import Calculation
from csserv.climatology.index.evaporation import potential_evaporation
from csserv.climatology.index.index_libraries import quiet
from csserv.climatology.index.index_series import IndexInputs
from csserv.errors import InvalidRequestError
from tests.climatology.records import (
    climate_indices,
    days,
    months,
    parts_of_months,
    rain,
    warmth,
)

LATITUDES = np.array([-35.0, 0.0, 12.5])


def demand(kinds, starts, step, method, units="degC"):
    inputs = IndexInputs(kinds, dict.fromkeys(kinds, units), starts, LATITUDES)
    return potential_evaporation(Calculation("eddi", step, None, 1, {"pet": method}, inputs))


def extremes(steps: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    low = rng.normal(12.0, 4.0, (steps, 3))
    return {"temperature_min": low, "temperature_max": low + rng.uniform(2.0, 18.0, low.shape)}


def test_thornthwaite_in_any_units_of_temperature():
    degrees = warmth(540)
    ours, how = demand({"temperature": degrees + 273.15}, months(), "monthly", "thornthwaite", "K")
    for series, latitude in enumerate(LATITUDES):
        with quiet():
            theirs = climate_indices("eto").eto_thornthwaite(degrees[:, series], latitude, 1981)
        np.testing.assert_allclose(ours[:, series], theirs, rtol=1e-9)
    assert how["pet_library"].startswith("climate-indices 3")


def daily_of_library(kinds) -> np.ndarray:
    """Hargreaves of each day of 1991 to 2010, as the library computes it."""
    plan = climate_indices("utils").CalendarPlan.from_year_span(1991, 20, len(days()))
    low, high = kinds["temperature_min"], kinds["temperature_max"]
    every = []
    for series, latitude in enumerate(LATITUDES):
        one = [plan.to_all_leap(v[:, series]) for v in (low, high, (low + high) / 2)]
        with quiet():
            found = climate_indices("eto").eto_hargreaves(*one, latitude)
        every.append(plan.to_gregorian(np.asarray(found).ravel()))
    return np.stack(every, axis=1)


def test_hargreaves_of_days():
    kinds = extremes(len(days()))
    ours, _ = demand(kinds, days(), "daily", "hargreaves")
    np.testing.assert_allclose(ours, daily_of_library(kinds), rtol=1e-12)


@pytest.mark.parametrize(("step", "parts"), [("monthly", 1), ("dekad", 3), ("pentad", 6)])
def test_hargreaves_of_longer_steps_is_the_sum_of_days_at_their_temperatures(step, parts):
    starts = parts_of_months(parts, 1991, 2010)
    kinds = extremes(len(starts))
    ours, _ = demand(kinds, starts, step, "hargreaves")
    of_day = np.searchsorted(starts, days(), side="right") - 1
    daily = daily_of_library({kind: values[of_day] for kind, values in kinds.items()})
    sums = np.zeros(ours.shape)
    np.add.at(sums, of_day, daily)
    np.testing.assert_allclose(ours, sums, rtol=1e-12)


def test_given_evaporation_is_taken_as_an_amount_or_a_rate():
    amounts = rain(540)
    ours, how = demand({"pet": amounts}, months(), "monthly", "given", "mm")
    np.testing.assert_array_equal(ours, amounts)
    rates, _ = demand({"pet": amounts}, months(), "monthly", "given", "mm/day")
    assert rates[0, 0] == pytest.approx(31 * amounts[0, 0])
    assert how == {"pet": "as given"}


def test_what_evaporation_cannot_be_computed_of_is_refused_in_words():
    starts = parts_of_months(3, 1991, 2010)
    with pytest.raises(InvalidRequestError, match="one of months, not of dekad steps"):
        demand({"temperature": warmth(len(starts))}, starts, "dekad", "thornthwaite")
    times = list(cftime.num2date(np.arange(720), "days since 2001-01-01", "360_day"))
    with pytest.raises(InvalidRequestError, match="days of a real year, not 360_day"):
        demand(extremes(720), times, "daily", "hargreaves")
    inputs = IndexInputs({"temperature": warmth(540)}, {"temperature": "K"}, months())
    with pytest.raises(InvalidRequestError, match="needs the latitudes of series"):
        compute_index(AskedIndex("eddi", "monthly"), inputs)
    with pytest.raises(InvalidRequestError, match="3 numbers, one a series, of -90 to 90"):
        IndexInputs({"ndvi": warmth(540)}, {"ndvi": "1"}, months(), np.array([0.0, 91.0, 0.0]))


def test_no_warmth_at_all_is_never_infinite():
    kinds = {"temperature": np.full((540, 3), -20.0)}
    ours, _ = demand(kinds, months(), "monthly", "thornthwaite")
    assert not np.isinf(ours).any()
    cold = {"temperature_min": np.full((540, 3), 5.0), "temperature_max": np.full((540, 3), 2.0)}
    ours, _ = demand(cold, months(), "monthly", "hargreaves")
    assert not np.isinf(ours).any()

"""Rates and amounts add up, states are averaged; where nothing says which, it is refused."""

from __future__ import annotations

import pytest

from csserv.errors import InvalidRequestError
from csserv.zonal.over_time.time_rule import Quantity, time_rule


@pytest.mark.parametrize(
    ("units", "name", "methods", "own", "rule"),
    [
        ("mm/day", "precipitation", "", "", "rate"),
        ("mm d-1", "x", "", "", "rate"),
        ("kg m-2 s-1", "pr", "time: mean", "", "rate"),
        ("mm", "precipitation_amount", "", "", "sum"),
        ("mm", "tp", "", "", "sum"),
        ("inch", "rainfall", "", "", "sum"),
        ("mm", "precipitation", "area: mean time: sum", "", "sum"),
        ("m s-1", "lwe_precipitation_rate", "", "", "rate"),
        ("m s-1", "eastward_wind", "", "", "mean"),
        ("K", "air_temperature", "", "", "mean"),
        ("degrees C", "t", "", "", "mean"),
        ("K", "air_temperature", "time: maximum (interval: 1 hour)", "", "max"),
        ("K", "air_temperature", "time: minimum", "", "min"),
        ("K", "air_temperature", "time: maximum within days time: mean over days", "", "mean"),
        ("mm", "x", "time: lat: lon: sum", "", "sum"),
        ("m", "Total precipitation", "", "", "sum"),
        ("m of water equivalent", "Evaporation", "", "", "sum"),
        ("m of water equivalent", "Snow depth water equivalent", "", "", "mean"),
        ("kg m-2", "precipitation_amount", "", "", "sum"),
        ("kg m-2", "lwe_thickness_of_surface_snow_amount", "", "", "mean"),
        ("kg m-2", "lwe_thickness_of_snowfall_amount", "", "", "sum"),
        ("cm", "Liquid_Water_Equivalent_Thickness", "", "", "mean"),  # GRACE: a state
        ("kg m-2", "Total precipitable water", "", "", "mean"),
        ("m", "snow depth", "", "", "mean"),
        ("mm", "soil moisture", "", "", "mean"),
        ("J m**-2", "Surface solar radiation downwards", "", "", "sum"),
        ("W m**-2", "surface_downwelling_shortwave_flux_in_air", "", "", "mean"),
        ("1", "ndvi", "", "", "mean"),
        ("", "NDVI", "", "", "mean"),
        ("unitless", "x", "", "", "mean"),
        ("1", "wet_days", "", "sum", "sum"),
        ("mm/day", "precipitation", "", "sum", "rate"),
        ("mm/day", "precipitation", "", "mean", "mean"),
        ("no such unit", "x", "time: mean", "", "mean"),
        ("no such unit", "x", "", "max", "max"),
    ],
)
def test_rates_add_up_and_states_are_averaged(units, name, methods, own, rule):
    assert time_rule(Quantity(units, (name,), methods), own) == rule


@pytest.mark.parametrize(
    ("units", "name", "methods", "why"),
    [
        ("", "precipitation", "", "its units are not known"),
        ("no such unit", "x", "", "its units are not known"),
        ("mm", "x", "", "an amount of each step, or a state"),
        ("mm", "x", "lat: lon: sum", "an amount of each step, or a state"),
        ("J m-2", "x", "", "an amount of each step, or a state"),
        ("mm", "precipitation", "time: mean", "its cell_methods say mean"),
        ("K", "air_temperature", "time: variance", "its cell_methods are 'time: variance'"),
        ("K", "air_temperature", "time: sum", "its cell_methods say sum, but temperatures have"),
        ("-", "rain", "", "it looks like an amount, but its units are none of an amount"),
        ("none", "precipitation", "", "but its units are none of an amount"),
        ("K/year", "trend", "", "an amount of each step, or a trend"),
    ],
)
def test_a_rule_is_never_guessed(units, name, methods, why):
    with pytest.raises(InvalidRequestError, match=f"nothing says how .*{why}.*say over_time"):
        time_rule(Quantity(units, (name,), methods))


@pytest.mark.parametrize(
    ("units", "days"),
    [
        *(("mm/month", 31), ("mm/month", 28), ("mm/dekad", 10), ("mm/pentad", 5), ("mm/8day", 8)),
        *(("mm/year", 366), ("mm/season", 92), ("kg m-2 month-1", 30)),
    ],
)
def test_amounts_of_a_calendar_step_add_up_at_such_steps(units: str, days: float):
    assert time_rule(Quantity(units, ("precip",), "", days)) == "sum"
    assert time_rule(Quantity(units, ("x",), "time: sum", days)) == "sum"


@pytest.mark.parametrize(("units", "days"), [("mm/month", 1), ("mm/year", 30), ("mm/8day", 31)])
def test_amounts_of_another_step_do_not_add_up(units: str, days: float):
    for own in ("", "sum"):
        with pytest.raises(InvalidRequestError, match="but the steps of the data are of"):
            time_rule(Quantity(units, ("precip",), "", days), own)
    assert time_rule(Quantity(units, ("precip",), "", days), "mean") == "mean"


def test_amounts_that_may_grow_through_the_day_are_refused():
    # ERA5's hours hold an hour each, those of ERA5-Land all since 00 UTC
    hourly = Quantity("m", ("tp",), "", 1 / 24, is_running=True)
    with pytest.raises(InvalidRequestError, match="or the sum since the beginning of the day"):
        time_rule(hourly)
    assert time_rule(hourly, "sum") == "sum"
    assert time_rule(Quantity("m", ("tp",), "", 1.0, is_running=True)) == "sum"


def test_monthly_means_of_amounts_of_days_are_no_amounts_of_months():
    # ECMWF's monthly means of precipitation are in m, and mean m a day
    monthly = Quantity("m", ("tp", "Total precipitation"), "", 31.0, is_of_days=True)
    with pytest.raises(InvalidRequestError, match="say units = 'm/day' in the dataset's row"):
        time_rule(monthly)
    assert time_rule(Quantity("m/day", ("tp",), "", 31.0, is_of_days=True)) == "rate"
    snow = Quantity("m of water equivalent", ("sd", "Snow depth"), "", 31.0, is_of_days=True)
    assert time_rule(snow) == "mean"

"""Units: what converts, into what, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.errors import InvalidRequestError
from csserv.units import (
    calendar_step,
    converter,
    is_accumulable,
    is_rate,
    over_area,
    over_days,
    over_steps,
    squared,
)
from csserv.zonal.operations import operation, series_units


@pytest.mark.parametrize(
    ("given", "wanted", "value", "expected"),
    [
        ("K", "degC", 300.0, 26.85),
        ("degC", "K", 0.0, 273.15),
        ("degrees_celsius", "degF", 100.0, 212.0),
        ("mm/day", "mm/hour", 24.0, 1.0),
        ("mm/day", "kg m-2 s-1", 86400.0, 1.0),
        ("kg m-2 s-1", "mm/day", 1.0, 86400.0),
        ("kg m-2", "mm", 1.0, 1.0),
        ("1", "percent", 0.5, 50.0),
        ("fraction", "%", 0.5, 50.0),
        ("degrees C", "K", 0.0, 273.15),
        ("m of water equivalent", "mm", 0.002, 2.0),
        ("m of water equivalent", "kg m**-2", 0.002, 2.0),
        ("10*mm", "mm", 3.0, 30.0),
        ("mm", "10*mm", 30.0, 3.0),
        ("mm/3hr", "mm/day", 3.0, 24.0),
        ("inch", "mm", 1.0, 25.4),
        ("cm/month", "mm month-1", 2.0, 20.0),
        ("kg/m^2/8day", "mm/8day", 2.0, 2.0),
        ("mm/month", "mm", 25.0, 25.0),
        ("m/year", "mm/yr", 1.0, 1000.0),
    ],
)
def test_values_convert(given, wanted, value, expected):
    scale, offset = converter(given, wanted)
    assert value * scale + offset == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "wanted", "said"),
    [
        ("mm/day", "degC", "mm/day cannot become degC"),
        ("mm/day", "furlong per fortnigt", "unknown units 'furlong per fortnigt'"),
        ("NDVI units", "percent", "unknown units 'NDVI units'"),
        ("mm/month", "mm/day", "mm/month cannot become mm/day: months differ in length"),
        ("mm/day", "mm/dekad", "mm/day cannot become mm/dekad: dekads differ in length"),
        ("mm/month", "mm/year", "mm/month cannot become mm/year: months differ in length"),
        ("mm", "mm**9**9**9", "unknown units"),
    ],
)
def test_what_does_not_convert_says_so(given, wanted, said):
    with pytest.raises(InvalidRequestError, match=said):
        converter(given, wanted)


@pytest.mark.parametrize(
    ("units", "volume", "factor"),
    [
        ("mm/day", "m3 d-1", 1e3),
        ("mm", "m3", 1e3),
        ("kg m-2 s-1", "kg s-1", 1e6),
        ("K", "K m2", 1e6),
        ("of its own", "of its own km2", 1.0),
        ("mm/month", "m3/month", 1e3),
        ("10*mm", "m3", 1e4),
    ],
)
def test_value_times_area(units, volume, factor):
    assert over_area(units) == (volume, pytest.approx(factor))


def test_rate_times_days():
    assert over_days("mm/day") == ("mm", pytest.approx(1.0))
    assert over_days("kg m-2 s-1") == ("kg m-2", pytest.approx(86400.0))
    assert over_days("mm/hour") == ("mm", pytest.approx(24.0))


def test_rates_of_water_are_told_from_wind():
    assert is_rate("mm/day")
    assert is_rate("kg m-2 s-1")
    assert not is_rate("m s-1")
    assert is_rate("m s-1", water=True)
    assert not is_rate("W m-2")


def test_squares_are_written_as_units():
    assert squared("K") == "K2"
    assert squared("of its own") == "(of its own)2"


@pytest.mark.parametrize(
    ("name", "units", "asked", "expected"),
    [
        ("mean", "K", "degC", ("degC", 1.0, -273.15)),
        ("p90", "K", "degC", ("degC", 1.0, -273.15)),
        ("range", "K", "degC", ("degC", 1.0, 0.0)),
        ("std", "K", "degF", ("degF", 1.8, 0.0)),
        ("count", "K", "", ("cells", 1.0, 0.0)),
        ("total", "mm", "", ("m3", 1e3, 0.0)),
        ("total", "mm", "km**3", ("km**3", 1e-6, 0.0)),
        ("mean", "of its own", "", ("of its own", 1.0, 0.0)),
    ],
)
def test_units_of_a_series(name, units, asked, expected):
    found = series_units(operation(name), units, asked)
    assert found == (expected[0], pytest.approx(expected[1]), pytest.approx(expected[2]))


def test_a_sum_of_kelvins_is_no_sum_of_degrees():
    with pytest.raises(InvalidRequestError, match="sum in K cannot become one in degC"):
        series_units(operation("sum"), "K", "degC")


@pytest.mark.parametrize(
    ("units", "step", "sum_in"),
    [
        *(("mm/month", "month", "mm"), ("kg m-2 month-1", "month", "kg m-2")),
        *(("mm/dekad", "dekad", "mm"), ("mm/pentad", "pentad", "mm")),
        *(("mm/season", "season", "mm"), ("mm/year", "year", "mm"), ("mm/8day", "8 days", "mm")),
        *(("mm per month", "month", "mm"), ("kg/m^2/8day", "8 days", "kg m-2")),
        *(("10*mm/month", "month", "10 mm"), ("mm/decade", "decade", "mm")),
        *(("mm/day", "", "mm/day"), ("mm", "", "mm"), ("month", "", "month"), ("", "", "")),
    ],
)
def test_units_of_calendar_steps_are_amounts_and_no_rates(units: str, step: str, sum_in: str):
    # pint reads mm/dekad as millimetres in ten days of its "deka", and a month as 30.44 days
    assert (calendar_step(units), over_steps(units)) == (step, sum_in)
    assert not (step and is_rate(units))


def test_small_and_large_letters_are_those_of_files():
    assert over_days("MM/DAY") == ("mm", pytest.approx(1.0))  # MM is a megametre in pint
    assert is_accumulable("KG M-2")


FACTORS = st.sampled_from(["mm", "cm", "m", "kg m-2", "inch"])


@given(FACTORS, FACTORS, st.floats(-1e6, 1e6))
def test_conversion_there_and_back_changes_nothing(one: str, other: str, value: float):
    there, back = converter(one, other), converter(other, one)
    assert (value * there[0] + there[1]) * back[0] + back[1] == pytest.approx(value, abs=1e-9)

"""Units: what converts, into what, and what does not."""

from __future__ import annotations

import pytest

from csserv.errors import InvalidRequestError
from csserv.units import converter, is_plain, is_rate, over_area, over_days, squared
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
    "units",
    [
        "9**9**9",
        "mm**9**9**9",
        "mm*9**9**6",
        "9**9",
        "mm**999",
        "((9*mm)**99)**99",
        "m" * 65,
        "m;s",
    ],
)
def test_arithmetic_is_no_unit(units: str):
    assert not is_plain(units)
    with pytest.raises(InvalidRequestError, match="unknown units"):
        converter("mm", units)


@pytest.mark.parametrize(
    "units",
    [
        *("mm/day", "kg m-2 s-1", "kg m**-2 s**-1", "W m**-2", "W/m^2", "10*mm", "m**0.5", "1"),
        *(
            "degrees_celsius",
            "°C",
            "%",
            "m of water equivalent",
            "(m/s)**2",
            "kg m^(-2)",
            "",
            "0-1",
        ),
    ],
)
def test_units_of_real_files_are_looked_up(units: str):
    assert is_plain(units)

"""An index is asked for in words that are checked before anything is read or computed."""

from __future__ import annotations

import pickle
import re

import numpy as np
import orjson
import pytest

from csserv.climatology.asked_index import AskedIndex, compute_index
from csserv.climatology.index.index_series import IndexInputs
from csserv.climatology.indices import INDICES
from csserv.errors import InvalidRequestError
from tests.climatology.records import days, months, parts_of_months, rain, warmth


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("sip", "monthly"), "unknown index 'sip'; did you mean spi"),
        (
            ("spi", "yearly"),
            "spi is none of yearly steps; allowed are monthly, dekad, pentad, daily",
        ),
        (("cdd", "monthly"), "cdd is none of monthly steps; allowed are daily"),
        (("spi", "monthly", (1991, 1999)), "1991/1999 has 9 years; spi needs at least 10"),
        (("spi", "monthly", (2020, 1991)), "2020/1991 has 0 years"),
        (("cdd", "daily", (1991, 2020)), "cdd compares with no other years"),
        (("spi", "monthly", None, 0), "accumulate is 0; allowed with spi is 1 to 2196"),
        (("spi", "monthly", None, 1.5), "accumulate is 1.5"),
        (("vci", "monthly", None, 3), "allowed with vci is 1: it adds up no steps"),
        (("spi", "monthly", None, 1, {"zero": "x"}), "spi has no parameter 'zero'; it has: distr"),
        (("pnp", "monthly", None, 1, {"zero": "x"}), "pnp has no parameter 'zero'; it has: none"),
        (
            ("spi", "monthly", None, 1, {"distribution": "normal"}),
            "distribution is 'normal'; allowed are 'gamma', 'pearson'",
        ),
        (
            ("cdd", "daily", None, 1, {"wet_day": "wet"}),
            "wet_day is 'wet'; allowed is a number from 0.01 to 500",
        ),
        (
            ("dry_spells", "daily", None, 1, {"days": 7.5}),
            "days is 7.5; allowed is a whole number from 2 to 120",
        ),
        (
            ("onset", "daily", None, 1, {"search_from": "02-29"}),
            "search_from is '02-29'; allowed are a month and a day of every year, such as '03-01'",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(asked, words):
    with pytest.raises(InvalidRequestError, match=re.escape(words)):
        AskedIndex(*asked)


def test_all_parameters_are_there_once_it_is_asked():
    spi = AskedIndex("spi", "monthly", parameters={"zero_rule": "center_of_mass"})
    assert spi.parameters == {"distribution": "gamma", "zero_rule": "center_of_mass"}
    assert AskedIndex("onset", "daily", parameters={"search_from": "3-1"}).parameters[
        "search_from"
    ] == ("03-01")


def test_a_definition_brings_its_own_defaults_and_what_is_given_wins():
    def onset(**given):
        return AskedIndex("onset", "daily", parameters=given).parameters

    assert (onset()["spell_days"], onset()["wet_days"]) == (5, 3)
    icpac = onset(definition="icpac", wet_days=2)
    assert (icpac["spell_days"], icpac["wet_days"]) == (3, 2)


@pytest.mark.parametrize(
    ("name", "parameters", "needs"),
    [
        ("spi", {}, ("precipitation",)),
        ("spei", {}, ("precipitation", "temperature")),
        ("spei", {"pet": "given"}, ("precipitation", "pet")),
        ("spei", {"pet": "hargreaves"}, ("precipitation", "temperature_min", "temperature_max")),
        ("eddi", {"pet": "given"}, ("pet",)),
        ("vci", {}, ("ndvi",)),
    ],
)
def test_it_says_beforehand_what_it_needs(name, parameters, needs):
    asked = AskedIndex(name, "monthly", parameters=parameters)
    assert asked.needs == needs
    assert asked.needs_latitudes == any(kind.startswith("temperature") for kind in needs)


@pytest.mark.parametrize(
    ("name", "units", "words"),
    [
        (
            "spi",
            {"precipitation": "K"},
            "spi needs precipitation in mm, mm/day, kg m-2 or kg m-2 s",
        ),
        ("spi", {"temperature": "K"}, "spi needs precipitation; there is no precipitation"),
        ("spei", {"precipitation": "mm"}, "needs precipitation and temperature; there is no temp"),
        ("vci", {"ndvi": "mm"}, "vci needs ndvi in 1 or %; the data are in 'mm'"),
    ],
)
def test_units_are_checked_before_anything_is_read(name, units, words):
    with pytest.raises(InvalidRequestError, match=re.escape(words)):
        AskedIndex(name, "monthly").check_units(units)


@pytest.mark.parametrize("units", ["mm", "mm/day", "kg m-2 s-1", "mm/month", "m", "inch", "m s-1"])
def test_rain_may_be_an_amount_or_a_rate(units):
    AskedIndex("spi", "monthly").check_units({"precipitation": units})


@pytest.mark.parametrize(
    ("values", "units", "words"),
    [
        (np.zeros(540), "mm", "each is (time, series)"),
        (np.zeros((539, 1)), "mm", "each is (time, series)"),
        (np.zeros((540, 0)), "mm", "there is one or more, of equal shape"),
        (np.full((540, 1), np.inf), "mm", "precipitation has infinite values"),
        (np.zeros((540, 1)), "", "no units of precipitation"),
    ],
)
def test_series_that_cannot_be_used_are_refused(values, units, words):
    with pytest.raises(InvalidRequestError, match=re.escape(words)):
        IndexInputs({"precipitation": values}, {"precipitation": units}, months())


def test_steps_shorter_than_they_are_called_are_refused():
    with pytest.raises(InvalidRequestError, match="do not rise, or are shorter than monthly"):
        compute_index(
            AskedIndex("spi", "monthly"),
            IndexInputs(
                {"precipitation": np.zeros((1080, 1))}, {"precipitation": "mm"}, parts_of_months(3)
            ),
        )


#: xclim compiles for ten seconds first
EACH = [
    pytest.param(name, marks=[pytest.mark.slow] if row.library == "xclim" else [])
    for name, row in INDICES.items()
]


def record(name: str) -> tuple[AskedIndex, IndexInputs]:
    """A record on which an index of the table can be computed."""
    step = INDICES[name].time_steps[0]
    starts = months(1991, 2010) if step == "monthly" else days(1991, 2003)
    steps = len(starts)
    every = {
        "precipitation": rain(steps, dry=0.6),
        "temperature": warmth(steps),
        "temperature_max": warmth(steps) + 12,
        "ndvi": np.random.default_rng(3).random((steps, 3)),
    }
    asked = AskedIndex(name, step)
    kinds = {kind: every[kind] for kind in asked.needs}
    known = {"precipitation": "mm", "ndvi": "1"}
    units = {kind: known.get(kind, "degC") for kind in kinds}
    return asked, IndexInputs(kinds, units, starts, np.array([-20.0, 0.0, 20.0]))


@pytest.mark.parametrize("name", EACH)
def test_each_index_can_be_computed_told_and_sent(name):
    asked, inputs = record(name)
    found = compute_index(pickle.loads(pickle.dumps(asked)), inputs)
    assert found.values.shape == (len(found.starts), 3)
    assert np.isfinite(found.values).any()
    assert not np.isinf(found.values).any()
    assert found.units == INDICES[name].units
    assert found.attributes["long_name"]
    receipt = orjson.loads(orjson.dumps(found.full_receipt()))
    assert receipt["index"] == name
    assert receipt["library"] == INDICES[name].library
    assert receipt["parameters"] == asked.parameters
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.values, found.values)


@pytest.mark.parametrize("name", EACH)
def test_series_without_a_value_has_none(name):
    asked, inputs = record(name)
    none = {kind: np.full_like(values, np.nan) for kind, values in inputs.values.items()}
    found = compute_index(asked, IndexInputs(none, inputs.units, inputs.starts, inputs.latitudes))
    assert np.isnan(found.values).all()

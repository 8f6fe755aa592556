"""Onset and cessation: by hand, against the definition day by day, and across the year's end."""

from __future__ import annotations

import cftime
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.climatology.indices import INDICES
from tests.climatology.records import days, index

DEFAULTS = {name: kind.default for name, kind in INDICES["onset"].parameters.items()}
LOSS = {name: kind.default for name, kind in INDICES["cessation"].parameters.items()}


def season(name, values, starts, **parameters):
    return index(name, np.asarray(values, float)[:, None], starts, "daily", reference=None,
                 **parameters)  # fmt: skip


def year(first: int = 2001) -> np.ndarray:
    return np.zeros(len(days(first, first)))


def day_of(month: int, day: int) -> int:
    return cftime.datetime(2001, month, day).dayofyr - 1


def onset_by_day(rain: list[float], given: dict) -> float:
    """The definition, a day at a time, of days that begin with the search."""
    for begin in range(given["search_days"] - given["spell_days"] + 1):
        spell = rain[begin : begin + given["spell_days"]]
        wet = [day > given["wet_day"] for day in spell]
        last = begin + given["spell_days"] - 1
        ends = range(last + 1, last + 1 + given["look_ahead"])
        dry = any(
            end + 1 >= given["dry_days"]
            and all(day <= given["wet_day"] for day in rain[end + 1 - given["dry_days"] : end + 1])
            for end in ends
        )
        if sum(spell) >= given["spell_rain"] and sum(wet) >= given["wet_days"] and not dry:
            return float(begin + (wet.index(True) if any(wet) else 0))
    return np.nan


def cessation_by_day(before: list[float], rain: list[float], given: dict) -> float:
    soil, run = 0.0, 0
    for day, amount in enumerate([*before[-60:], *rain[: given["search_days"]]]):
        soil = min(max(soil + amount - given["loss"], 0.0), given["capacity"])
        run = run + 1 if day >= 60 and soil < given["dry_soil"] else 0
        if run == given["dry_days"]:
            return float(day - 60 - given["dry_days"] + 1)
    return np.nan


def test_onset_by_hand():
    rain = year()
    rain[day_of(3, 5) : day_of(3, 8)] = 10.0  # a false start: dry from 8 to 20 March
    rain[day_of(3, 21) : day_of(5, 1)] = 8.0
    found = season("onset", rain, days(2001, 2001))
    assert found.values.tolist() == [[20.0]]  # 21 March
    assert found.units == "d"
    assert found.attributes["long_name"] == "onset of the rains, days after 03-01 (month-day)"
    assert found.starts == (cftime.datetime(2001, 3, 1),)


def test_the_wet_spell_of_icpac_may_be_one_wet_day_of_three():
    rain = year()
    rain[day_of(4, 10)] = 25.0
    rain[day_of(4, 13) : day_of(6, 1) : 6] = 5.0  # never seven dry days
    starts = days(2001, 2001)
    assert season("onset", rain, starts, definition="icpac").values.tolist() == [[40.0]]
    assert np.isnan(season("onset", rain, starts).values).all()  # IRI: three wet days of five


def test_no_onset_where_it_does_not_rain():
    assert np.isnan(season("onset", year(), days(2001, 2001)).values).all()


def test_search_may_go_on_into_the_next_year():
    rain = np.zeros(len(days(2001, 2002)))
    rain[365 + 9 : 365 + 60] = 9.0  # from 10 January 2002
    found = season("onset", rain, days(2001, 2002), search_from="11-15")
    # the wet spell begins on the first wet day of five that hold three: 10 January
    assert found.values[0, 0] == 56.0
    assert np.isnan(found.values[1, 0])  # of 2002, the days that decide are not there yet


def test_onset_is_known_as_soon_as_the_days_that_decide_are_there():
    rain = year()
    rain[day_of(3, 21) : day_of(5, 1)] = 8.0
    starts = days(2001, 2001)
    # the wet spell of 19 to 23 March has three wet days; 21 days later it is 13 April
    known = season("onset", rain[: day_of(4, 14)], starts[: day_of(4, 14)])
    assert known.values.tolist() == [[20.0]]
    unknown = season("onset", rain[: day_of(4, 13)], starts[: day_of(4, 13)])
    assert np.isnan(unknown.values).all()


def test_a_day_missing_before_the_onset_makes_it_unknown_and_one_long_after_does_not():
    rain = year()
    rain[day_of(3, 21) : day_of(5, 1)] = 8.0
    rain[day_of(6, 1)] = np.nan
    assert season("onset", rain, days(2001, 2001)).values.tolist() == [[20.0]]
    rain[day_of(3, 3)] = np.nan
    assert np.isnan(season("onset", rain, days(2001, 2001)).values).all()


def test_cessation_by_hand():
    rain = year()
    rain[day_of(4, 1) : day_of(8, 1)] = 20.0  # the soil is full on 31 July: 60 mm
    found = season("cessation", rain, days(2001, 2001), search_from="07-01")
    # 5 mm a day: 0 mm after 12 days; below 5 mm from 12 August on
    assert found.values.tolist() == [[float(day_of(8, 12) - day_of(7, 1))]]


def test_cessation_needs_the_sixty_days_before_the_search():
    rain = np.full(365, 20.0)
    rain[day_of(8, 1) :] = 0.0
    rain[day_of(5, 20)] = np.nan
    assert np.isnan(season("cessation", rain, days(2001, 2001), search_from="07-01").values).all()
    rain[day_of(5, 20)] = 20.0
    rain[day_of(4, 20)] = np.nan
    found = season("cessation", rain, days(2001, 2001), search_from="07-01")
    assert found.values.tolist() == [[42.0]]


@pytest.mark.parametrize("calendar", ["noleap", "360_day"])
def test_seasons_of_other_calendars(calendar):
    count = {"noleap": 365, "360_day": 360}[calendar]
    starts = list(cftime.num2date(range(2 * count), "days since 2001-01-01", calendar))
    begin = [i for i, time in enumerate(starts) if (time.month, time.day) == (3, 21)]
    rain = np.zeros(2 * count)
    for one in begin:
        rain[one : one + 40] = 8.0
    found = season("onset", rain, starts)
    assert found.values.tolist() == [[20.0], [20.0]]
    assert found.starts[1].calendar == calendar


amounts = st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0, 1.5, 6.0, 12.0])


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**16), st.lists(amounts, min_size=8, max_size=8))
def test_onset_is_the_first_day_that_meets_the_definition(seed, few):
    rng = np.random.default_rng(seed)
    rain = rng.choice(np.array(few), (365, 3))
    given = DEFAULTS | {
        "spell_days": int(rng.integers(1, 7)), "wet_days": int(rng.integers(0, 4)),
        "dry_days": int(rng.integers(1, 8)), "look_ahead": int(rng.integers(0, 25)),
        "spell_rain": float(rng.integers(0, 25)), "search_days": int(rng.integers(10, 120)),
    }  # fmt: skip
    found = index("onset", rain, days(2001, 2001), "daily", reference=None, **given).values
    begin = day_of(3, 1)
    wanted = [onset_by_day(series[begin:], given) for series in rain.T.tolist()]
    np.testing.assert_array_equal(found, [wanted])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**16), st.lists(amounts, min_size=8, max_size=8))
def test_cessation_is_the_first_day_of_the_first_dry_run(seed, few):
    rng = np.random.default_rng(seed)
    rain = rng.choice(np.array(few), (365, 3)) * 2.0
    given = LOSS | {
        "dry_days": int(rng.integers(1, 6)), "capacity": float(rng.integers(10, 80)),
        "search_from": "06-01", "search_days": int(rng.integers(10, 120)),
    }  # fmt: skip
    found = index("cessation", rain, days(2001, 2001), "daily", reference=None, **given).values
    begin = day_of(6, 1)
    wanted = [cessation_by_day(one[:begin], one[begin:], given) for one in rain.T.tolist()]
    np.testing.assert_array_equal(found, [wanted])

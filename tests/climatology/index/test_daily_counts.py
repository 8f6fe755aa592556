"""Counts of days and spells: against a loop over the days, in each calendar."""

from __future__ import annotations

from itertools import groupby

import cftime
import numpy as np
import pytest

from tests.climatology.records import Floats, days, index, rain

#: xclim compiles for ten seconds first
pytestmark = pytest.mark.slow

SEASON = {12: 1, 1: 1, 2: 1, 3: 2, 4: 2, 5: 2, 6: 3, 7: 3, 8: 3, 9: 4, 10: 4, 11: 4}


def runs(flags: list[bool]) -> list[int]:
    return [len(list(group)) for flag, group in groupby(flags) if flag]


def dry(days: list[float]) -> list[int]:
    return runs([day < 1.0 for day in days])


def wet(days: list[float]) -> list[int]:
    return runs([day >= 1.0 for day in days])


def begun(flags: list[bool], least: int) -> list[int]:
    """1 on each day that a run of so many days begins on."""
    starts = [0] * len(flags)
    day = 0
    for flag, group in groupby(flags):
        run = len(list(group))
        starts[day] = int(flag and run >= least)
        day += run
    return starts


#: index → parameters, and the same in a line of Python, of the days of a period
BY_HAND = {
    "cdd": ({}, lambda days: max(dry(days), default=0)),
    "cwd": ({}, lambda days: max(wet(days), default=0)),
    "r10mm": ({}, lambda days: sum(day >= 10.0 for day in days)),
    "r20mm": ({}, lambda days: sum(day >= 20.0 for day in days)),
    "rain_days": ({"wet_day": 2.5}, lambda days: sum(day >= 2.5 for day in days)),
}

#: index → parameters, and of all days 1 on each that counts
BEGINNINGS = {
    "dry_spells": ({"days": 4}, lambda days: begun([day < 1.0 for day in days], 4)),
    "wet_spells": ({"days": 3}, lambda days: begun([day >= 1.0 for day in days], 3)),
}


def dates(calendar: str, first: int = 2001, years: int = 4) -> list[cftime.datetime]:
    start = cftime.datetime(first, 1, 1, calendar=calendar)
    end = cftime.datetime(first + years, 1, 1, calendar=calendar)
    every = cftime.num2date(range((end - start).days), f"days since {first}-01-01", calendar)
    return list(every)


def by_hand(values: Floats, times: list[cftime.datetime], period: str, count) -> list[list[int]]:
    def key(time: cftime.datetime) -> tuple[int, int]:
        if period == "season":
            return (time.year + (time.month == 12), SEASON[time.month])
        return (time.year, time.month if period == "month" else 0)

    keys = [key(time) for time in times]
    return [
        [count([day for day, one in zip(series, keys, strict=True) if one == wanted])
         for series in values.T.tolist()]
        for wanted in sorted(set(keys))
    ]  # fmt: skip


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day"])
@pytest.mark.parametrize("period", ["year", "season", "month"])
@pytest.mark.parametrize("name", [*BY_HAND, *BEGINNINGS])
def test_counts_are_those_of_a_loop(name, period, calendar):
    parameters, count = (BY_HAND | BEGINNINGS)[name]
    times = dates(calendar)
    values = rain(len(times), 2, dry=0.6) / 5.0
    found = index(name, values, times, "daily", reference=None, per=period, **parameters)
    if name in BEGINNINGS:
        values, count = np.stack([count(one) for one in values.T.tolist()], axis=1), sum
    wanted = np.array(by_hand(values, times, period, count), float)
    if period == "season":  # the first and the last winter are not whole
        wanted[[0, -1]] = np.nan
    np.testing.assert_array_equal(found.values, wanted)
    assert found.starts[-1].month == {"year": 1, "season": 12, "month": 12}[period]
    assert found.starts[0].calendar == calendar


def test_a_year_may_begin_in_another_month():
    times = days(2001, 2004)
    values = rain(len(times), 1, dry=0.6)
    found = index("r10mm", values, times, "daily", reference=None, first_month=7)
    assert [start.strftime("%Y-%m-%d") for start in found.starts] == [
        "2000-07-01", "2001-07-01", "2002-07-01", "2003-07-01", "2004-07-01",
    ]  # fmt: skip
    within = (times >= np.datetime64("2002-07-01")) & (times < np.datetime64("2003-07-01"))
    assert found.values[2, 0] == (values[within] >= 10.0).sum()
    assert np.isnan(found.values[[0, -1], 0]).all()


@pytest.mark.parametrize("left_out", [True, False])
def test_a_year_of_which_a_day_is_missing_has_none(left_out):
    times = days(2001, 2004)
    values = rain(len(times), 2)
    gap = int(np.flatnonzero(times == np.datetime64("2002-06-15"))[0])
    if left_out:
        values, times = np.delete(values, gap, axis=0), np.delete(times, gap)
    else:
        values[gap, 0] = np.nan
    found = index("cdd", values, times, "daily", reference=None).values
    assert np.isnan(found[:, 0]).tolist() == [False, True, False, False]
    assert np.isnan(found[:, 1]).tolist() == [False, left_out, False, False]


def test_hot_days_are_above_the_threshold_in_any_units():
    times = days(2001, 2002)
    degrees = np.random.default_rng(2).normal(33.0, 4.0, (len(times), 2))
    degrees[:3] = 35.0  # not above
    found = index(
        "heat_days", {"temperature_max": degrees + 273.15}, times, "daily", reference=None,
        units={"temperature_max": "K"}, hot_day=34.9,
    ).values  # fmt: skip
    by_year = degrees.reshape(2, 365, 2) > 34.9
    np.testing.assert_array_equal(found, by_year.sum(axis=1))
    celsius = index("heat_days", {"temperature_max": degrees}, times, "daily", reference=None)
    np.testing.assert_array_equal(celsius.values, (degrees.reshape(2, 365, 2) > 35).sum(axis=1))


def test_receipt_names_the_function_and_what_it_was_called_with():
    receipt = index("dry_spells", rain(730), days(2001, 2002), "daily", reference=None).receipt
    assert receipt["function"] == "xclim.indices.dry_spell_frequency"
    assert receipt["arguments"] == {
        "thresh": "1 mm", "freq": "YS-JAN", "op": "max", "window": 7, "resample_before_rl": False,
    }  # fmt: skip
    assert receipt["spells"] == "counted once, in the period that it begins in"

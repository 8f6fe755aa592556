"""The times of many steps as numbers are the dates they were made of, and written like them."""

from __future__ import annotations

import pickle

import cftime
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.outputs.netcdf.step_times import StepTimes
from csserv.outputs.series import iso, iso_texts

CALENDARS = ("standard", "proleptic_gregorian", "noleap", "all_leap", "360_day", "julian")

#: about the years 1 to 9999, midnights and any seconds
MOMENTS = st.one_of(
    st.integers(-719_000, 2_932_000).map(lambda day: 86_400 * day),
    st.integers(-62_100_000_000, 253_300_000_000),
)


@given(st.lists(MOMENTS, min_size=1, max_size=9), st.sampled_from(CALENDARS))
def test_texts_are_those_of_the_dates(seconds: list[int], calendar: str) -> None:
    times = StepTimes(np.array(seconds), calendar)
    assert iso_texts(times) == [iso(one) for one in times.dates]


@given(st.lists(MOMENTS, min_size=1, max_size=9), st.sampled_from(CALENDARS))
def test_dates_come_back_as_they_were(seconds: list[int], calendar: str) -> None:
    times = StepTimes(np.array(seconds), calendar)
    assert StepTimes.of(times.dates) == times == times.dates
    assert pickle.loads(pickle.dumps(times)) == times


@pytest.mark.parametrize("year", [1581, 1582, 1583, 10_001])
def test_years_that_numpy_writes_otherwise_are_written_as_dates_are(year: int) -> None:
    times = StepTimes.of([cftime.datetime(year, 12, 31, 23, 59, 59, calendar="standard")])
    assert iso_texts(times) == [f"{year}-12-31T23:59:59"]


def test_parts_are_parts_of_the_dates() -> None:
    times = StepTimes(86_400 * np.arange(5), "noleap")
    assert times[1:3] == times.dates[1:3]
    assert times[-1] == times.dates[4]
    assert times.pick([4, 0]) == (times.dates[4], times.dates[0])
    assert StepTimes.joined([times[:2], times.dates[2:], ()]) == times


def test_times_are_not_those_of_another_calendar() -> None:
    assert StepTimes(np.array([0]), "standard") != StepTimes(np.array([0]), "noleap")


def test_days_with_several_steps_are_told_from_others() -> None:
    hours = StepTimes(3600 * np.arange(24, 30), "360_day")
    assert not hours.is_daily
    assert hours[::6].is_daily


def test_starts_are_left_out_where_they_are_the_times() -> None:
    times, ends = (StepTimes(86_400 * np.arange(3) + n, "standard") for n in (0, 86_400))
    assert "start" not in StepIntervals(times, ends).to_dict(times.dates)
    assert StepIntervals(times, ends).to_dict(ends)["start"] == iso_texts(times)

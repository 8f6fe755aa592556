"""A step is an interval: bounds of the file, then what the row says, then the frequency."""

from __future__ import annotations

import cftime
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog.read.times.calendar_units import to_dates, to_moments, to_seconds
from csserv.catalog.timeline.intervals import Intervals, lay_out

CALENDARS = st.sampled_from(["standard", "noleap", "360_day"])


def seconds(*stamps: str, calendar: str = "standard") -> np.ndarray:
    dates = [cftime.datetime.strptime(one, "%Y-%m-%d %H:%M", calendar=calendar) for one in stamps]
    return to_seconds(dates, calendar)


def laid(moments: np.ndarray, time_at: str = "", usual: float = 0.0, calendar: str = "standard"):
    none = np.zeros((len(moments), 2), np.int64), np.zeros(len(moments), bool)
    return lay_out(moments, *none, calendar, time_at, usual)


def written(found: Intervals, calendar: str = "standard") -> list[tuple[str, str]]:
    pairs = zip(to_dates(found.start, calendar), to_dates(found.end, calendar), strict=True)
    return [(a.strftime("%Y-%m-%dT%H"), b.strftime("%Y-%m-%dT%H")) for a, b in pairs]


def test_stamps_of_months_mean_the_month_they_lie_in():
    january = ("2020-01-01T00", "2020-02-01T00")
    for stamps in (
        ("2020-01-01 00:00", "2020-02-01 00:00"),
        ("2020-01-31 00:00", "2020-02-29 00:00"),
    ):
        assert written(laid(seconds(*stamps)))[0] == january
    ends = seconds("2020-02-01 00:00", "2020-03-01 00:00")
    assert written(laid(ends, "end"))[0] == january


def test_bounds_count_before_all_else_and_tell_where_other_stamps_stand():
    ends = seconds("2020-02-01 00:00", "2020-03-01 00:00", "2020-04-01 00:00")
    bounds = np.zeros((3, 2), np.int64)
    bounds[0] = seconds("2020-01-01 00:00", "2020-02-01 00:00")
    one = lay_out(ends, bounds, np.array([True, False, False]), "standard", "start", 0.0)
    assert written(one)[0] == ("2020-01-01T00", "2020-02-01T00")
    seen = lay_out(ends, bounds, np.array([True, False, False]), "standard", "", 0.0)
    assert [start for start, _ in written(seen)] == [
        "2020-01-01T00",
        "2020-02-01T00",
        "2020-03-01T00",
    ]


def test_a_row_says_where_even_stamps_stand():
    stamps = seconds("2020-01-01 06:00", "2020-01-01 12:00", "2020-01-01 18:00")
    starts = {at: written(laid(stamps, at))[0][0][-2:] for at in ("start", "centre", "end")}
    assert starts == {"start": "06", "centre": "03", "end": "00"}


def test_stamps_at_noon_of_daily_data_are_middles():
    found = laid(seconds("2020-01-01 12:00", "2020-01-02 12:00"))
    assert written(found)[0] == ("2020-01-01T00", "2020-01-02T00")
    assert [note.code for note in found.notes] == ["steps"]


def test_a_step_before_a_gap_is_as_long_as_others():
    found = laid(seconds("2020-01-01 00:00", "2020-01-02 00:00", "2020-01-09 00:00"))
    assert ((found.end - found.start) == 86400).all()


def test_steps_that_begin_anew_with_each_year_end_with_the_last_one_too():
    days = [f"{year}-01-01 00:00" for year in (2020, 2021)]
    stamps = np.concatenate([day + np.arange(46) * 8 * 86400 for day in seconds(*days)])
    ends = [end for _, end in written(laid(stamps))]
    assert (ends[45], ends[-1]) == ("2021-01-01T00", "2022-01-01T00")


def test_a_single_step_is_as_long_as_somebody_says():
    one = seconds("2020-02-01 00:00")
    assert not laid(one).is_timed
    assert written(laid(one, usual=30.4)) == [("2020-02-01T00", "2020-03-01T00")]


@pytest.mark.parametrize(
    "days",
    [
        ("2020-01-01", "2020-01-03"),  # two days, or a day that lacks between
        ("2020-01-01", "2020-01-03", "2020-03-03"),
        ("2020-01-01", "2020-03-01"),  # of months, one may lack
        ("2019-01-01", "2020-01-01"),  # two days a year apart are no years
        ("2020-01-01", "2020-04-01"),
    ],
)
def test_few_stamps_far_apart_do_not_tell_how_long_a_step_is(days: tuple[str, ...]):
    stamps = seconds(*(f"{one} 00:00" for one in days))
    assert not laid(stamps).is_timed
    assert laid(stamps, usual=1.0).is_timed


@pytest.mark.parametrize(
    "days",
    [
        ("2020-01-01", "2020-01-02"),
        ("2020-01-01", "2020-02-01"),
        ("2020-01-01", "2020-01-09"),
        ("2020-01-01", "2020-01-04", "2020-01-07", "2020-01-10"),
        ("2018-01-01", "2019-01-01", "2020-01-01"),
    ],
)
def test_stamps_as_archives_have_them_tell_it(days: tuple[str, ...]):
    assert laid(seconds(*(f"{one} 00:00" for one in days))).is_timed


def test_seasons_whose_stamps_may_be_middles_are_asked_about():
    stamps = seconds("2020-01-16 00:00", "2020-04-16 00:00", "2020-07-16 00:00")
    assert "time_at" in laid(stamps).trouble
    assert not laid(stamps, "centre").trouble
    assert written(laid(stamps, "centre"))[0] == ("2019-12-01T00", "2020-03-01T00")


@pytest.mark.parametrize(
    ("values", "units"),
    [
        ([86399, 172799, 259199], "seconds since 2020-01-01"),
        ([86399.5, 172799.5, 259199.5], "seconds since 2020-01-01"),
        (np.array([1, 2, 3]) - 1 / 86400, "days since 2020-01-01"),
        (np.arange(1, 4) * 86_400_000_000_000 - 1, "nanoseconds since 2020-01-01"),
    ],
)
def test_the_last_second_of_a_day_is_the_end_of_that_day(values, units):
    found = laid(to_moments(np.asarray(values), units, "standard").start)
    assert written(found) == [(f"2020-01-0{n}T00", f"2020-01-0{n + 1}T00") for n in (1, 2, 3)]
    assert [note.code for note in found.notes] == ["steps"]


def test_the_last_second_of_a_month_is_the_end_of_that_month():
    ends = seconds("2020-02-01 00:00", "2020-03-01 00:00") - 1
    assert written(laid(ends))[0] == ("2020-01-01T00", "2020-02-01T00")
    assert written(laid(ends, "end")) == written(laid(ends))


def test_seconds_that_only_some_stamps_lack_were_lost_by_rounding():
    stamps = seconds("2020-01-01 00:00", "2020-01-02 00:00", "2020-01-03 00:00") - [0, 1, 0]
    assert [start for start, _ in written(laid(stamps))] == [f"2020-01-0{n}T00" for n in (1, 2, 3)]


@given(
    CALENDARS,
    st.integers(1, 400),
    st.sets(st.integers(0, 300), min_size=2, max_size=40),
    st.sampled_from(["", "start", "centre", "end"]),
)
def test_lengths_are_positive_and_steps_lie_side_by_side(calendar, length, numbers, time_at):
    stamps = np.array(sorted(numbers), np.int64) * length * 3600
    found = laid(stamps, time_at, calendar=calendar)
    assert (found.end > found.start).all()
    assert (found.end[:-1] <= found.start[1:]).all()


@given(CALENDARS, st.integers(0, 400), st.integers(1, 60))
def test_months_are_whole_ones_in_every_calendar(calendar, first, count):
    numbers = np.arange(first, first + count)
    found = to_moments(numbers + 0.5, "months since 1990-01-01", calendar)
    dates = to_dates(found.start, found.calendar)
    assert [date.year * 12 + date.month for date in dates] == (numbers + 1990 * 12 + 1).tolist()
    assert {date.day for date in dates} == {1}
    assert (found.end[:-1] == found.start[1:]).all()


@pytest.mark.parametrize(
    ("values", "units", "first"),
    [
        ([-1e-9, 1 - 1e-9], "days since 2020-01-01", "2020-01-01T00"),
        (np.float32([0.9999999, 1.9999998]), "days since 2019-12-31", "2020-01-01T00"),
        (np.float32([7304.9995, 7305.9995]), "days since 2000-01-01", "2020-01-01T00"),
        ([0, 1], "Days Since 2020-01-01", "2020-01-01T00"),
        ([20200101.5, 20200102.5], "day as %Y%m%d.%f", "2020-01-01T12"),
        ([720.5, 721.5], "months since 1960-01-01", "2020-01-01T00"),
    ],
)
def test_times_are_what_their_makers_meant(values, units, first):
    found = to_moments(np.asarray(values), units, "standard")
    assert to_dates(found.start, "standard")[0].strftime("%Y-%m-%dT%H") == first

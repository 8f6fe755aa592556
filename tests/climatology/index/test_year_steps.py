"""Steps are folded by year and step of the year, and come back as they were."""

from __future__ import annotations

from datetime import date

import cftime
import numpy as np
import pytest

from csserv.climatology.index.year_steps import YearSteps
from csserv.errors import InvalidRequestError
from tests.climatology.records import days, months, parts_of_months


@pytest.mark.parametrize(
    ("starts", "step", "count"),
    [
        (months(2001, 2004)[5:-3], "monthly", 12),
        (parts_of_months(3, 2001, 2004), "dekad", 36),
        (parts_of_months(6, 2001, 2004), "pentad", 72),
        (days(2001, 2004)[40:-40], "daily", 366),
    ],
)
def test_what_is_folded_comes_back(starts, step, count):
    steps = YearSteps.of(starts, step)
    values = np.random.default_rng(0).random((len(starts), 2))
    folded = steps.fold(values)
    assert folded.shape == (4, count, 2)
    np.testing.assert_array_equal(steps.unfold(folded), values)


def test_lengths_fill_the_year():
    for starts, step in [
        (months(2001, 2004), "monthly"),
        (parts_of_months(3, 2001, 2004), "dekad"),
        (parts_of_months(6, 2001, 2004), "pentad"),
        (days(2001, 2004), "daily"),
    ]:
        assert YearSteps.of(starts, step).lengths.sum() == 4 * 365 + 1


@pytest.mark.parametrize(("calendar", "count"), [("noleap", 365), ("360_day", 360)])
def test_calendars_without_leap_days_have_their_own_count(calendar, count):
    times = list(cftime.num2date(range(2 * count), "days since 2003-01-01", calendar))
    steps = YearSteps.of(times, "daily")
    assert (steps.count, steps.years) == (count, 2)
    assert steps.positions.tolist() == list(range(2 * count))
    monthly = YearSteps.of([t for t in times if t.day == 1], "monthly")
    assert monthly.lengths.sum() == 2 * count


def test_first_of_march_is_the_same_day_of_every_year_and_the_leap_day_lies_midway():
    starts = days(2003, 2004)
    steps = YearSteps.of(starts, "daily")
    values = np.arange(len(starts), dtype=float)[:, None]
    folded = steps.fold(values)[:, :, 0]
    assert folded[0, 58:61].tolist() == [58.0, 58.5, 59.0]  # 28 February, none, 1 March 2003
    assert folded[1, 58:61].tolist() == [365 + 58.0, 365 + 59.0, 365 + 60.0]


def test_dates_of_python_and_numpy_and_cftime_are_the_same():
    numbers = [
        YearSteps.of(starts, "monthly").positions.tolist()
        for starts in (
            months(2001, 2001)[2:],
            [date(2001, month, 1) for month in range(3, 13)],
            [cftime.datetime(2001, month, 1) for month in range(3, 13)],
        )
    ]
    assert numbers == [list(range(2, 12))] * 3


def test_steps_that_do_not_rise_are_refused():
    with pytest.raises(InvalidRequestError, match="do not rise"):
        YearSteps.of(months(2001, 2002)[::-1], "monthly")
    with pytest.raises(InvalidRequestError, match="no steps"):
        YearSteps.of([], "monthly")


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day", "julian"])
@pytest.mark.parametrize("step", ["monthly", "dekad", "pentad", "daily"])
def test_a_step_begins_where_its_number_says_and_ends_where_the_next_begins(calendar, step):
    length = {"noleap": 365, "360_day": 360}.get(calendar, 365.25)
    every = cftime.num2date(range(int(4 * length)), "days since 2003-01-01", calendar)
    firsts = {"monthly": (1,), "dekad": (1, 11, 21), "pentad": (1, 6, 11, 16, 21, 26)}
    times = [one for one in every if one.day in firsts.get(step, range(32))]
    steps = YearSteps.of(times, step)
    spans = steps.spans()
    assert [start for start, _ in spans] == times
    assert [end for _, end in spans[:-1]] == times[1:]
    assert steps.spans(3)[5] == (times[3], times[6])

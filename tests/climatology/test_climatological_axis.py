"""Each normal is there once, from the first step of its reference to the last."""

from __future__ import annotations

from datetime import timedelta

import cftime
import numpy as np
import pytest

from csserv.climatology.climatological_axis import climatological_axis
from csserv.climatology.comparison import Comparison
from tests.climatology.tables import same_steps


def months(years: int) -> list[cftime.datetime]:
    """The months since January 1991, and the one after them."""
    return [cftime.datetime(1991 + n // 12, n % 12 + 1, 1) for n in range(12 * years + 1)]


def test_months_of_two_years_are_twelve() -> None:
    times = months(32)
    comparison = same_steps(12, range(1991, 2021), range(2021, 2023))
    found = climatological_axis(comparison, "in", times, times, times[1:])
    assert found is not None
    assert [(one.year, one.month) for one in found.times] == [(1991, n + 1) for n in range(12)]
    assert found.starts == found.times
    assert found.ends[0] == cftime.datetime(2020, 2, 1)
    assert found.ends[11] == cftime.datetime(2021, 1, 1)
    assert found.of_asked.tolist() == [*range(12)] * 2


def test_days_are_of_those_around_them() -> None:
    times = [cftime.datetime(1991, 1, 1) + timedelta(n) for n in range(400)]
    samples, years = np.arange(20, 35)[None, :], np.full((1, 15), 1991)
    comparison = Comparison(np.array([392]), samples, years, np.array([1992]))
    found = climatological_axis(comparison, "in", times, times, times[1:])
    assert found is not None
    assert found.times == (times[27],)
    assert (found.starts, found.ends) == ((times[20],), (times[35],))


def test_a_part_of_a_month_is_left_out_beside_the_whole_one() -> None:
    times = months(32)
    comparison = same_steps(12, range(1991, 2021), range(2021, 2023))
    complete = [True] * 23 + [False]
    found = climatological_axis(comparison, "in", times, times, times[1:], complete)
    assert found is not None
    assert found.of_asked.tolist() == [*range(12), *range(11), -1]


def test_years_with_normals_of_their_own_have_no_climatology() -> None:
    times = months(32)
    two = same_steps(12, range(1991, 2021), range(2019, 2021))
    assert climatological_axis(two, "out", times, times, times[1:]) is None
    one = same_steps(12, range(1991, 2021), [2020])
    found = climatological_axis(one, "out", times, times, times[1:])
    assert found is not None
    assert found.of_asked.tolist() == [*range(12)]


@pytest.mark.parametrize("calendar", ["360_day", "noleap"])
def test_weeks_rise_in_any_calendar(calendar: str) -> None:
    times = [
        cftime.datetime(1991, 1, 5, calendar=calendar) + timedelta(7 * n) for n in range(52 * 12)
    ]
    comparison = same_steps(52, range(1991, 2002), [2001])
    found = climatological_axis(comparison, "in", times[:-1], times[:-1], times[1:])
    assert found is not None
    assert [*found.times] == sorted({*found.times})

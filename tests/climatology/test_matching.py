"""A step is compared with those of other years that begin on, or next to, the same date."""

from __future__ import annotations

import cftime
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.climatology.matching import DAY, match_steps, same_days


def at(text: str, calendar: str = "standard") -> cftime.datetime:
    return cftime.datetime.strptime(text, "%Y-%m-%d", calendar=calendar)


def starts(first: str, count: int, days: int, calendar: str = "standard") -> list[cftime.datetime]:
    return list(cftime.num2date(np.arange(count) * days, f"days since {first}", calendar))


def found(asked: str, reference: list[cftime.datetime], years: range, days: int, around: int = 0):
    calendar = reference[0].calendar
    matches = match_steps([at(asked, calendar)], reference, years, days * DAY, around)
    pairs = zip(matches.steps[0], matches.years[0], strict=True)
    return {int(year): f"{reference[step]:%Y-%m-%d}" for step, year in pairs if step >= 0}


def test_months_are_compared_with_the_same_month() -> None:
    months = [at(f"{year}-{month:02}-01") for year in range(2001, 2004) for month in range(1, 13)]
    assert found("2010-03-01", months, range(2001, 2004), 31) == {
        2001: "2001-03-01",
        2002: "2002-03-01",
        2003: "2003-03-01",
    }


def test_weeks_are_compared_with_the_one_that_begins_nearest() -> None:
    weeks = starts("2001-01-01", 200, 7)  # Mondays
    assert found("2010-03-01", weeks, range(2001, 2004), 7) == {
        2001: "2001-02-26",  # 2 days before; the next one is 4 days after
        2002: "2002-03-04",
        2003: "2003-03-03",
    }


def test_a_week_of_the_turn_of_the_year_is_found_in_each_year() -> None:
    weeks = starts("2000-12-25", 200, 7)
    assert found("2009-12-28", weeks, range(2001, 2004), 7) == {
        2001: "2001-12-31",
        2002: "2002-12-30",
        2003: "2003-12-29",
    }


def test_days_are_compared_with_those_of_a_week_before_and_after() -> None:
    days = starts("2001-01-01", 730, 1)
    matches = match_steps([at("2010-01-03")], days, range(2001, 2003), DAY, 7)
    kept = matches.steps[0] >= 0
    of_2001 = matches.steps[0][kept & (matches.years[0] == 2001)]
    of_2002 = matches.steps[0][kept & (matches.years[0] == 2002)]
    assert f"{days[of_2001[0]]:%m-%d} {len(of_2001)}" == "01-01 10"  # none before the reference
    assert f"{days[of_2002[0]]:%Y-%m-%d} {len(of_2002)}" == "2001-12-27 15"


def test_the_29th_of_february_is_compared_with_the_end_of_other_februaries() -> None:
    days = starts("2001-01-01", 4 * 365 + 1, 1)
    same = found("2008-02-29", days, range(2001, 2005), 1)
    assert same == {2001: "2001-02-28", 2002: "2002-02-28", 2003: "2003-02-28", 2004: "2004-02-29"}


@pytest.mark.parametrize("calendar", ["standard", "noleap", "all_leap", "360_day", "julian"])
def test_every_day_of_any_calendar_finds_itself(calendar: str) -> None:
    days = starts("2001-01-01", 800, 1, calendar)
    matches = match_steps(days, days, range(2001, 2004), DAY)
    for number, day in enumerate(days):
        own = matches.steps[number][matches.years[number] == day.year]
        assert own.tolist() == [number]


def test_of_nothing_there_is_nothing() -> None:
    assert match_steps([], [at("2001-01-01")], range(2001, 2002), DAY).steps.shape == (0, 0)
    assert match_steps([at("2001-01-01")], [], range(2001, 2002), DAY).steps.shape == (1, 0)


@given(
    st.integers(0, 3000),
    st.sampled_from([1, 5, 7, 8, 10, 16]),
    st.sampled_from(["standard", "noleap", "360_day"]),
)
def test_what_is_found_begins_at_most_half_a_step_away(day: int, days: int, calendar: str) -> None:
    reference = starts("2001-01-01", 1500 // days, days, calendar)
    asked = starts("2001-01-01", day + 1, 1, calendar)[-1]
    matches = match_steps([asked], reference, range(2001, 2005), days * DAY)
    for step, year in zip(matches.steps[0], matches.years[0], strict=True):
        if step >= 0:
            length = cftime.datetime(year, asked.month, 1, calendar=calendar).daysinmonth
            target = cftime.datetime(year, asked.month, min(asked.day, length), calendar=calendar)
            assert abs((reference[step] - target).days) <= days / 2


@pytest.mark.parametrize(
    ("first", "last", "years", "calendar", "same"),
    [
        ((2024, 5, 1), (2024, 5, 12), -3, "standard", ((2021, 5, 1), (2021, 5, 12))),
        ((2023, 12, 1), (2024, 2, 29), -1, "standard", ((2022, 12, 1), (2023, 2, 28))),
        ((2023, 2, 10), (2023, 2, 28), 1, "standard", ((2024, 2, 10), (2024, 2, 29))),
        ((2024, 2, 29), (2024, 3, 4), 1, "standard", ((2025, 2, 28), (2025, 3, 4))),
        ((2024, 2, 1), (2024, 2, 30), 5, "360_day", ((2029, 2, 1), (2029, 2, 30))),
    ],
)
def test_the_end_of_a_month_stays_one(first, last, years, calendar, same) -> None:
    assert same_days(first, last, years, calendar) == same

"""The date that times count from is read whole, or refused: no hour and no time zone is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog.read.times.reference_date import reference_date
from csserv.errors import GranuleError


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2020-01-01", "2020-01-01T00:00:00"),
        ("2020-1-1 6", "2020-01-01T06:00:00"),
        ("2020-01-01T12", "2020-01-01T12:00:00"),
        ("2020-01-01 12:30:0.0", "2020-01-01T12:30:00"),
        ("1992-10-8 15:15:42 -6:00", "1992-10-08T21:15:42"),
        ("2020-01-01 00:00:00 +3", "2019-12-31T21:00:00"),
        ("2020-01-01 00:00:00 +0530", "2019-12-31T18:30:00"),
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00"),
        ("1980-1-6,0:0:0 utc", "1980-01-06T00:00:00"),
    ],
)
def test_hours_and_time_zones_count(text: str, utc: str):
    assert reference_date(text, "standard").isoformat() == utc


@pytest.mark.parametrize(
    "text",
    [
        *("2020-01-01 00:00:00 EST", "2020-01-01 00:00 UTC+3", "2020-01-01 local", "20200101"),
        *("1/1/2020", "01-JAN-2020", "2020", "", "1" * 9000),
    ],
)
def test_what_is_not_understood_is_refused_with_a_way_to_write_it(text: str):
    with pytest.raises(GranuleError, match="write it as 2020-01-31 18:00:00, in UTC") as refused:
        reference_date(text, "standard")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("text", "calendar"),
    [("2019-02-29", "standard"), ("2020-02-29", "noleap"), ("2020-01-01 24:00", "standard")],
)
def test_a_date_that_does_not_exist_is_refused(text: str, calendar: str):
    with pytest.raises(GranuleError, match=f"no date of the calendar {calendar}"):
        reference_date(text, calendar)


def test_an_hour_or_a_zone_after_a_bare_day_is_asked_about():
    with pytest.raises(GranuleError, match="an hour of that day, or a time zone"):
        reference_date("2020-01-01 -6:00", "standard")


@given(
    st.sampled_from(["standard", "noleap", "360_day"]),
    st.integers(1, 9999),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 86399),
)
def test_a_date_that_is_written_is_the_date_that_is_read(calendar, year, month, day, second):
    clock = f"{second // 3600}:{second // 60 % 60:02}:{second % 60}"
    found = reference_date(f"{year}-{month}-{day} {clock}", calendar)
    assert found.timetuple()[:3] == (year, month, day)
    assert found.hour * 3600 + found.minute * 60 + found.second == second

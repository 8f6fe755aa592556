"""A reference is whole years, ten or more, however it is written."""

from __future__ import annotations

from datetime import date

import pytest

from csserv.errors import InvalidRequestError
from csserv.request import Options, Period
from csserv.request.reference import read_reference


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (None, ""),
        (False, ""),
        ("", ""),
        (True, "default"),
        ("default", "default"),
        ("1991/2020", "1991/2020"),
        (" 1991 / 2020 ", "1991/2020"),
        ("1991-01/2020-12", "1991/2020"),
        (Period(date(1981, 1, 1), date(2010, 12, 31)), "1981/2010"),
    ],
)
def test_what_is_read(given: object, read: str) -> None:
    assert read_reference(given) == read
    assert Options(against=given).against == read  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("1991", "1 year; normals need at least 10"),
        ("2001/2009", "9 years; normals need at least 10"),
        ("1991-03/2020-12", "allowed are first and last year, such as 1991/2020"),
        ("2020/1991", "allowed are first and last year"),
        ("normal", "allowed are first and last year"),
        (30, "allowed are first and last year"),
    ],
)
def test_what_is_refused(given: object, why: str) -> None:
    with pytest.raises(InvalidRequestError, match=why):
        read_reference(given)


def test_own_year_is_in_or_out() -> None:
    with pytest.raises(InvalidRequestError, match="own_year is 'maybe'; allowed are in, out"):
        Options(own_year="maybe")


def test_requests_without_a_reference_have_the_fingerprint_they_had() -> None:
    assert Options().to_dict() == {}
    assert Options(against="1991/2020").to_dict() == {"against": "1991/2020"}

"""Periods and requests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period, Request

BOX = Area.from_box(30, 0, 32, 2)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2019-03-07", date(2019, 3, 7), date(2019, 3, 7)),
        ("2019-01-01/2019-12-31", date(2019, 1, 1), date(2019, 12, 31)),
        ("2018/2019-03", date(2018, 1, 1), date(2019, 3, 31)),
    ],
)
def test_period_is_read_from_text(text: str, start: date, end: date):
    assert Period.parse(text) == Period(start, end)


@pytest.mark.parametrize("text", ["", "19", "2019-13", "2019-02-30", "2020/2019", "x/y", "0000"])
def test_what_is_no_period_is_refused(text: str):
    with pytest.raises(InvalidRequestError):
        Period.parse(text)


def test_whole_february_holds_its_30th_in_a_360_day_calendar():
    assert Period.parse("2019-02").holds((2019, 2, 30))
    assert not Period.parse("2019-02-01/2019-02-27").holds((2019, 2, 30))


def test_fingerprint_is_that_of_the_request_not_of_its_spelling():
    plain = '{"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]}'
    turned = '{"coordinates":[[[2,2],[0,2],[0,0],[2,0],[2,2]]],"type":"Polygon"}'
    both = [
        Request("rain", "mean", Area.from_geojson(text), Period.parse(period))
        for text, period in ((plain, "2019"), (turned, "2019-01-01/2019-12-31"))
    ]
    assert both[0].fingerprint == both[1].fingerprint
    other = Request("rain", "max", both[0].area, both[0].period)
    assert other.fingerprint != both[0].fingerprint


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"index": ["spi", "pnp"]}, r"index is \['spi', 'pnp'\]; allowed is one, as a text"),
        ({"time_step": ("daily", "monthly")}, "time_step is .*; allowed is one, as a text"),
        ({"units": 3}, "units is 3; allowed is one, as a text"),
        ({"index": "spi", "index_options": ["per"]}, "index_options is .*; allowed are names with"),
        ({"select": "member=3"}, "select is 'member=3'; allowed are names with values"),
    ],
)
def test_options_of_another_type_are_refused_with_what_is_allowed(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidRequestError, match=said):
        Options.of(**given)

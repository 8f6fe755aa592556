"""Each field of a request says what it means, and the preview what one will get."""

from __future__ import annotations

import pytest

from csserv.request import Area, Options, Period, Request
from csserv.views.parts.html_parts import Choice, TextField
from csserv.views.request.field_help import HELP
from csserv.views.request.preview import asked_in_words
from csserv.views.request.request_fields import RequestFields


def test_each_help_stands_behind_a_field():
    fields = RequestFields({"rain": "Rain"}, lambda *events: None)
    widgets = [fields.operation, fields.time_step, *fields.comparison.widgets, *fields._more()]
    said = [one.help for one in widgets if isinstance(one, Choice | TextField)]
    said += [fields.accumulate.description, fields.least_valid.description]
    assert set(HELP.values()) <= set(said)


@pytest.mark.parametrize(
    ("operation", "options", "units", "said"),
    [
        ("mean", {}, "mm/day", "rainfall, averaged over the area"),
        ("max,mean", {"time_step": "dekad"}, "mm", "ten-day rainfall, highest cell of the area"),
        (
            "mean",
            {"over_time": "max", "time_step": "monthly"},
            "mm/day",
            "monthly highest rainfall",
        ),
        ("p90", {"time_step": "yearly"}, "K", "yearly mean rainfall, 90th percentile of the area"),
        ("mean", {"time_step": "monthly", "accumulate": 3}, "mm", "3 steps taken together"),
        ("netcdf", {"time_step": "monthly"}, "mm", "maps of monthly rainfall"),
    ],
)
def test_statistic_step_and_rule_are_said(
    operation: str, options: dict[str, object], units: str, said: str
):
    area, period = Area.from_box(33, -5, 42, 5), Period.parse("2019")
    request = Request("rain", operation, area, period, Options(**options))
    assert said in asked_in_words(request, "Daily rain of satellites", units)

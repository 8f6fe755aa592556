"""What values are is said in words that people use, whatever the file calls its variable."""

from __future__ import annotations

from typing import Any

import pytest

from csserv.outputs.words.quantity_words import is_amount, quantity_in_words

RAIN = {"long_name": "area-weighted mean of pr", "standard_name": "precipitation_flux"}
HEAT = {"long_name": "area-weighted mean of Near-Surface Air Temperature"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"variable": RAIN}, "rainfall, averaged over the area [mm]"),
        (
            {"variable": RAIN, "time_step": {"name": "dekad", "rule": "sum", "accumulate": 3}},
            "ten-day rainfall, 3 steps taken together, averaged over the area [mm]",
        ),
        (
            {
                "variable": RAIN,
                "time_step": {
                    "name": "monthly",
                    "rule": "mean of the valid steps, times the days of the step",
                },
            },
            "monthly rainfall, averaged over the area [mm]",
        ),
        (
            {"variable": HEAT, "time_step": {"name": "monthly", "rule": "mean"}, "units": "K"},
            "monthly mean temperature, averaged over the area [K]",
        ),
        (
            {"variable": {"long_name": "highest cell of soil moisture"}, "operation": "max"},
            "soil moisture, highest cell of the area [mm]",
        ),
        ({"operation": "p90", "variable": RAIN}, "rainfall, 90th percentile of the area [mm]"),
        ({"operation": "count", "units": "cells"}, "cells of the area with data [cells]"),
        ({}, "values of some, averaged over the area [mm]"),
        (
            {"index": {"title": "x"}, "variable": {"long_name": "SPI-3"}, "units": "1"},
            "SPI-3",
        ),
    ],
)
def test_quantity(said: dict[str, Any], words: str):
    plain = {"units": "mm", **said}
    plain["request"] = {"operation": said.get("operation", "mean"), "dataset": "some"}
    assert quantity_in_words(plain) == words
    assert is_amount(plain) == ("rainfall" in words or "SPI" in words)


def test_quantity_without_its_place_still_says_how_many_steps_it_is_of():
    step = {"name": "monthly", "rule": "sum", "accumulate": 3}
    plain = {"units": "mm", "variable": RAIN, "time_step": step}
    plain["request"] = {"operation": "mean", "dataset": "some"}
    assert quantity_in_words(plain, area=False) == "monthly rainfall, 3 steps taken together [mm]"

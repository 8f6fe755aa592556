"""Attributes hold numbers, or texts that people took for numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from csserv.catalog.packing.attribute_numbers import format_number, read_numbers
from csserv.errors import GranuleError


@pytest.mark.parametrize(
    ("value", "numbers", "kind"),
    [
        (np.int16(-9), (-9,), "i"),
        (np.array([0, 50], "f4"), (0.0, 50.0), "f"),
        (np.int64(-9223372036854775806), (-9223372036854775806,), "i"),
        ("-9999.f", (-9999.0,), "f"),
        ("-9999", (-9999,), "i"),
        ("1.d20", (1e20,), "f"),
        ("1e20f", (1e20,), "f"),
        ("255b", (255,), "i"),
        (" -32768s ", (-32768,), "i"),
        (".5", (0.5,), "f"),
        ("0., 50.", (0.0, 50.0), "f"),
        ("[0 250]", (0, 250), "i"),
        (["-99.", "-999."], (-99.0, -999.0), "f"),
        (b"-1", (-1,), "i"),
        ("inf", (math.inf,), "f"),
    ],
)
def test_numbers_are_read_as_they_are_meant(value: Any, numbers: tuple[float, ...], kind: str):
    found = read_numbers("missing_value", value, "missing")
    assert found.values == numbers
    assert found.dtype.kind == kind


@pytest.mark.parametrize("text", ["1" * 100_000, "1" * 100_000 + "x", "1e" + "9" * 100_000])
def test_a_text_of_any_length_is_read_at_once(text: str) -> None:
    with pytest.raises(GranuleError, match="no number"):
        read_numbers("_FillValue", text, "missing")


def test_nan_may_be_a_text():
    (found,) = read_numbers("missing_value", "NaNf", "missing").values
    assert math.isnan(found)


@pytest.mark.parametrize("text", ["none", "", "-9999 mm", "9e999", "1-2", "0x7f", "1..2"])
def test_text_that_is_no_number_is_refused_with_what_mends_it(text: str):
    with pytest.raises(GranuleError) as refused:
        read_numbers("missing_value", text, "missing")
    assert str(refused.value) == (
        f"its missing_value is the text {' '.join(text.split())!r}, which is no number; "
        "say what it is in its row: missing"
    )


@pytest.mark.parametrize("value", [np.float32(-999.9), np.float32(0.1), 1e20, -32768, 0.05])
def test_numbers_are_written_as_people_do(value: float):
    text = format_number(float(value))
    assert len(text) < 9
    assert type(value)(text) == value

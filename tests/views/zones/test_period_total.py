"""The total of a period is said with what it is of normal, where it means something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from csserv.language import Language, speaking
from csserv.views.zones.period_total import total_in_words
from tests.outputs.compared import document, series_of


def plain(asked: range = range(2025, 2026), gap: bool = False) -> dict[str, Any]:
    """Months: 5 mm each month of 2025, of which 15.5 mm are normal."""
    years = np.repeat(np.arange(35) % 30 + 1.0, 12)
    if gap:
        years[-3] = np.nan
    series = series_of(years[:, None], asked)
    found = document(series) | {"series": series.to_list()}
    times = found["series"][0]["time"]
    ends = [*times[1:], f"{asked[-1] + 1}-01-01"]
    return found | {"intervals": {"end": ends}}


def test_the_total_of_a_year_is_said_with_its_share_of_normal():
    assert total_in_words(plain()) == "2025 in all: 60 mm, 32 % of normal (186 mm)"
    with speaking(Language.of("fr")):
        assert total_in_words(plain()) == "2025 en tout : 60 mm, 32 % de la normale (186 mm)"


@pytest.mark.parametrize("said", [plain(range(2020, 2026)), plain(gap=True)])
def test_more_than_a_year_and_a_gap_have_no_total(said: dict[str, Any]):
    assert total_in_words(said) == ""


def test_what_does_not_add_up_has_no_total():
    mean = plain()
    mean["request"] = mean["request"] | {"operation": "max"}
    assert total_in_words(mean) == ""


def test_a_single_step_is_said_already():
    one = plain()
    one["series"] = [
        {key: value[:1] if isinstance(value, list) else value for key, value in row.items()}
        | {"against": {key: value[:1] for key, value in row["against"].items()}}
        for row in one["series"]
    ]
    for name in ("intervals", "steps"):
        one[name] = {key: value[:1] for key, value in one[name].items()}
    assert total_in_words(one) == ""

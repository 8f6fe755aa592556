"""What an index is, in words: of what its receipt says, in each language."""

from __future__ import annotations

from typing import Any

import pytest

from csserv.climatology.index.daily_counts import PERIODS
from csserv.climatology.indices import INDICES
from csserv.language import Language, speaking
from csserv.outputs.words.index_words import BY_LETTERS, COUNTED, PER, index_quantity, index_words


def receipt(index: str, **more: Any) -> dict[str, Any]:
    return {"index": index, "title": INDICES[index].title, "library": "csserv", **more}


REFERENCE = {"reference": "1991/2020", "calibration_years": "1995/2020"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (receipt("spi", accumulate=3, **REFERENCE), "SPI-3, against 1995-2020"),
        (receipt("vci", accumulate=1, **REFERENCE), "VCI, against 1995-2020"),
        (
            receipt("pnp", accumulate=3, **REFERENCE),
            "per cent of normal precipitation, 3 steps taken together, against 1995-2020",
        ),
        (receipt("deciles", accumulate=1, **REFERENCE), "rainfall deciles, against 1995-2020"),
        (
            receipt(
                "dry_spells", parameters={"per": "year", "days": 7}, arguments={"thresh": "1 mm"}
            ),
            "dry spells of 7 days or more below 1 mm, by year",
        ),
        (
            receipt("heat_days", parameters={"per": "month"}, arguments={"thresh": "35 degC"}),
            "days whose highest temperature is above 35 degC, by month",
        ),
        (
            receipt("cessation", parameters={"search_from": "09-15"}),
            "end of the rains, days after 15 September",
        ),
        (receipt("spi") | {"index": "of a newer version"}, ""),
        (receipt("cdd"), ""),  # as a version that told less has it
    ],
)
def test_values_are_named_as_people_do(said: dict[str, Any], words: str):
    assert index_quantity(said) == words


def test_each_index_has_words_of_its_own_kind():
    counts = {name for name, row in INDICES.items() if "per" in row.parameters}
    assert set(COUNTED) == counts
    assert set(PER) == set(PERIODS)
    assert set(BY_LETTERS) <= set(INDICES)
    assert {name for name, row in INDICES.items() if row.has_reference} >= set(BY_LETTERS)


def test_how_it_was_computed_is_said_in_the_language_of_the_reader():
    said = receipt(
        "spi",
        accumulate=3,
        sums="of 3 steps, cell by cell; none where less than 80 % of their days have data",
        zero_rule="none where the mean of the reference is 0",
        distribution="gamma",
        fitted_by="L-moments",
        **REFERENCE,
    )
    english = index_words(said)
    assert english == (
        "SPI-3 is the standardized precipitation index, computed by csserv; its reference is "
        "1991 to 2020, of which the data have 1995 to 2020; gamma distribution of each step of the "
        "year, L-moments; sums of 3 steps, cell by cell; none where less than 80 % of their days "
        "have data; zero rule: none where the mean of the reference is 0."
    )
    for code in ("ar", "es", "fr", "pt", "sw"):
        with speaking(Language.of(code)):
            words = index_words(said)
        assert not {"computed", "reference is", "where", "each step"} & set(words.split(" "))
        assert "SPI-3" in words
        assert "80" in words

"""A value in a sentence: its grammar, and that its counts are those of the years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.climatology.comparison import Comparison
from csserv.climatology.normals import compare, describe
from csserv.errors import InvalidRequestError
from csserv.language import Language, speaking
from csserv.outputs.words.sentence import in_words

RAIN = {"standard_name": "lwe_thickness_of_precipitation_amount", "long_name": "mean of rainfall"}
WARMTH = {"standard_name": "air_temperature", "long_name": "mean of air temperature"}
SYNTHETIC = [{"code": "synthetic", "text": "synthetic data", "where": ""}]


def plain_of(
    values: Sequence[float],
    years: range = range(1991, 2021),
    own_year: str = "in",
    variable: dict[str, str] = RAIN,
    units: str = "mm",
    **more: Any,
) -> dict[str, Any]:
    """A result's JSON of March to May of each year, each of which was asked about.

    Values go from 1991 on, and those of ``years`` are the reference.
    """
    array = np.array(values, dtype=float)[:, None]
    asked = np.arange(len(array))
    each = 1991 + asked
    inside = asked[(each >= years[0]) & (each <= years[-1])]
    samples = np.tile(inside, (len(asked), 1))
    comparison = Comparison(asked, samples, 1991 + samples, each)
    found = compare(array, comparison, own_year, of_amounts=variable is not WARMTH)
    against = {
        name: [None if one is None or one != one else one for one in column[:, 0].tolist()]
        for name, column in found.items()
    }
    time, last, behind = ([f"{y}-{day}" for y in each] for day in ("03-01", "05-31", "06-01"))
    series = {
        "zone": {"id": "KEN-turkana", "name": "Turkana"},
        "time": time,
        "value": [None if v != v else v for v in array[:, 0].tolist()],
        "valid_percent": [100.0] * len(time),
        "against": against,
    }
    reference = f"{years[0]}/{years[-1]}"
    return {
        "request": {"operation": "mean"},
        "units": units,
        "variable": variable,
        "calendar": "standard",
        "steps": {"end": last, "complete": [True] * len(time)},
        "intervals": {"start": time, "end": behind},
        "series": [series],
        "against": {
            "reference": reference,
            "own_year": own_year,
            "statistics": describe(units),
        },
    } | more


#: 100 to 390 mm, so that each year has a rank of its own
RISING = [100.0 + 10 * n for n in range(30)]


@pytest.mark.parametrize(
    ("year", "said"),
    [
        (1994, "130 mm, 53 % of normal (245 mm); drier than 26 of 30 years of 1991-2020"),
        (1991, "100 mm, 41 % of normal (245 mm); the driest of 30 years of 1991-2020"),
        (2020, "390 mm, 159 % of normal (245 mm); the wettest of 30 years of 1991-2020"),
        (2019, "380 mm, 155 % of normal (245 mm); wetter than 28 of 30 years of 1991-2020"),
    ],
)
def test_it_says_value_normal_and_rank(year: int, said: str):
    assert in_words(plain_of(RISING), str(year) + "-04-07") == f"Turkana, March-May {year}: {said}"


def test_synthetic_data_are_named_last():
    text = in_words(plain_of(RISING, notes=SYNTHETIC), "1994-03-01")
    assert text.endswith("drier than 26 of 30 years of 1991-2020; synthetic data")


def test_a_step_is_named_by_the_time_that_its_value_stands_for():
    cut = plain_of(RISING)
    cut["intervals"] = {"end": [*cut["intervals"]["end"][:-1], "2020-05-01"]}
    assert in_words(cut).startswith("Turkana, March-April 2020: ")
    cut["intervals"]["start"] = ["2020-03-11"] * 30
    assert in_words(cut).startswith("Turkana, 11 March-30 April 2020: ")
    del cut["intervals"]
    assert in_words(cut).startswith("Turkana, 2020-03-01: ")


def test_without_a_date_it_is_the_last_step():
    assert in_words(plain_of(RISING)).startswith("Turkana, March-May 2020: 390 mm")


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (90.0, "drier than all 30 years of 1991-2020"),
        (400.0, "wetter than all 30 years of 1991-2020"),
        (105.0, "drier than 29 of 30 years of 1991-2020"),
        (115.0, "drier than 28 of 30 years of 1991-2020"),
        (385.0, "wetter than 29 of 30 years of 1991-2020"),
        (245.0, "drier than 15 of 30 years of 1991-2020"),
    ],
)
def test_a_year_beyond_the_reference_is_counted_against_all_of_it(last: float, said: str):
    assert in_words(plain_of([*RISING, last])).endswith(f"; {said}")


def test_a_year_that_is_left_out_of_its_reference_is_not_counted():
    text = in_words(plain_of(RISING, own_year="out"), "1991")
    assert text.endswith("(250 mm); drier than all 29 years of 1991-2020")


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (9, "no normal, as only 9 years of 1991-2020 have a value"),
        (1, "no normal, as only 1 year of 1991-2020 has a value"),
        (0, "no normal, as no year of 1991-2020 has a value"),
    ],
)
def test_where_there_is_no_normal_it_says_why(years: int, said: str):
    values = [100.0] * years + [np.nan] * (30 - years) + [86.0]
    assert in_words(plain_of(values)) == f"Turkana, March-May 2021: 86 mm; {said}"


def test_a_step_without_a_value_still_has_a_normal():
    text = in_words(plain_of([*RISING, np.nan]))
    assert text == "Turkana, March-May 2021: no value; normal is 245 mm"
    without = plain_of([np.nan] * 31, notes=SYNTHETIC)
    assert in_words(without) == (
        "Turkana, March-May 2021: no value; no normal, as no year of 1991-2020 has a value; "
        "synthetic data"
    )


def test_a_request_without_a_reference_has_a_value_alone():
    plain = plain_of(RISING)
    del plain["against"], plain["series"][0]["against"]
    assert in_words(plain, "1994") == "Turkana, March-May 1994: 130 mm"


def test_temperatures_are_told_by_their_distance_from_normal():
    values = [20.0 + 0.1 * n for n in range(30)]
    plain = plain_of(values, variable=WARMTH, units="degC")
    assert in_words(plain, "2018") == (
        "Turkana, March-May 2018: 22.7 degC, 1.2 degC above normal (21.4 degC); "
        "warmer than 27 of 30 years of 1991-2020"
    )
    assert in_words(plain, "1991").endswith("the coolest of 30 years of 1991-2020")
    assert in_words(plain_of([21.5] * 30, variable=WARMTH, units="degC"), "1991") == (
        "Turkana, March-May 1991: 21.5 degC, as is normal; "
        "percentile rank 50 among 30 years of 1991-2020"
    )


def test_no_rain_is_as_in_other_years_without_any():
    values = [0.0] * 9 + [10.0 * n for n in range(1, 22)]
    assert in_words(plain_of(values), "1993") == (
        "Turkana, March-May 1993: 0 mm, 0 % of normal (77 mm); as in 9 of 30 years of 1991-2020"
    )
    mostly = [0.0] * 20 + [3.0] * 10
    assert in_words(plain_of(mostly), "1993") == (
        "Turkana, March-May 1993: 0 mm, 1 mm below normal (1 mm); as in 20 of 30 years of 1991-2020"
    )
    assert in_words(plain_of([0.0] * 30), "1993").endswith("; as in all 30 years of 1991-2020")


def test_where_years_share_a_value_the_rank_is_told_in_per_cent():
    values = [50.0, 50.0, *RISING[2:]]
    assert in_words(plain_of(values), "1991").endswith(
        "; percentile rank 3 among 30 years of 1991-2020"
    )


def test_where_a_year_has_several_samples_the_rank_is_told_in_per_cent():
    plain = plain_of(RISING)
    plain["against"]["window_days"] = 15
    assert in_words(plain, "1994").endswith("; percentile rank 12 among 30 years of 1991-2020")


def test_words_of_other_variables_are_neither_dry_nor_warm():
    plain = plain_of(RISING, variable={"long_name": "mean of NDVI"}, units="1")
    assert in_words(plain, "1994").endswith("lower than 26 of 30 years of 1991-2020")


def test_an_index_is_named():
    spi = {"variable": {"long_name": "SPI-3, monthly steps, 1991/2020"}, "units": "1"}
    plain = plain_of(RISING) | {"index": {"title": "standardized precipitation index"}} | spi
    del plain["against"], plain["series"][0]["against"]
    plain["series"][0]["value"][3] = -2.3016736
    assert in_words(plain, "1994") == (
        "Turkana, March-May 1994: -2.30 (SPI-3, monthly steps, 1991/2020)"
    )
    plain["series"][0]["value"][3] = -0.2583
    assert "1994: -0.26 (SPI-3" in in_words(plain, "1994")


def test_another_operation_than_the_mean_is_named():
    plain = plain_of(RISING, request={"operation": "max"})
    assert "March-May 1994: max 130 mm, 53 %" in in_words(plain, "1994")


@pytest.mark.parametrize(
    ("normal", "value"), [(0.0123, "0.006"), (1.23, "0.6"), (12.3, "6"), (1234567.0, "617,284")]
)
def test_numbers_have_as_many_figures_as_matter(normal: float, value: str):
    plain = plain_of([normal] * 30 + [normal / 2])
    assert f": {value} mm, 50 % of normal" in in_words(plain)


def test_of_several_zones_each_has_a_line():
    plain = plain_of(RISING)
    other = plain["series"][0] | {"zone": {"id": "KEN-wajir", "name": "Wajir"}}
    plain["series"].append(other | {"value": [1.0] * 30})
    first, second = in_words(plain, "1994").split("\n")
    assert first.startswith("Turkana, March-May 1994: 130 mm")
    assert second.startswith("Wajir, March-May 1994: 1 mm")
    assert in_words(plain, "1994", "KEN-wajir") == second


def test_of_several_members_each_has_a_line():
    plain = plain_of(RISING)
    del plain["against"], plain["series"][0]["against"]
    plain["request"] = {"operation": "mean", "options": {"select": []}}
    plain["dimensions"] = {"member": {"labels": ["1", "2"]}}
    plain["series"] = [plain["series"][0] | {"select": {"member": one}} for one in "12"]
    assert in_words(plain, "1994") == (
        "Turkana, member 1, March-May 1994: 130 mm\nTurkana, member 2, March-May 1994: 130 mm"
    )
    assert in_words(plain, "1994", select={"member": 2}) == (
        "Turkana, member 2, March-May 1994: 130 mm"
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.49, "0.5 mm, 0 %"), (0.03, "0.03 mm, 0 %"), (0.0004, "0.00 mm, 0 %"), (0.0, "0 mm, 0 %")],
)
def test_a_little_is_not_shown_as_nothing(value: float, said: str):
    assert f"2021: {said} of normal (245 mm)" in in_words(plain_of([*RISING, value]))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"date": "1980"}, "1980 is no step"),
        ({"zone": "Wajir"}, "no zone 'Wajir'"),
        ({"operation": "max"}, "no max"),
    ],
)
def test_what_is_not_in_the_result_is_refused(options: dict[str, str], said: str):
    with pytest.raises(InvalidRequestError, match=said):
        in_words(plain_of(RISING), **options)


@given(
    st.lists(st.integers(0, 40), min_size=12, max_size=40).map(
        lambda numbers: [float(one) for one in numbers]
    ),
    st.sampled_from(["in", "out"]),
)
def test_counts_are_those_of_the_years(values: list[float], own_year: str):
    """Whatever it counts: fewer or none are named where years share a value."""
    plain = plain_of(values, range(1991, 1991 + len(values)), own_year)
    for number, value in enumerate(values):
        others = values if own_year == "in" else values[:number] + values[number + 1 :]
        if not (
            found := re.search(r"(drier|wetter) than (\d+) of", in_words(plain, 1991 + number))
        ):
            continue
        side, count = found[1], int(found[2])
        passed = sum(one > value if side == "drier" else one < value for one in others)
        same = sum(one == value for one in others)
        assert passed <= count <= passed + same // 2
        if same == (own_year == "in"):
            assert count == passed


def test_the_rains_begin_on_a_day():
    said = {"title": "onset of the rains", "index": "onset", "parameters": {"search_from": "03-01"}}
    plain = plain_of(RISING) | {"index": said, "units": "d"}
    del plain["against"], plain["series"][0]["against"]
    plain["series"][0]["value"][3] = 4.0
    assert in_words(plain, "1994") == (
        "Turkana, March-May 1994: onset of the rains on 5 March 1994, 4 days after 1 March"
    )
    with speaking(Language.of("fr")):
        assert "début des pluies le 5 mars 1994, 4 jours après le 1 mars" in in_words(plain, "1994")


def test_counted_days_are_days_in_the_language_of_the_reader():
    said = {
        **{"title": "wet days", "index": "rain_days", "parameters": {"per": "season"}},
        "arguments": {"thresh": "1 mm/day"},
    }
    plain = plain_of(RISING) | {"index": said, "units": "d"}
    del plain["against"], plain["series"][0]["against"]
    plain["series"][0]["value"][3] = 41.0
    assert in_words(plain, "1994").endswith(": 41 days (days of 1 mm or more, by season)")
    with speaking(Language.of("es")):
        assert in_words(plain, "1994").endswith(": 41 días (días con 1 mm o más, por temporada)")

"""Normals by hand: small references, and those about which there is nothing to say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from csserv.climatology.comparison import Comparison
from csserv.climatology.normals import STATISTICS, compare, describe
from csserv.errors import InvalidRequestError
from tests.climatology.tables import one_step, same_steps

#: ten years: 10, 20, …, 100 mm, in no order
TEN = [30.0, 100, 10, 60, 20, 90, 50, 40, 80, 70]
NAMES = [one.name for one in STATISTICS]


def against(values: Any, **said: Any) -> dict[str, Any]:
    """Compare the last year with all of these, one series."""
    column = np.array(values, dtype=float)[:, None]
    found = compare(column, one_step(len(values)), **said)
    return {name: one[0, 0] for name, one in found.items()}


def silent(found: dict[str, Any], *names: str) -> bool:
    """Whether nothing is said of these, or of all but the years."""
    chosen = names or [name for name in NAMES if name != "years_used"]
    return all(found[one] is None or np.isnan(found[one]) for one in chosen)


def test_statistics_of_ten_years_by_hand():
    found = against(TEN)
    # the k-th of ten values is the quantile of (k - 0.5) / 10: 10 mm is that of 5 %, 20 mm of 15 %
    expected = {
        "normal": 55,
        "normal_median": 55,
        "normal_p10": 15,
        "normal_p20": 25,
        "normal_p33": 10 * (10 / 3 + 0.5),
        "normal_p67": 10 * (20 / 3 + 0.5),
        "normal_p80": 85,
        "normal_p90": 95,
        "standard_deviation": np.sqrt(8250 / 9),
        "years_used": 10,
        "anomaly": 15,
        "percent_of_normal": 100 * 70 / 55,
        "percentile_rank": 65,
        "standardised_anomaly": 15 / np.sqrt(8250 / 9),
    }
    assert found.pop("tercile") == "near"
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("last", "rank", "third"),
    [
        (120, 95, "above"),
        (100, 90, "above"),  # 8 below, and one equal to it: (8 + 2 / 2) / 10
        (5, 5, "below"),
        (25, 25, "below"),
        (30, 30, "near"),  # the third and fourth of ten are 30, and so is the lower tercile
    ],
)
def test_rank_counts_half_of_those_that_are_equal(last: float, rank: float, third: str):
    found = against([*TEN[:9], last])
    assert found["percentile_rank"] == pytest.approx(rank)
    assert found["tercile"] == third


def test_own_year_counts_unless_it_is_left_out():
    eleven = [*TEN, 110.0]
    inside, outside = against(eleven), against(eleven, own_year="out")
    assert (inside["years_used"], outside["years_used"]) == (11, 10)
    assert (inside["normal"], outside["normal"]) == (60, 55)
    assert inside["percentile_rank"] == pytest.approx(100 * 10.5 / 11)
    assert outside["percentile_rank"] == 100
    assert silent(against(TEN, own_year="out"))  # nine years are left


def test_own_year_is_left_out_of_a_window_of_days_by_the_year_of_the_sample():
    comparison = same_steps(365, range(1991, 2002), [2001], window=7)
    values = np.zeros((365 * 11 + 7, 1))
    values[365 * 10 - 7 :] = 5.0  # the last week of 2000 belongs to the window of January 2001
    inside, outside = compare(values, comparison), compare(values, comparison, "out")
    assert inside["normal"][0, 0] == pytest.approx(5 * 15 / (15 * 11 - 7))  # no days before 1991
    assert outside["normal"][0, 0] == 0
    assert (inside["years_used"] == 11).all()
    assert (outside["years_used"] == 10).all()


def test_years_count_once_however_many_of_their_days_have_a_value():
    comparison = same_steps(3, range(1991, 2003), [2002], window=1)
    values = np.full((3 * 12 + 1, 1), np.nan)
    values[1 : 3 * 12 : 3] = np.arange(12.0)[:, None]  # the second of three steps of each year
    values[0] = 1.0
    found = compare(values, comparison)
    assert found["years_used"][:, 0].tolist() == [12, 12, 12]
    values[4:13:3] = np.nan  # three years
    assert compare(values, comparison)["years_used"][:, 0].tolist() == [9, 9, 9]


def test_fewer_than_ten_years_are_counted_and_nothing_else_is_said():
    found = against(TEN[:9])
    assert silent(found)
    assert found["years_used"] == 9
    found = against([*TEN[:9], np.nan, np.nan])
    assert silent(found)
    assert found["years_used"] == 9


def test_gaps_of_the_reference_do_not_count():
    gaps = against([np.nan, *TEN[:5], np.nan, np.inf, -np.inf, *TEN[5:]])
    assert gaps == against(TEN)


def test_step_without_a_value_has_a_normal_and_nothing_else():
    found = against([*TEN, np.nan])
    of_value = NAMES[NAMES.index("anomaly") :]
    assert silent(found, *of_value)
    assert {name: found[name] for name in NAMES if name not in of_value} == {
        name: one for name, one in against(TEN).items() if name not in of_value
    }


def test_where_it_never_rains_a_dry_year_is_near_normal_and_no_share_of_it():
    dry = against([0.0] * 12)
    assert {dry[name] for name in NAMES[:9]} == {0.0}
    assert (dry["anomaly"], dry["percentile_rank"], dry["tercile"]) == (0, 50, "near")
    assert silent(dry, "percent_of_normal", "standardised_anomaly")
    wet = against([0.0] * 12 + [3.0])
    assert (wet["percentile_rank"], wet["tercile"]) == (pytest.approx(100 * 12.5 / 13), "above")
    assert silent(wet, "percent_of_normal")


@pytest.mark.parametrize(("zeros", "given"), [(6, True), (7, False)])
def test_share_of_normal_is_given_while_half_of_the_reference_is_not_0(zeros: int, given: bool):
    found = against([0.0] * zeros + [4.0] * (12 - zeros))
    assert silent(found, "percent_of_normal") is not given
    if given:
        assert found["percent_of_normal"] == 200


def test_share_of_normal_is_none_of_values_that_may_be_negative():
    assert silent(against([-1.0, *TEN]), "percent_of_normal")
    assert silent(against([-v for v in TEN]), "percent_of_normal")
    assert silent(against(TEN, of_amounts=False), "percent_of_normal")
    assert not silent(against(TEN, of_amounts=False), "anomaly", "tercile")


@pytest.mark.parametrize("value", [0.1, 25.3, -7.7, 1e300, 5e-324])
def test_constant_reference_has_no_standardised_anomaly(value: float):
    found = against([value] * 13)
    assert {found[name] for name in NAMES[:8]} == {value}
    assert (found["standard_deviation"], found["anomaly"]) == (0, 0)
    assert (found["percentile_rank"], found["tercile"]) == (50, "near")
    assert silent(found, "standardised_anomaly")


def test_deviation_that_is_rounding_makes_no_standardised_anomaly():
    nearly = np.array([0.1 + 0.2, 0.3] * 6)
    assert len(set(nearly)) == 2
    assert silent(against(nearly), "standardised_anomaly")


@pytest.mark.parametrize("large", [1.7e308, 1e200, 5e-324, 1e-310])
def test_nothing_is_ever_infinite(large: float):
    for some in ([large, 0.0], [large, -large], [large, 1.0]):
        for own_year in ("in", "out"):
            found = against(some * 7, own_year=own_year)
            assert not any(np.isinf(one) for one in found.values() if not isinstance(one, str))


def test_series_are_compared_each_by_itself(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(3)
    values = rng.gamma(1, 20, (36 * 12, 7))
    values[rng.random(values.shape) < 0.1] = np.nan
    comparison = same_steps(12, range(1991, 2021), range(2000, 2026))
    every = compare(values, comparison, "out")
    for number in range(7):
        alone = compare(values[:, [number]], comparison, "out")
        for name in NAMES:
            np.testing.assert_array_equal(every[name][:, [number]], alone[name])
    monkeypatch.setattr("csserv.climatology.normals.AT_ONCE", 1)
    for name, one in compare(values, comparison, "out").items():
        np.testing.assert_array_equal(every[name], one)


def test_nothing_to_compare_with_is_nothing_to_say():
    none = Comparison(np.array([0]), np.empty((1, 0), int), np.empty((1, 0), int), np.array([1991]))
    found = compare(np.array([[3.0]]), none)
    assert found["years_used"].tolist() == [[0]]
    assert all(one[0, 0] is None or np.isnan(one[0, 0]) for one in found.values() if one.any())
    nobody = Comparison(*(np.empty(shape, int) for shape in [(0,), (0, 3), (0, 3), (0,)]))
    assert {one.shape for one in compare(np.ones((3, 2)), nobody).values()} == {(0, 2)}
    assert {one.shape for one in compare(np.ones((9, 0)), one_step(9)).values()} == {(1, 0)}


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="of 10 steps"):
        compare(np.ones((9, 1)), one_step(10))
    with pytest.raises(ValueError, match="series"):
        compare(np.ones(10), one_step(10))
    with pytest.raises(InvalidRequestError, match=r"'maybe'.*in, out"):
        against(TEN, own_year="maybe")


def test_statistics_are_described_with_their_units():
    said = {one["name"]: one for one in describe("mm")}
    assert list(said) == NAMES
    assert said["normal"] == {
        "name": "normal",
        "units": "mm",
        "long_name": "mean of the reference",
        "method": "mean",
    }
    assert {said[name]["units"] for name in ("anomaly", "standard_deviation")} == {"mm"}
    assert [said[name]["units"] for name in NAMES[-5:]] == ["mm", "%", "%", "1", ""]

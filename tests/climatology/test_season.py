"""A season goes on as other years did: totals that one can add up by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.climatology.season import SeasonSteps, season_outlook
from csserv.errors import InvalidRequestError

YEARS = 10
#: four steps a season; year n brings n mm in each
OTHERS = np.broadcast_to(np.arange(1.0, YEARS + 1)[:, None, None], (YEARS, 4, 1)).copy()


def now(*amounts: float) -> np.ndarray:
    return np.array([*amounts, *[np.nan] * (4 - len(amounts))])[:, None]


def test_the_rest_is_that_of_each_year() -> None:
    found = season_outlook(SeasonSteps(now(10.0, 20.0), OTHERS))
    assert found.known == 2
    np.testing.assert_array_equal(found.so_far[:2, 0], [10.0, 30.0])
    assert np.isnan(found.so_far[2:]).all()
    # 30 mm so far, and twice 1 to 10 mm
    np.testing.assert_array_equal(found.ends[:, 0], 30.0 + 2 * np.arange(1, YEARS + 1))
    # totals of the years are 4, 8, … 40 mm: their terciles are 15.33 and 28.67 mm
    assert found.below[0] == 0.0
    assert found.above[0] == 100.0
    assert found.normal_end[0] == 22.0
    assert found.so_far_normal[0] == 11.0
    np.testing.assert_allclose(found.fan[2, 2:, 0], [35.5, 41.0])


def test_terciles_are_those_of_whole_seasons() -> None:
    found = season_outlook(SeasonSteps(now(1.0, 1.0, 1.0), OTHERS))
    # ends are 3 + 1 to 10 mm: 4 … 13 mm, all below 15.33 mm
    assert found.below[0] == 100.0
    assert found.normal[1, -1, 0] == pytest.approx(
        np.quantile(np.arange(4, 44, 4), 1 / 3, method="hazen")
    )


def test_members_of_a_forecast_come_before_the_years() -> None:
    ahead = np.full((2, 4, 1), np.nan)
    ahead[:, 2, 0] = [100.0, 200.0]
    found = season_outlook(SeasonSteps(now(10.0, 20.0), OTHERS, ahead))
    expected = [30.0 + member + year for member in (100.0, 200.0) for year in range(1, YEARS + 1)]
    np.testing.assert_array_equal(found.ends[:, 0], expected)


def test_a_forecast_to_the_end_needs_no_years() -> None:
    ahead = np.full((3, 4, 1), 5.0)
    found = season_outlook(SeasonSteps(now(10.0, 20.0), OTHERS, ahead))
    np.testing.assert_array_equal(found.ends[:, 0], [40.0] * 3)


def test_a_season_that_is_over_ends_with_its_total() -> None:
    found = season_outlook(SeasonSteps(now(1.0, 2.0, 3.0, 4.0), OTHERS))
    assert found.ends.tolist() == [[10.0]]
    assert found.below[0] == 100.0
    assert np.isnan(found.fan).all()


def test_a_year_with_gaps_counts_if_most_of_it_is_there() -> None:
    others = np.broadcast_to(np.arange(1.0, 13.0)[:, None, None], (12, 10, 1)).copy()
    others[0, 3:5] = np.nan  # 8 of 10: the mean stands for the others
    others[1, 3:6] = np.nan  # 7 of 10
    steps = np.full((10, 1), np.nan)
    steps[0] = 0.0
    found = season_outlook(SeasonSteps(steps, others))
    assert found.years[0] == 11
    assert sorted(found.ends[np.isfinite(found.ends)])[0] == 9.0


def test_what_cannot_be_told_is_said() -> None:
    with pytest.raises(InvalidRequestError, match="no step of the season has data yet"):
        season_outlook(SeasonSteps(now(), OTHERS))
    with pytest.raises(InvalidRequestError, match="the reference has 9"):
        season_outlook(SeasonSteps(now(1.0), OTHERS[:9]))


amounts = st.floats(0, 500, allow_nan=False)


@given(
    st.lists(amounts, min_size=1, max_size=5),
    st.lists(st.lists(amounts, min_size=6, max_size=6), min_size=10, max_size=14),
    st.floats(0, 100),
)
def test_more_so_far_is_more_at_the_end(first: list, years: list, more: float) -> None:
    steps = np.array([*first, *[np.nan] * (6 - len(first))])[:, None]
    others = np.array(years)[:, :, None]
    found = season_outlook(SeasonSteps(steps, others))
    wetter = steps.copy()
    wetter[0] += more
    again = season_outlook(SeasonSteps(wetter, others))
    np.testing.assert_allclose(again.ends, found.ends + more, atol=1e-9)
    assert again.below[0] <= found.below[0] + 1e-9
    assert 0 <= found.below[0] + found.above[0] <= 100
    rising = np.diff(found.fan[:, len(first) :, 0], axis=1)
    assert (rising >= -1e-9).all()  # amounts never fall

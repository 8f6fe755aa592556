"""A comparison is whole from birth: shapes agree, indices are of steps."""

from __future__ import annotations

import numpy as np
import pytest

from csserv.climatology.comparison import Comparison
from csserv.climatology.sample_sets import sample_sets
from tests.climatology.tables import same_steps


def comparison(**changed: object) -> Comparison:
    given = {"shown": [2], "samples": [[0, 1]], "years": [[1991, 1992]], "asked_years": [1993]}
    return Comparison(**{name: np.array(one) for name, one in (given | changed).items()})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"shown": [[2]]}, "shown"),
        ({"shown": [2, 3]}, "both are"),
        ({"asked_years": [1993, 1994]}, "both are"),
        ({"years": [[1991]]}, r"both are \(1, most\)"),
        ({"samples": [0, 1]}, r"both are \(1, most\)"),
        ({"samples": [[0, -2]]}, "-1 fills up"),
        ({"shown": [-1]}, "-1 fills up"),
        ({"shown": [2.5]}, "whole numbers"),
    ],
)
def test_what_does_not_agree_is_refused(changed: dict[str, object], said: str):
    with pytest.raises(ValueError, match=said):
        comparison(**changed)


def test_arrays_are_kept_as_they_were_given():
    given = np.array([2])
    kept = comparison(shown=given)
    given[0] = 7
    assert kept.shown.tolist() == [2]
    with pytest.raises(ValueError, match="read-only"):
        kept.shown[0] = 7
    assert kept.steps == 3
    assert comparison(samples=[[0, 5]]).steps == 6


def test_steps_compared_with_the_same_share_a_set():
    years = range(1991, 2021)
    every = same_steps(12, years, range(1991, 2026))
    assert sample_sets(every, "in").samples.shape == (12, 30)
    # a set for each month of the 30 years, which lack themselves, and one for those after
    assert sample_sets(every, "out").samples.shape == (12 * 31, 30)


def test_sets_that_share_samples_but_not_their_years_differ():
    both = Comparison(
        np.array([2, 3]),
        np.array([[0, 1], [0, 1]]),
        np.array([[1991, 1992], [1991, 1991]]),
        np.array([1993, 1994]),
    )
    assert len(sample_sets(both, "in").samples) == 2

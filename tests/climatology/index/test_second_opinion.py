"""A second library says the same, or it is told where it does not, and why."""

from __future__ import annotations

import numpy as np
import pytest

from csserv.climatology.asked_index import AskedIndex, compare_index, compute_index
from csserv.climatology.index.index_series import IndexInputs
from csserv.climatology.index.second_opinion import class_names
from csserv.climatology.index.standardized import FARTHEST
from csserv.errors import InvalidRequestError
from tests.climatology.records import REFERENCE, arid, months, rain, warmth


def compared(values, accumulate=3, **parameters):
    inputs = IndexInputs({"precipitation": values}, {"precipitation": "mm"}, months())
    asked = AskedIndex("spi", "monthly", REFERENCE, accumulate, parameters)
    ours = compute_index(asked, inputs)
    return ours, compare_index(asked, inputs, ours)


def test_zero_rule_alone_moves_the_drought_of_one_month_in_twenty_of_an_arid_series():
    """The share that stands in the explanation of indices."""
    _, same_rule = compared(arid())
    _, other_rule = compared(arid(), zero_rule="center_of_mass")
    assert same_rule.receipt["flips_of_drought"] / same_rule.receipt["steps"] < 0.001
    share = other_rule.receipt["flips_of_drought"] / other_rule.receipt["steps"]
    assert share == pytest.approx(0.058, abs=0.002)
    dry = [flip for flip in other_rule.flips if flip.ours is not None and flip.ours < -1]
    assert {flip.reason for flip in dry} >= {"zero rule: the score of no rain"}


def test_flips_are_the_steps_whose_class_differs_with_both_values():
    ours, other = compared(arid(series=4), accumulate=1)
    here, there = class_names(ours.values), class_names(other.values)
    listed = {(ours.starts.index(flip.start), flip.series) for flip in other.flips}
    assert listed == {tuple(one) for one in np.argwhere(here != there)}
    for flip in other.flips:
        time = ours.starts.index(flip.start)
        assert flip.our_class == here[time, flip.series] != flip.their_class
        assert flip.theirs == other.values[time, flip.series] or flip.theirs is None
    assert sum(other.receipt["reasons"].values()) == other.receipt["flips"] == len(other.flips)


def test_where_it_always_rains_the_fits_alone_differ():
    _, other = compared(rain(540, dry=0.0))
    assert set(other.receipt["reasons"]) == {
        "fit: Thom's approximation here, maximum likelihood in xclim"
    }
    assert other.receipt["flips"] < 0.02 * other.receipt["steps"]


def test_month_without_rain_is_none_here_and_extreme_there():
    values = rain(540, 1)
    values[6::12] = 0.0
    _, other = compared(values, accumulate=1)
    july = [flip for flip in other.flips if flip.start.month == 7]
    assert len(july) == 45
    assert {(flip.our_class, flip.their_class) for flip in july} == {("none", "extremely wet")}


def test_spei_can_be_compared():
    inputs = IndexInputs(
        {"precipitation": rain(540), "temperature": warmth(540)},
        {"precipitation": "mm", "temperature": "degC"},
        months(),
        np.zeros(3),
    )
    asked = AskedIndex("spei", "monthly", REFERENCE, 3, {"distribution": "gamma"})
    ours = compute_index(asked, inputs)
    other = compare_index(asked, inputs, ours)
    known = np.isfinite(ours.values)
    within = np.clip(other.values, -FARTHEST, FARTHEST)
    np.testing.assert_allclose(within[known], ours.values[known], rtol=0, atol=0.01)
    assert other.receipt["arguments"]["zero_inflated"] is False


@pytest.mark.parametrize(
    ("name", "step", "parameters", "words"),
    [
        ("pnp", "monthly", {}, "xclim has no pnp"),
        ("spi", "dekad", {}, "of dekad steps"),
        ("spi", "monthly", {"distribution": "pearson"}, "'pearson' cannot be compared"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(name, step, parameters, words):
    inputs = IndexInputs({"precipitation": rain(540)}, {"precipitation": "mm"}, months())
    asked = AskedIndex(name, step, REFERENCE, 1, parameters)
    ours = compute_index(AskedIndex("deciles", "monthly"), inputs)
    with pytest.raises(InvalidRequestError, match=words):
        compare_index(asked, inputs, ours)
    with pytest.raises(InvalidRequestError, match="compare is 'scipy'; allowed is 'xclim'"):
        compare_index(asked, inputs, ours, "scipy")

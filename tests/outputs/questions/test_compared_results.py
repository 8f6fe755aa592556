"""Results side by side: how far they are apart, worked out by hand."""

from __future__ import annotations

import math

import pytest

from csserv.errors import InvalidRequestError
from csserv.notebook.comparing import name_results
from csserv.outputs.questions.compared_results import Comparison
from csserv.outputs.series_result import SeriesResult
from tests.outputs.questions.test_zone_questions import answer

DAYS = ["2019-01-01", "2019-01-02", "2019-01-03", "2019-01-04"]
ONE = answer({"West": [1.0, 2.0, 3.0, 9.0], "East": [5.0, 5.0, 5.0, 9.0]}, DAYS)


def test_results_are_compared_at_the_steps_that_both_have():
    other = answer(
        {"West": [0.0, 2.0, 4.0, 5.0], "East": [None, 6.0, 8.0, 7.0]}, ["2018-12-31", *DAYS[:3]]
    )
    compared = Comparison({"a": ONE, "b": other})
    frame = compared.to_dataframe()
    assert frame.columns.tolist() == ["zone", "time", "a", "b"]
    assert frame[frame["zone"] == "West"]["b"].tolist() == [2.0, 4.0, 5.0]
    west, east = compared.table().to_dict("records")
    # West: 1, 2, 3 and 2, 4, 5: gaps 1, 2, 2
    assert (west["zone"], west["result"], west["steps"]) == ("West", "b", 3)
    assert (west["reference"], west["mean"]) == (2.0, pytest.approx(11 / 3))
    assert west["bias"] == pytest.approx(5 / 3)
    assert west["rmse"] == pytest.approx(math.sqrt(9 / 3))
    assert west["correlation"] == pytest.approx(3 / math.sqrt(2 * 14 / 3))
    # East never changes in the first: 5, 5, 5 and 6, 8, 7
    assert (east["bias"], east["steps"]) == (2.0, 3)
    assert math.isnan(east["correlation"])
    assert compared.table().attrs["units"] == "mm"


def test_steps_without_a_number_in_one_do_not_count():
    other = answer({"West": [1.0, None, 5.0, None], "East": [5.0] * 4}, DAYS)
    west = Comparison({"a": ONE, "b": other}).table().iloc[0]
    assert (west["steps"], west["bias"], west["mean"]) == (2, 1.0, 3.0)


def lasting(values: list[float], starts: list[str], ends: list[str]) -> SeriesResult:
    """A result that says when its steps end."""
    found = answer({"West": values}, starts)
    found.json["intervals"] = {"end": ends}
    return found


def test_a_step_is_not_compared_with_one_that_only_begins_with_it():
    months = lasting([30.0, 60.0], ["2019-01-01", "2019-02-01"], ["2019-02-01", "2019-03-01"])
    starts = ["2019-01-01", "2019-01-11", "2019-01-21", "2019-02-01"]
    dekads = lasting([1.0, 2.0, 3.0, 4.0], starts, [*starts[1:], "2019-02-11"])
    with pytest.raises(
        InvalidRequestError,
        match=r"2019-02-01 in steps of 29.5 days; b has 2019-01-01 to 2019-02-01 in steps of 10",
    ):
        Comparison({"a": months, "b": dekads}).table()
    # the data of the other end in the middle of February
    cut = lasting([31.0, 20.0], ["2019-01-01", "2019-02-01"], ["2019-02-01", "2019-02-15"])
    table = Comparison({"a": months, "b": cut}).table()
    assert (table["steps"].tolist(), table["bias"].tolist()) == ([1], [1.0])


def test_members_are_compared_by_their_mean():
    members = answer({"West 1": [1.0], "West 2": [4.0]}, DAYS[:1])
    compared = Comparison({"a": answer({"West": [2.0]}, DAYS[:1]), "b": members})
    assert compared.to_dataset()["b"].values.tolist() == [2.5]
    assert compared.table()["bias"].tolist() == [0.5]


def test_only_the_same_is_compared():
    with pytest.raises(InvalidRequestError, match="have other zones: w, e"):
        Comparison({"a": ONE, "b": answer({"West": [1.0] * 4}, DAYS)})
    metres = answer({"West": [1.0] * 4, "East": [1.0] * 4}, DAYS)
    metres.json["units"] = "m"
    with pytest.raises(InvalidRequestError, match="have other units: mm and m; ask"):
        Comparison({"a": ONE, "b": metres})
    later = answer({"West": [1.0], "East": [1.0]}, ["2020-01-01"])
    with pytest.raises(InvalidRequestError, match="no step is in all results: a has 2019-01-01 to"):
        Comparison({"a": ONE, "b": later}).table()
    with pytest.raises(InvalidRequestError, match="name two datasets"):
        name_results([("rain", ONE)])


def test_results_of_one_dataset_are_numbered():
    named = name_results([("rain", ONE), ("wind", ONE), ("rain", ONE)])
    assert list(named.results) == ["rain 1", "wind", "rain 2"]
    assert "<table" in named._repr_html_()

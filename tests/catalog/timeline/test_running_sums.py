"""Values that grow from 00 UTC on are told by their numbers, and a day's sum is its last value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from csserv.catalog import CatalogEntry
from csserv.catalog.adding import make_row, over_time_by_numbers
from csserv.catalog.timeline.running_sums import ENDLESS
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.tasks.work.in_process import compute_series
from tests.files import LAT, LON, Layout, write_granule

ATTRIBUTES = {"units": "mm", "long_name": "Total precipitation"}
ONE_CELL = Area.from_box(LON[0] - 0.25, LAT[1] - 0.25, LON[0] + 0.25, LAT[1] + 0.25)


def hourly(path: Path, values: list[float] | np.ndarray, every: int = 1, first: int = 1) -> Path:
    """Write values at the ends of hours of 2019, the same in each of four cells."""
    field = np.asarray(values, "f4")[:, None, None] * np.ones((1, 2, 2), "f4")
    layout = Layout(attributes=ATTRIBUTES)
    days = (first + np.arange(len(values)) * every) / 24
    return write_granule(path, field, LAT[:2], LON[:2], layout, days)


def entry(folder: Path, over_time: str = "accumulated") -> CatalogEntry:
    return CatalogEntry("rain", "Rain", "rain", "*.nc", folder, over_time=over_time)


def growing(amounts: np.ndarray) -> np.ndarray:
    """Add up the amounts of hours (days, hours) within each day."""
    return np.cumsum(amounts.reshape(-1, 24), axis=1).ravel()


def sums(
    dataset: CatalogEntry, time_step: str, over_time: str = "", days: str = "2018-12/2019-12"
) -> dict[str, float]:
    period = Period.parse(days)
    options = Options(time_step=time_step, over_time=over_time)
    request = Request("rain", "mean", ONE_CELL, period, options)
    found = compute_series(dataset, dataset.covering(period, options), request)
    times = [one.strftime("%Y-%m-%d") for one in found.series.times]
    return dict(zip(times, found.series.values[0, :, 0].tolist(), strict=True))


def test_sum_of_a_day_is_its_last_value(tmp_path: Path):
    hourly(tmp_path / "a.nc", growing(np.repeat([1.0, 2.0], 24)))
    assert sums(entry(tmp_path), "daily") == pytest.approx({"2019-01-01": 24, "2019-01-02": 48})
    both = "2019-01-01/2019-01-02"
    assert sums(entry(tmp_path), "monthly", days=both) == pytest.approx({"2019-01-01": 72})
    assert sums(entry(tmp_path), "monthly", "max", both) == pytest.approx({"2019-01-01": 48})


def test_day_without_its_last_hour_has_no_sum(tmp_path: Path):
    hourly(tmp_path / "a.nc", growing(np.repeat([1.0, 2.0], 24))[:-1])
    assert sums(entry(tmp_path), "daily") == pytest.approx({"2019-01-01": 24})


def test_value_at_midnight_is_of_the_day_before(tmp_path: Path):
    # a file of ERA5-Land begins with the stamp of 00 UTC, which ends the day before
    hourly(tmp_path / "a.nc", [7.0, *growing(np.ones(24))], first=0)
    assert sums(entry(tmp_path), "daily") == pytest.approx({"2018-12-31": 7, "2019-01-01": 24})


def test_steps_of_three_hours_grow_too(tmp_path: Path):
    hourly(tmp_path / "a.nc", growing(np.ones(48))[2::3], every=3, first=3)
    assert sums(entry(tmp_path), "daily") == pytest.approx({"2019-01-01": 24, "2019-01-02": 24})


def test_native_steps_stay_as_they_are_and_say_so(tmp_path: Path):
    hourly(tmp_path / "a.nc", growing(np.ones(24)))
    found = entry(tmp_path).covering(Period.parse("2019"))
    assert len(found) == 24
    assert [one.code for one in found.notes] == ["accumulated"]


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, (2, 24), elements=st.sampled_from([0.0, 0.25, 1.0, 3.0])))
def test_sums_of_days_are_those_of_their_hours(
    tmp_path_factory: pytest.TempPathFactory, amounts: np.ndarray
):
    folder = tmp_path_factory.mktemp("hours")
    hourly(folder / "a.nc", growing(amounts))
    expected = dict(zip(("2019-01-01", "2019-01-02"), amounts.sum(axis=1).tolist(), strict=True))
    assert sums(entry(folder), "daily") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("amounts", "grows", "found"),
    [
        (np.ones(48), True, "accumulated"),
        (np.tile([0, 0, 3, 1, 0, 2, 0, 0], 6), True, "accumulated"),
        (-np.tile([0, 0, 3, 1, 0, 2, 0, 0], 6), True, "accumulated"),  # evaporation of ERA5
        (np.tile([0, 0, 3, 1, 0, 2, 0, 0], 6), False, "sum"),
        (np.tile(np.sin(np.linspace(0, 3, 24)), 2), False, "sum"),  # sunlight of each hour
        (np.zeros(48), True, ""),  # in a dry month the numbers do not tell
        (np.ones(48), False, ""),
    ],
)
def test_numbers_tell_whether_values_grow(
    tmp_path: Path, amounts: np.ndarray, grows: bool, found: str
):
    hourly(tmp_path / "a.nc", growing(amounts) if grows else amounts)
    assert over_time_by_numbers(entry(tmp_path, "")) == found


def test_noise_of_packing_hides_no_growth(tmp_path: Path):
    noise = np.random.default_rng(1).normal(0, 1e-6, 48)
    path = tmp_path / "a.nc"
    hourly(path, growing(np.ones(48)) + noise)
    assert over_time_by_numbers(entry(tmp_path, "")) == "accumulated"


def test_values_that_begin_anew_at_another_hour_are_not_said_to_grow(tmp_path: Path):
    hourly(tmp_path / "a.nc", np.roll(growing(np.ones(48)), 6))
    assert over_time_by_numbers(entry(tmp_path, "")) == ""


def test_days_cannot_grow_from_midnight_on(tmp_path: Path):
    hourly(tmp_path / "a.nc", [1, 2, 3], every=24, first=24)
    with pytest.raises(InvalidRequestError, match="is for steps shorter than a day"):
        sums(entry(tmp_path), "monthly")


def test_no_day_ends_where_no_step_does(tmp_path: Path):
    hourly(tmp_path / "a.nc", growing(np.ones(24))[:20])
    with pytest.raises(InvalidRequestError, match="no step ends at 00 UTC"):
        sums(entry(tmp_path), "daily")
    odd = replace(entry(tmp_path), time_at="start")
    with pytest.raises(InvalidRequestError, match="say time_at"):
        sums(odd, "daily")


def test_totals_since_the_beginning_of_a_run_are_not_added_without_a_word(tmp_path: Path):
    hourly(tmp_path / "a.nc", np.cumsum(np.ones(60)))
    assert over_time_by_numbers(entry(tmp_path, "")) == ENDLESS
    with pytest.raises(InvalidRequestError, match="also over midnight, as a total since the"):
        make_row(tmp_path, "rain", "*.nc", {})
    assert make_row(tmp_path, "rain", "*.nc", {"over_time": "max"})["over_time"] == "max"


def test_a_total_that_is_packed_may_fall_a_little(tmp_path: Path):
    noise = np.random.default_rng(1).normal(0, 1e-6, 96)
    hourly(tmp_path / "a.nc", np.cumsum(np.ones(96)) + noise)
    assert over_time_by_numbers(entry(tmp_path, "")) == ENDLESS

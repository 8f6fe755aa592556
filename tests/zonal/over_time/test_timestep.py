"""Longer time steps, on days that one can count."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import cftime
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period
from csserv.zonal.over_time.timestep import Step, time_steps
from tests.engine import answer, plan_of
from tests.files import LAT, LON, Layout, write_granule

BOX = Area.from_box(24, -1, 36, 5)


def days(count: int, start: str = "2019-01-01", calendar: str = "standard", first: int = 0) -> list:
    numbers = np.arange(first, first + count)
    return list(cftime.num2date(numbers, f"days since {start}", calendar))


def steps(name: str, times: list, period: str) -> list[Step]:
    return time_steps(name, times, np.ones(len(times)), Period.parse(period))


def starts(name: str, times: list, period: str) -> list[tuple[int, int, int]]:
    return [step.start for step in steps(name, times, period)]


def test_pentads_and_dekads_are_those_of_rainfall_services():
    january = days(31)
    ends = [step.end[2] for step in steps("pentad", january, "2019-01")]
    assert ends == [5, 10, 15, 20, 25, 31]
    assert [len(step.run) for step in steps("dekad", january, "2019-01")] == [10, 10, 11]
    february = [time for time in days(59) if time.month == 2]
    assert [step.end[2] for step in steps("dekad", february, "2019-02")] == [10, 20, 28]


def test_weeks_begin_on_monday():
    found = steps("weekly", days(20), "2019-01-01/2019-01-20")  # a Tuesday to a Sunday
    assert [step.start for step in found] == [(2018, 12, 31), (2019, 1, 7), (2019, 1, 14)]
    assert [step.complete for step in found] == [False, True, True]
    assert [step.days for step in found] == [6, 7, 7]


def test_winter_is_that_of_january():
    found = steps("seasonal", days(90, "2019-12-01"), "2019-12/2020-02")
    assert [(step.start, step.end) for step in found] == [((2019, 12, 1), (2020, 2, 29))]
    assert [step.complete for step in found] == [False]  # 29 February is missing
    assert steps("seasonal", days(91, "2019-12-01"), "2019-12/2020-02")[0].complete
    found = starts("seasonal", days(365), "2019")
    assert found == [(2018, 12, 1), (2019, 3, 1), (2019, 6, 1), (2019, 9, 1), (2019, 12, 1)]


def test_every_calendar_has_its_own_months_and_years():
    found = steps("monthly", days(360, calendar="360_day"), "2019")
    assert {step.days for step in found} == {30}
    assert all(step.complete for step in found)
    found = steps("yearly", days(365, "2020-01-01", "noleap"), "2020")
    assert [(step.days, step.complete) for step in found] == [(365, True)]


def test_the_whole_period_is_one_step():
    (step,) = steps("period", days(59), "2019-01-01/2019-02-28")
    assert (step.start, step.end) == ((2019, 1, 1), (2019, 2, 28))
    assert (step.run, step.days, step.complete) == (range(59), 59, True)


def test_steps_that_the_period_cuts_are_marked():
    found = steps("monthly", days(59)[14:45], "2019-01-15/2019-02-14")
    assert [(step.days, step.complete) for step in found] == [(17, False), (14, False)]


@given(
    st.sampled_from(["daily", "pentad", "weekly", "dekad", "monthly", "seasonal", "yearly"]),
    st.integers(1, 800),
    st.integers(0, 400),
    st.sampled_from(["standard", "noleap", "360_day"]),
)
def test_each_step_of_the_data_is_in_one_longer_step(name, count, first, calendar):
    times = days(count, "2018-11-20", calendar, first)
    found = steps(name, times, "2000/2030")
    assert [i for step in found for i in step.run] == list(range(count))
    for step in found:
        inside = [(t.year, t.month, t.day) for t in times[step.run.start : step.run.stop]]
        assert all(step.start <= day <= step.end for day in inside)
        assert step.complete == (len(step.run) == step.days)


def granule(folder: Path, field: np.ndarray, layout: Layout | None = None) -> Granule:
    return Granule(write_granule(folder / "a.nc", field, LAT, LON, layout), "rain")


def year_of_rain(seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).gamma(0.5, 9, (365, 16, 20)).astype("f4")


@pytest.mark.parametrize("chunks", [(365, 5, 7), (31, 16, 20), (1, 16, 20)])
def test_a_month_is_the_sum_of_its_days_cell_by_cell(tmp_path: Path, chunks):
    field = year_of_rain()
    one = granule(tmp_path, field, Layout(storage={"zlib": True, "chunksizes": chunks}))
    monthly = Options(time_step="monthly")
    inside = field[:, 3:9, 4:16].astype("f8")
    edges = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    sums = np.array([inside[a:b].sum(axis=0) for a, b in pairwise(edges)])
    values, _ = answer([one], BOX, "max", options=monthly, rule="rate")
    np.testing.assert_allclose(values[:, 0], sums.max(axis=(1, 2)), rtol=1e-12)
    values, _ = answer([one], BOX, "median", options=monthly, rule="rate")
    assert values.shape == (12, 1)
    means = sums / np.diff(edges)[:, None, None]
    values, _ = answer([one], BOX, "min", options=monthly, rule="mean")
    np.testing.assert_allclose(values[:, 0], means.min(axis=(1, 2)), rtol=1e-12)
    values, _ = answer([one], BOX, "max", options=monthly, rule="max")
    np.testing.assert_allclose(
        values[:, 0],
        [inside[a:b].max() for a, b in pairwise(edges)],
    )


@pytest.mark.parametrize("name", ["mean", "sum", "total"])
def test_months_add_up_to_the_year(tmp_path: Path, name: str):
    one = granule(tmp_path, year_of_rain(), Layout(storage={"zlib": True}))
    totals = [
        answer([one], BOX, name, options=Options(time_step=step), rule="rate")[0].sum()
        for step in ("daily", "dekad", "monthly", "yearly", "period")
    ]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-12)


@pytest.mark.parametrize("first", [(1,), (1, 11, 21), (1, 6, 11, 16, 21, 26)])
def test_amounts_of_unequal_steps_add_up_to_the_year(tmp_path: Path, first: tuple[int, ...]):
    days = np.array([date(2019, m, d).timetuple().tm_yday - 1 for m in range(1, 13) for d in first])
    amounts = np.arange(1.0, len(days) + 1)
    field = amounts[:, None, None] + np.zeros((len(days), 16, 20))
    path = write_granule(tmp_path / "a.nc", field, LAT, LON, days=days)
    for step in ("yearly", "period"):
        options = Options(time_step=step)
        values, _ = answer([Granule(path, "rain")], BOX, "mean", options=options, rule="sum")
        assert values[0, 0] == pytest.approx(amounts.sum(), rel=1e-12)


def test_valid_days_stand_for_missing_ones_where_there_are_enough(tmp_path: Path):
    field = np.full((31, 16, 20), 2.0)
    field[:5, :, :10] = np.nan  # west of 30 E five of 31 days are missing: 84 % are valid
    field[:8, :, 10:] = np.nan  # east of it eight: 74 %
    one = granule(tmp_path, field)
    area = Area.from_box(25, 0, 35, 1)
    values, percent = answer(
        [one], area, "mean", "2019-01", Options(time_step="monthly"), rule="rate"
    )
    assert values[0, 0] == pytest.approx(62)
    assert percent[0, 0] == pytest.approx(50)
    some = Options(time_step="monthly", least_valid=70)
    values, percent = answer([one], area, "mean", "2019-01", some, rule="rate")
    assert (values[0, 0], percent[0, 0]) == pytest.approx((62, 100))
    everything = Options(time_step="monthly", least_valid=100)
    values, percent = answer([one], area, "mean", "2019-01", everything, rule="rate")
    assert np.isnan(values[0, 0])
    assert percent[0, 0] == 0


def test_a_longer_step_may_lie_in_several_files(tmp_path: Path):
    field = np.arange(1.0, 60)[:, None, None] + np.zeros((59, 16, 20))
    whole = Granule(write_granule(tmp_path / "w.nc", field, LAT, LON), "rain")
    parts = [
        Granule(
            write_granule(
                tmp_path / f"{first}.nc",
                field[first : first + 10] / scale,
                LAT,
                LON,
                Layout(attributes={"scale_factor": scale}, storage={"zlib": True}),
                np.arange(first, min(first + 10, 59)),
            ),
            "rain",
        )
        for first, scale in zip(range(0, 59, 10), (1.0, 0.5, 1.0, 0.25, 2.0, 1.0), strict=True)
    ]
    for step in ("monthly", "weekly", "period", "native"):
        options = Options(time_step=step)
        one, many = (answer(g, BOX, "mean", options=options)[0] for g in ([whole], parts))
        np.testing.assert_allclose(one, many, rtol=1e-12)


def test_time_steps_that_the_data_cannot_give_are_refused(tmp_path: Path):
    months = np.array([0, 31, 59, 90])
    path = write_granule(tmp_path / "a.nc", np.ones((4, 16, 20)), LAT, LON, days=months)
    one = [Granule(path, "rain")]
    with pytest.raises(InvalidRequestError, match=r"longer than dekad; allowed are .*monthly"):
        plan_of(one, BOX, "mean", options=Options(time_step="dekad"))
    with pytest.raises(InvalidRequestError, match="unknown time step 'montly'; allowed are native"):
        plan_of(one, BOX, "mean", options=Options(time_step="montly"))
    values, _ = answer(one, BOX, "mean", options=Options(time_step="monthly"), rule="rate")
    np.testing.assert_allclose(values[:, 0], [31, 28, 31, 30])


RANDOM = np.random.default_rng(5).gamma(0.5, 9, (60, 16, 20)).astype("f4")
STATISTICS = ("mean", "std", "median", "max")
LENGTHS = ("native", "weekly")


@pytest.fixture(scope="module")
def of_one_file(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], np.ndarray]:
    """The answers that one file gives."""
    path = tmp_path_factory.mktemp("whole") / "whole.nc"
    whole = [Granule(write_granule(path, RANDOM, LAT, LON), "rain")]
    return {
        (name, step): answer(whole, BOX, name, options=Options(time_step=step))[0]
        for name in STATISTICS
        for step in LENGTHS
    }


@pytest.mark.slow
@settings(max_examples=12)
@given(st.integers(1, 60), st.integers(1, 9), st.sampled_from(STATISTICS))
def test_blocks_of_any_size_give_the_same_answer(
    tmp_path_factory, of_one_file, length, chunk, name
):
    folder = tmp_path_factory.mktemp("blocks")
    steps = min(chunk, length, 60 % length or length)
    layout = Layout(storage={"zlib": True, "chunksizes": (steps, 5, 7)})
    parts = [
        Granule(
            write_granule(
                folder / f"{first:02}.nc",
                RANDOM[first : first + length],
                LAT,
                LON,
                layout,
                np.arange(first, min(first + length, 60)),
            ),
            "rain",
        )
        for first in range(0, 60, length)
    ]
    for step in LENGTHS:
        found, _ = answer(parts, BOX, name, options=Options(time_step=step))
        np.testing.assert_allclose(found, of_one_file[name, step], rtol=1e-12)


@settings(max_examples=60)
@given(
    name=st.sampled_from(["daily", "pentad", "dekad", "weekly", "monthly", "seasonal", "yearly"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day"]),
    gaps=st.lists(st.sampled_from([0.25, 1.0, 2.0, 9.0, 40.0, 400.0]), min_size=1, max_size=60),
)
def test_each_time_is_in_the_step_that_it_has_by_itself(name, calendar, gaps):
    times = list(cftime.num2date(np.cumsum(gaps), "days since 1999-11-20", calendar))
    found = steps(name, times, "1990/2100")
    assert [n for step in found for n in step.run] == list(range(len(times)))
    alone = [steps(name, [time], "1990/2100")[0] for time in times]
    for step in found:
        assert {(alone[n].start, alone[n].end) for n in step.run} == {(step.start, step.end)}
    assert all(one.start != after.start for one, after in pairwise(found))
